// The pairings table: one row for each link that was texted to somebody, from the offer to its end.
// Linking by PIN goes offered → started → linked: offered until X has given its request token, started while
// the PIN is awaited.
//
//   offered → started ⇄ authorised → linked   (authorised waits for the text-back code)
//      │         │          │
//      ├─────────┴──────────┴→ failed            (refused at X, error, wrong codes, another phone's code)
//      └─────────┴──────────┴→ dropped           (START, STOP, or the SMS never left: nothing is said)
//
// A phone has one that has not ended, at most (a unique index); may_become() is the table of the arrows.
// Links, OAuth states and cookies are kept as SHA-256 only, text-back codes, which have few values, as a
// digest under the store's key, by which one is found whoever texts it, and sealed, for the browser that was
// shown it; verifier and tokens are sealed, too. A browser is known by its cookie until its pairing is
// dropped. Every row ends at expires_at; that of a texted link moves when its SMS is sent. What follows from
// a step is a job that the same transaction makes: to tell the person how it ended, to end an authorised one
// whose code never comes, to revoke a grant that nobody will use. Whoever calls rings the lanes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/phone_number.h"
#include "store/accounts.h"
#include "store/jobs.h"
#include "store/revocations.h"
#include "store/secret_box.h"
#include "store/sqlite.h"

namespace pigeon::store {

enum class PairingState { offered, started, authorised, linked, failed, dropped };

[[nodiscard]] constexpr bool has_ended(PairingState state) {
  return state == PairingState::linked || state == PairingState::failed || state == PairingState::dropped;
}

// The arrows. Who opens the link again starts over, also with a code in hand.
[[nodiscard]] constexpr bool may_become(PairingState from, PairingState to) {
  switch (to) {
    case PairingState::offered:
      return false;
    case PairingState::started:
      return !has_ended(from);
    case PairingState::authorised:
      return from == PairingState::started;
    case PairingState::linked:
      return from == PairingState::started || from == PairingState::authorised;
    case PairingState::failed:
    case PairingState::dropped:
      return !has_ended(from);
  }
  return false;
}

enum class PairingFailure {
  cancelled,    // the person said no at X
  expired,      // the code was not texted in time
  wrong_code,   // too many wrong codes
  other_phone,  // the right code came from another phone than the one that asked
  read_only,    // X's token may not post, and X gives the same one again
  error,        // anything else that is not the person's doing
};

struct Pairing {
  std::int64_t id = 0;
  std::string phone;  // E.164; empty: forgotten
  std::string modem;  // the one the person texted; carries the SMS about the outcome
  PairingState state = PairingState::offered;
  UtcTime expires_at{};
  std::string username;                   // once authorised
  std::optional<PairingFailure> failure;  // of a failed one
  bool by_pin = false;                    // a PIN of X's is texted back, no browser comes back here
};

// A pairing that waits for its link to be texted and opened.
struct OfferedLink {
  std::int64_t id = 0;
  std::string code;  // one-time, for the link's address
};

// What X gave to begin linking by PIN with (RFC 5849 §2.1).
struct RequestToken {
  std::string token;
  std::string secret;
};

// How long a link may wait for its SMS to leave; after that it is dropped, and the person's next text brings
// a new one.
inline constexpr std::chrono::hours kLinkPatience{1};

class Pairings {
 public:
  // The other tables that its steps write; borrowed like the rest.
  struct Tables {
    Accounts& accounts;
    Jobs& jobs;
    Revocations& revocations;
  };
  Pairings(Database& db, const SecretBox& box, const SecretBox::Key& code_key, const Tables& tables);

  // A new offer whose link is texted, in the place of the one that the phone has: good from now on, and for
  // `life` from when its SMS is sent, which the outbox tells (a reply of kind `link` names the pairing).
  [[nodiscard]] OfferedLink offer_link(Transaction& transaction, const PhoneNumber& phone,
                                       std::string_view modem, milliseconds life, UtcTime now);
  // The same without a link of ours: X's comes when its request token has come. The pairing's id.
  [[nodiscard]] std::int64_t offer_pin(Transaction& transaction, const PhoneNumber& phone,
                                       std::string_view modem, milliseconds life, UtcTime now);
  // X has given its request token, which is kept sealed until the pairing ends, by its time at the latest.
  // False: the pairing has ended meanwhile, and nothing was kept.
  [[nodiscard]] bool await_pin(Transaction& transaction, std::int64_t id, const RequestToken& token,
                               UtcTime now);
  // Of a pairing that awaits its PIN; nothing when it does not. Errc as SecretBox::unseal's.
  [[nodiscard]] Result<std::optional<RequestToken>> request_token(std::int64_t id);
  // The pairing of this phone that awaits a PIN; what counts of an SMS is when it arrived.
  [[nodiscard]] std::optional<Pairing> awaiting_pin(const PhoneNumber& phone, UtcTime arrived);
  // Its time is up and nobody has texted the PIN: ends without a word, and what X gave is forgotten.
  void give_up(Transaction& transaction, std::int64_t id, UtcTime now);
  // The SMS with the link is sent: its life begins. Ended: nothing happens.
  void link_sent(Transaction& transaction, std::int64_t id, UtcTime now);
  // The SMS may have been sent, nobody knows: its life begins unless it is over already.
  void link_perhaps_sent(Transaction& transaction, std::int64_t id, UtcTime now);
  // The SMS will never be sent: ends the pairing, unless somebody has opened a link of ours all the same.
  void drop(Transaction& transaction, std::int64_t id);
  // Live (not expired, not ended) pairing of a phone, or of the code in a link. Looking changes nothing.
  [[nodiscard]] std::optional<Pairing> live(const PhoneNumber& phone, UtcTime now);
  [[nodiscard]] std::optional<Pairing> find_by_code(std::string_view code, UtcTime now);
  // True once: that the link waits has not been said yet; again when the code has taken its place.
  [[nodiscard]] bool remind(Transaction& transaction, std::int64_t id);
  void not_reminded(Transaction& transaction, std::int64_t id);  // it was not said after all
  // The button was pressed: binds the OAuth state, the browser's cookie and the PKCE verifier. Pressing again
  // starts anew; a grant that waited for its code is given up. An ended one stays as it is.
  void start(Transaction& transaction, std::int64_t id, std::string_view oauth_state, std::string_view cookie,
             std::string_view verifier, UtcTime now);
  // The started pairing that `oauth_state` belongs to, if `cookie` is the browser's that started it, and the
  // state is not used up.
  [[nodiscard]] std::optional<Pairing> find_by_state(std::string_view oauth_state, std::string_view cookie,
                                                     UtcTime now);
  // Whether a callback with this state and cookie was here before: its verifier is taken.
  [[nodiscard]] bool is_spent(std::string_view oauth_state, std::string_view cookie, UtcTime now);
  // The pairing whose last start gave this cookie, wherever it has come to, as long as its life lasts.
  [[nodiscard]] std::optional<Pairing> find_by_cookie(std::string_view cookie, UtcTime now);
  // The verifier of a started pairing, given out once: the state is used up by this call, so a callback
  // cannot be replayed.
  [[nodiscard]] std::optional<std::string> take_verifier(Transaction& transaction, std::int64_t id);

