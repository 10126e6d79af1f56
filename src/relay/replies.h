// Every sentence that the gateway texts to a person, in one place. Each fits one SMS where it can and keeps
// to the GSM 7-bit alphabet unless it quotes something that does not. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "store/pairings.h"

namespace pigeon::relay::replies {

// Pairing.
[[nodiscard]] std::string link(std::string_view url, long minutes);
[[nodiscard]] std::string link_again(std::string_view url,
                                     long minutes);  // the grant is dead; nothing was posted
// X's own link, which ends in a PIN; `again`: the grant is dead, and nothing was posted.
[[nodiscard]] std::string pin_link(std::string_view url, long minutes);
[[nodiscard]] std::string pin_link_again(std::string_view url, long minutes);
[[nodiscard]] std::string link_by_start();  // the grant is dead, and a link has to be asked for
[[nodiscard]] std::string link_later();     // X, which makes the link, is out of reach
[[nodiscard]] std::string pin_later();      // so it is when the PIN has come
[[nodiscard]] std::string wrong_pin();
[[nodiscard]] std::string linked(std::string_view username);
[[nodiscard]] std::string wrong_code();
[[nodiscard]] std::string code_awaited();     // something else was texted while the code is awaited
[[nodiscard]] std::string link_waits();       // something else was texted while the link is not opened
[[nodiscard]] std::string looks_like_code();  // and none is awaited from this phone
[[nodiscard]] std::string code_of_other_phone();
[[nodiscard]] std::string pairing_failed(store::PairingFailure failure);

// Posts.
[[nodiscard]] std::string posted(std::string_view text);
[[nodiscard]] std::string saved();
[[nodiscard]] std::string too_long(std::size_t weighted_length, std::size_t limit);
[[nodiscard]] std::string duplicate();
[[nodiscard]] std::string suspended();
[[nodiscard]] std::string refused(std::string_view reason);
[[nodiscard]] std::string unclear(std::string_view text);  // whether it was posted cannot be found out
[[nodiscard]] std::string nothing_to_post();
[[nodiscard]] std::string set_aside(std::string_view text);  // something here is broken
[[nodiscard]] std::string unreadable();                      // the SMS could not be decoded
[[nodiscard]] std::string incomplete();                      // a part of a long text never came

// Commands.
[[nodiscard]] std::string help(std::string_view username);  // empty: not linked
[[nodiscard]] std::string stopped(bool ends_at_x);          // false: we hold nothing to end our access with
[[nodiscard]] std::string not_linked();                     // STOP from somebody who has no account
[[nodiscard]] std::string help_after_stop();
[[nodiscard]] std::string already_linked(std::string_view username);

}  // namespace pigeon::relay::replies
