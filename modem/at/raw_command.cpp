// Reading what a person types; see raw_command.h.
#include "modem/at/raw_command.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "modem/at/at_channel.h"

namespace pigeon::modem {
namespace {

constexpr std::size_t kMostOctets = 400;

// Whose setting form ("=…") the driver, a text, the SIM or somebody's money depends on.
struct Harm {
  std::string_view name;
  std::string_view why;
};
constexpr std::string_view kIndications = "it may silence the modem, so that texts are found late";
constexpr std::string_view kStorages = "it may hide texts from the gateway";
constexpr std::string_view kForm = "it changes the form in which the gateway reads texts";
constexpr std::string_view kDeletes = "it deletes texts";
constexpr std::string_view kRadio = "it may take the modem off the network";
constexpr std::string_view kSends = "it sends or stores a text";
constexpr std::string_view kLocks = "three wrong PINs block the SIM";
constexpr std::array kHarms{
    Harm{"+CNMI", kIndications}, Harm{"+CSMS", kIndications}, Harm{"+CNMA", kIndications},
    Harm{"+CPMS", kStorages},    Harm{"+CMGF", kForm},        Harm{"+CSCS", kForm},
    Harm{"+CMEE", kForm},        Harm{"+CSDH", kForm},        Harm{"+CSCA", kSends},
    Harm{"+CMGD", kDeletes},     Harm{"+CMGDA", kDeletes},    Harm{"+QMGDA", kDeletes},
    Harm{"+CFUN", kRadio},       Harm{"+COPS", kRadio},       Harm{"+CGATT", kRadio},
    Harm{"+CRESET", kRadio},     Harm{"+CPOF", kRadio},       Harm{"+QPOWD", kRadio},
    Harm{"^RESET", kRadio},      Harm{"^SYSCFG", kRadio},     Harm{"^SYSCFGEX", kRadio},
    Harm{"^U2DIAG", kRadio},     Harm{"^SETPORT", kRadio},    Harm{"+CMGS", kSends},
    Harm{"+CMGW", kSends},       Harm{"+CMSS", kSends},       Harm{"+CMGC", kSends},
    Harm{"+CPIN", kLocks},       Harm{"+CLCK", kLocks},       Harm{"+CPWD", kLocks},
    Harm{"^CARDLOCK", kLocks},   Harm{"+IPR", kForm},         Harm{"+ICF", kForm},
    Harm{"+IFC", kForm},
};

// Commands of that name that do their work without "=".
constexpr std::array<std::string_view, 6> kActBare{"+CRESET", "+CPOF", "+QPOWD", "^RESET", "+CMGDA", "+CNMA"};

std::string upper_outside_quotes(std::string_view text) {
  std::string out(text);
  bool quoted = false;
  for (char& c : out) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view harm_of_named(std::string_view command) {
  const std::size_t end = std::min(command.find_first_of("=? "), command.size());
  const std::string_view name = command.substr(0, end);
  const std::string_view rest = command.substr(end);
  const auto harm =
      std::find_if(kHarms.begin(), kHarms.end(), [name](const Harm& each) { return each.name == name; });
  if (harm == kHarms.end() || rest == "?" || rest == "=?") return {};
  const bool acts = !rest.empty() || std::find(kActBare.begin(), kActBare.end(), name) != kActBare.end();
  return acts ? harm->why : std::string_view();
}

}  // namespace

Result<std::string> raw_command(std::string_view typed) {
  std::string command = upper_outside_quotes(trim(typed));
  if (command.empty()) return fail(Errc::bad_input, "no command");
  if (command.size() > kMostOctets) return fail(Errc::bad_input, "too long for a command line");
  const bool has_control = std::any_of(command.begin(), command.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet >= 0x7F;
  });
  if (has_control) return fail(Errc::bad_input, "a command is printable ASCII");
  if (!command.starts_with("AT"))
    command.insert(0, command.front() >= 'A' && command.front() <= 'Z' ? "AT+" : "AT");
  return command;
}

std::string_view harm_of(std::string_view command) {
  if (!command.starts_with("AT")) return "it is no command";
  command.remove_prefix(2);
  if (command.find(';') != std::string_view::npos) return "it is more than one command";
  if (command.empty() || command == "&V") return {};
  if (command.front() == 'I' && command.find_first_not_of("0123456789", 1) == std::string_view::npos)
    return {};
  if (std::string_view("+^$%*#").find(command.front()) != std::string_view::npos)
    return harm_of_named(command);
  return "it changes the line itself, or dials";
}

Result<RawAnswer> ask_raw(AtChannel& channel, const std::string& command, milliseconds timeout) {
  Request request;
  request.line = command;
  request.timeout = timeout;
  request.all_lines = true;
  const auto answer = channel.ask(request);
  if (!answer) return tl::unexpected(answer.error());
  RawAnswer raw;
  for (const AnswerLine& line : answer->lines) {
    raw.lines.push_back(line.text);
    if (!line.pdu.empty()) raw.lines.push_back(line.pdu);
  }
  raw.result = answer->result.text;
  raw.ok = answer->ok();
  return raw;
}

}  // namespace pigeon::modem
