// Giving up incomplete messages; see orphans.h.
#include "relay/orphans.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/phone_number.h"
#include "modem/sms/reassembly.h"
#include "relay/replies.h"

namespace pigeon::relay {
namespace {

constexpr int kBatch = 100;

// A family's parts as reassembly sees them, beside their rows.
struct Parts {
  std::vector<store::LongPart> rows;
  std::vector<modem::PartKey> keys;

  explicit Parts(std::vector<store::LongPart> read) : rows(std::move(read)) {
    for (const store::LongPart& row : rows)
      if (auto key = modem::part_key(row.id, row.pdu, row.received_at, row.modem))
        keys.push_back(std::move(*key));
  }
  [[nodiscard]] const store::LongPart& row_of(const modem::PartKey& key) const {
    return *std::ranges::find(rows, key.id, &store::LongPart::id);
  }
};

// Sent again part by part, as phones do that did not hear that the network has it: its text was taken.
bool was_taken(const modem::PartSet& set, const Parts& settled) {
  return std::ranges::all_of(set, [&settled](const modem::PartKey& part) {
    return std::ranges::any_of(settled.keys, [&](const modem::PartKey& key) {
      return settled.row_of(key).state == store::PartState::joined && modem::are_copies(key, part);
    });
  });
}

class GivingUp {
 public:
  GivingUp(const Office& office, store::Transaction& transaction, UtcTime now)
      : store_(office.store), transaction_(transaction), now_(now) {}

  // True: some of it was given up.
  bool work(const store::Family& family) {
    const Parts waiting(store_.parts.waiting(family));
    const Parts settled(store_.parts.settled(family));
    bool any = false;
    for (const modem::PartSet& set : modem::part_sets(waiting.keys)) {
      if (!is_over(set)) continue;
      any = true;
      if (was_taken(set, settled))
        move(set, store::PartState::ignored, store::PartReason::copy);
      else
        give_up(family, set, waiting);
    }
    return any;
  }
  [[nodiscard]] Orphans& done() { return done_; }

 private:
  // As Parts::overdue sees it, of all its parts.
  [[nodiscard]] bool is_over(const modem::PartSet& set) const {
    return std::ranges::all_of(set, [this](const modem::PartKey& part) {
      const UtcTime sent = part.timestamp && *part.timestamp <= now_ ? UtcTime(*part.timestamp) : UtcTime{};
      return std::max<UtcTime>(part.arrival, sent) <= now_ - kOrphanedAfter;
    });
  }
  void move(const modem::PartSet& set, store::PartState state, store::PartReason reason) {
    for (const modem::PartKey& part : set) store_.parts.move(transaction_, part.id, state, reason, "");
  }
  void give_up(const store::Family& family, const modem::PartSet& set, const Parts& waiting) {
    move(set, store::PartState::quarantined, store::PartReason::incomplete);
    done_.log.push_back("the rest of a long text from " + log::masked(family.sender) +
                        " never came: what there is of it is kept in quarantine");
    const bool quiet = std::ranges::any_of(
        set, [&waiting](const modem::PartKey& part) { return waiting.row_of(part).quiet; });
    const auto phone = PhoneNumber::parse(family.sender);
    if (quiet || !phone) return;
    // Nobody knows all its words, so all that are incomplete count as the same.
    const std::string& modem = set.back().modem;
    if (store_.outbox.answer(transaction_, {phone->e164(), replies::incomplete(), modem, std::nullopt}, "",
                             store_.accounts.user_exists(*phone), now_))
      done_.modems.insert(modem);
  }

  store::Store& store_;
  store::Transaction& transaction_;
  UtcTime now_;
  Orphans done_;
};

}  // namespace

Orphans give_up_orphans(const Office& office, store::Transaction& transaction, UtcTime now) {
  GivingUp giving_up(office, transaction, now);
  const auto families = office.store.parts.overdue(now - kOrphanedAfter, now, kBatch);
  bool any = false;
  for (const store::Family& family : families) any = giving_up.work(family) || any;
  giving_up.done().more = any && families.size() == kBatch;
  return std::move(giving_up.done());
}

}  // namespace pigeon::relay