  // Six digits that are no waiting pairing's code, drawn by `draw`.
  [[nodiscard]] std::string unused_code(Transaction& transaction, std::string (*draw)() = random_digits6);
  // X said yes: keeps the credentials sealed until `text_back_code`, an unused_code(), is texted, for which
  // there is the pairing's life from now on.
  // False: the pairing is gone or has ended meanwhile, and nothing was kept.
  [[nodiscard]] bool authorise(Transaction& transaction, std::int64_t id, const Credentials& credentials,
                               std::string_view text_back_code, UtcTime now);
  // The code that an authorised pairing waits for; nothing when it waits for none. Errc as
  // SecretBox::unseal's.
  [[nodiscard]] Result<std::optional<std::string>> text_back_code(std::int64_t id);
  // The pairing of this phone that waits for its code; what counts of an SMS is when it arrived.
  [[nodiscard]] std::optional<Pairing> awaiting_text_back(const PhoneNumber& phone, UtcTime arrived);
  // The pairing that waits for this very code, whichever phone asked for it.
  [[nodiscard]] std::optional<Pairing> find_by_text_back(std::string_view code, UtcTime arrived);
  // The phone that asked has texted another code: counted, and after kMaxWrongCodes the pairing fails with
  // wrong_code. True: it has.
  [[nodiscard]] bool count_wrong_code(Transaction& transaction, std::int64_t id, UtcTime now);
  // Moves the kept credentials into the account, atomically.
  [[nodiscard]] Result<void> link(Transaction& transaction, std::int64_t id, UtcTime now);
  // The same in one step, for text_back = false. False: the pairing is gone or has ended meanwhile.
  [[nodiscard]] bool link_at_once(Transaction& transaction, std::int64_t id, const Credentials& credentials,
                                  UtcTime now);
  // Ends a pairing that has not ended yet; a grant that it keeps goes to the revocations.
  void fail(Transaction& transaction, std::int64_t id, PairingFailure failure, UtcTime now);
  // The person wants no more of us: ends all pairings of the phone without a word, gives the grants that they
  // keep to the revocations, and forgets whose they were. A grant that comes later finds its pairing ended.
  void forget(Transaction& transaction, const PhoneNumber& phone, UtcTime now);
  [[nodiscard]] std::optional<Pairing> find(std::int64_t id);  // in any state

  // Deletes the oldest rows that ended or expired before `before`, at most 100. True: it did, so there may be
  // more.
  bool purge(Transaction& transaction, UtcTime before);

  static constexpr int kMaxWrongCodes = 3;

 private:
  [[nodiscard]] std::vector<std::uint8_t> digest(std::string_view text_back_code) const;
  [[nodiscard]] std::string row(std::int64_t id, std::string_view column) const;
  // The one way from state to state: no arrow leads there (false, and nothing happens), or what belonged to
  // the former state is gone afterwards, and a grant that nobody takes with it goes to the revocations.
  bool move(Transaction& transaction, std::int64_t id, PairingState to, UtcTime now);
  std::int64_t offer(Transaction& transaction, const PhoneNumber& phone, std::string_view code,
                     std::string_view modem, milliseconds life, UtcTime now);
  [[nodiscard]] Result<std::optional<Credentials>> kept_credentials(std::int64_t id);
  void announce(Transaction& transaction, std::int64_t id);
  Database& db_;
  const SecretBox& box_;
  HmacSha256 code_key_;
  Tables tables_;
  Statement find_, insert_, by_code_, start_, by_state_, spent_, by_cookie_, verifier_, use_state_,
      authorise_, open_, code_, by_text_back_, wrong_code_, kept_, move_, name_, failure_, purge_,
      begin_life_, remind_, not_reminded_, forget_, by_pin_, keep_token_;
};

}  // namespace pigeon::store
