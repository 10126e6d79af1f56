// The words by which states and kinds stand in columns: one table of each enumeration, for writing and for
// reading back. What stands in a database already keeps its word. Only the store's own .cpp files include
// this.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "store/accounts.h"
#include "store/budgets.h"
#include "store/inbox.h"
#include "store/jobs.h"
#include "store/modem_states.h"
#include "store/outbox.h"
#include "store/pairings.h"
#include "store/parts.h"
#include "store/pin_tries.h"
#include "store/posts.h"

namespace pigeon::store {

template <typename Enum>
struct Word {
  Enum value;
  std::string_view word;
};

// The table of an enumeration that stands in a column; specialised below for each of them.
template <typename Enum>
inline constexpr std::array<Word<Enum>, 0> kWords{};

template <>
inline constexpr std::array kWords<AccountState>{Word<AccountState>{AccountState::linked, "linked"},
                                                 Word<AccountState>{AccountState::broken, "broken"}};
template <>
inline constexpr std::array kWords<Budget>{Word<Budget>{Budget::same_words_per_hour, "same_words_per_hour"},
                                           Word<Budget>{Budget::unlinked_per_hour, "unlinked_per_hour"},
                                           Word<Budget>{Budget::linked_per_hour, "linked_per_hour"},
                                           Word<Budget>{Budget::linked_per_day, "linked_per_day"},
                                           Word<Budget>{Budget::box_per_hour, "box_per_hour"}};
template <>
inline constexpr std::array kWords<Ending>{
    Word<Ending>{Ending::posted, "posted"}, Word<Ending>{Ending::answered, "answered"},
    Word<Ending>{Ending::refused, "refused"}, Word<Ending>{Ending::unclear, "unclear"},
    Word<Ending>{Ending::ignored, "ignored"}};
template <>
inline constexpr std::array kWords<JobKind>{Word<JobKind>{JobKind::text, "text"},
                                            Word<JobKind>{JobKind::post, "post"},
                                            Word<JobKind>{JobKind::pin_link, "pin_link"},
                                            Word<JobKind>{JobKind::pin, "pin"},
                                            Word<JobKind>{JobKind::revocation, "revocation"},
                                            Word<JobKind>{JobKind::expiry, "expiry"},
                                            Word<JobKind>{JobKind::announcement, "announcement"},
                                            Word<JobKind>{JobKind::pruning, "pruning"},
                                            Word<JobKind>{JobKind::erasure, "erasure"}};
template <>
inline constexpr std::array kWords<Lane>{Word<Lane>{Lane::local, "local"},
                                         Word<Lane>{Lane::network, "network"}};
template <>
inline constexpr std::array kWords<Gate>{Word<Gate>{Gate::api, "api"},
                                         Word<Gate>{Gate::token_endpoint, "token_endpoint"},
                                         Word<Gate>{Gate::credits, "credits"}, Word<Gate>{Gate::keys, "keys"},
                                         Word<Gate>{Gate::app_limit, "app_limit"}};
template <>
inline constexpr std::array kWords<NetworkRegistration>{
    Word<NetworkRegistration>{NetworkRegistration::unknown, "unknown"},
    Word<NetworkRegistration>{NetworkRegistration::not_registered, "not registered"},
    Word<NetworkRegistration>{NetworkRegistration::searching, "searching"},
    Word<NetworkRegistration>{NetworkRegistration::denied, "denied"},
    Word<NetworkRegistration>{NetworkRegistration::home, "home"},
    Word<NetworkRegistration>{NetworkRegistration::roaming, "roaming"}};
template <>
inline constexpr std::array kWords<ReplyState>{Word<ReplyState>{ReplyState::queued, "queued"},
                                               Word<ReplyState>{ReplyState::sending, "sending"},
                                               Word<ReplyState>{ReplyState::sent, "sent"},
                                               Word<ReplyState>{ReplyState::unclear, "unclear"},
                                               Word<ReplyState>{ReplyState::delivered, "delivered"},
                                               Word<ReplyState>{ReplyState::undelivered, "undelivered"},
                                               Word<ReplyState>{ReplyState::failed, "failed"},
                                               Word<ReplyState>{ReplyState::dropped, "dropped"}};
template <>
inline constexpr std::array kWords<ReplyKind>{Word<ReplyKind>{ReplyKind::answer, "answer"},
                                              Word<ReplyKind>{ReplyKind::link, "link"},
                                              Word<ReplyKind>{ReplyKind::saved, "saved"},
                                              Word<ReplyKind>{ReplyKind::outcome, "outcome"},
                                              Word<ReplyKind>{ReplyKind::announcement, "announcement"},
                                              Word<ReplyKind>{ReplyKind::stop, "stop"}};
template <>
inline constexpr std::array kWords<PairingState>{Word<PairingState>{PairingState::offered, "offered"},
                                                 Word<PairingState>{PairingState::started, "started"},
                                                 Word<PairingState>{PairingState::authorised, "authorised"},
                                                 Word<PairingState>{PairingState::linked, "linked"},
                                                 Word<PairingState>{PairingState::failed, "failed"},
                                                 Word<PairingState>{PairingState::dropped, "dropped"}};
template <>
inline constexpr std::array kWords<PairingFailure>{
    Word<PairingFailure>{PairingFailure::cancelled, "cancelled"},
    Word<PairingFailure>{PairingFailure::expired, "expired"},
    Word<PairingFailure>{PairingFailure::wrong_code, "wrong_code"},
    Word<PairingFailure>{PairingFailure::other_phone, "other_phone"},
    Word<PairingFailure>{PairingFailure::read_only, "read_only"},
    Word<PairingFailure>{PairingFailure::error, "error"}};
template <>
inline constexpr std::array kWords<PartState>{
    Word<PartState>{PartState::held, "held"}, Word<PartState>{PartState::waiting, "waiting"},
    Word<PartState>{PartState::joined, "joined"}, Word<PartState>{PartState::ignored, "ignored"},
    Word<PartState>{PartState::quarantined, "quarantined"}};
template <>
inline constexpr std::array kWords<PartReason>{
    Word<PartReason>{PartReason::none, ""},
    Word<PartReason>{PartReason::undecodable, "cannot be decoded"},
    Word<PartReason>{PartReason::unreadable, "text cannot be read"},
    Word<PartReason>{PartReason::not_a_deliver, "not a DELIVER"},
    Word<PartReason>{PartReason::type_0, "short message type 0"},
    Word<PartReason>{PartReason::application_port, "for an application port"},
    Word<PartReason>{PartReason::message_waiting, "message waiting indication"},
    Word<PartReason>{PartReason::sim_download, "for the SIM or the modem"},
    Word<PartReason>{PartReason::too_old, "older than gateway.oldest"},
    Word<PartReason>{PartReason::incomplete, "the rest of it never came"},
    Word<PartReason>{PartReason::copy, "a copy of what was taken"},
    Word<PartReason>{PartReason::quiet, "nobody is told"},
    Word<PartReason>{PartReason::dropped, "dropped by the operator"}};
template <>
inline constexpr std::array kWords<PinState>{
    Word<PinState>{PinState::tried, "tried"}, Word<PinState>{PinState::refused, "refused"},
    Word<PinState>{PinState::right, "right"}, Word<PinState>{PinState::doubted, "doubted"}};
template <>
inline constexpr std::array kWords<PostState>{
    Word<PostState>{PostState::planned, "planned"}, Word<PostState>{PostState::sending, "sending"},
    Word<PostState>{PostState::posted, "posted"},   Word<PostState>{PostState::unclear, "unclear"},
    Word<PostState>{PostState::refused, "refused"}, Word<PostState>{PostState::deleted, "deleted"}};
template <>
inline constexpr std::array kWords<Doubt>{
    Word<Doubt>{Doubt::none, ""}, Word<Doubt>{Doubt::answered, "answered"},
    Word<Doubt>{Doubt::silence, "silence"}, Word<Doubt>{Doubt::duplicate, "duplicate"}};

// Empty for a value that its table does not name.
template <typename Enum>
[[nodiscard]] constexpr std::string_view state_word(Enum value) {
  const auto& table = kWords<Enum>;
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& word) { return word.value == value; });
  return row == table.end() ? std::string_view() : row->word;
}

// `otherwise` for a word that the table does not know, as of a newer version.
template <typename Enum>
[[nodiscard]] constexpr Enum state_of(std::string_view word, Enum otherwise) {
  const auto& table = kWords<Enum>;
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.word == word; });
  return row == table.end() ? otherwise : row->value;
}

}  // namespace pigeon::store
