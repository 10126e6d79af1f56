// `pigeon modem ussd CODE`: asks the network by USSD, as a phone does, and shows what it says; by the running
// daemon, or, where none runs, by this program. The network may ask back: the words behind the code answer,
// or whoever sits at the terminal.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "modem/at/ussd.h"

namespace pigeon::cli {

// Ends with kWrong when the network gives no text, or nobody asks it.
[[nodiscard]] int run_modem_ussd(const Call& call);

// Whoever asks the network: a text is a code or an answer, an empty one ends the session.
using UssdAsker = std::function<Result<modem::UssdReply>(const std::string& text)>;
// The dialogue itself. `prompt`: what a person says to the network's question; empty or nothing: no more.
using UssdPrompt = std::function<std::optional<std::string>()>;
// `cure` is what to do about an error of `ask`, when there is one.
[[nodiscard]] int talk_ussd(const Call& call, const UssdAsker& ask, const UssdPrompt& prompt,
                            const std::string& cure = {});

}  // namespace pigeon::cli
