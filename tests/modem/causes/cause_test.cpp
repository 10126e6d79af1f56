// The table of causes: every row says what it means and where the documents say more, and every error that
// the driver can give leads to one.
#include "modem/causes/cause.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "modem/at/at_errors.h"
#include "modem/at/at_parser.h"
#include "modem/driver/profile.h"
#include "modem/port/serial_port.h"
#include "tests/headings.h"

using namespace pigeon;
using modem::Cause;

namespace {

const std::string kRoot = PIGEON_TEST_DATA "/../..";

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The literals of a statement, one behind the other.
std::string literals_of(const std::string& statement) {
  static const std::regex kLiteral(R"re("((?:[^"\\]|\\.)*)")re");
  std::string all;
  for (std::sregex_iterator one(statement.begin(), statement.end(), kLiteral), end; one != end; ++one)
    all += (*one)[1].str();
  return std::regex_replace(all, std::regex(R"re(\\")re"), "\"");
}

// Everything that the driver's source says in an error of its own making.
std::vector<std::string> errors_in(const std::filesystem::path& path) {
  static const std::regex kErrors(
      R"re((?:fail\(|\{)\s*Errc::\w+\s*,([^;]*);|(?:refuse|refusals_\.push_back|fail)\(([^;]*);)re");
  const std::string source = content(path);
  std::vector<std::string> errors;
  for (std::sregex_iterator one(source.begin(), source.end(), kErrors), end; one != end; ++one) {
    std::string words = literals_of((*one)[1].matched ? (*one)[1].str() : (*one)[2].str());
    const bool says_something = words.size() > 3;  // and not only the ": " between two others
    if (says_something) errors.push_back(std::move(words));
  }
  return errors;
}

// No matter of the modem: a stop, a mistake of this program or of who types a command, one text.
bool is_not_the_modems(const std::string& words) {
  static const std::vector<std::string> kOthers = {": stopped", "not an AT command", "no USSD code",
                                                   "not the name of a message storage",
                                                   "the message was handed over"};
  return std::any_of(kOthers.begin(), kOthers.end(),
                     [&](const std::string& other) { return words.find(other) != std::string::npos; });
}

}  // namespace

TEST_CASE("causes: each has words of its own, and a section that the documents have") {
  std::set<std::string_view> words, meanings;
  for (const modem::CauseWords& row : modem::all_causes()) {
    CAPTURE(row.word);
    CHECK(words.insert(row.word).second);
    CHECK(meanings.insert(row.means).second);
    CHECK_FALSE(row.means.ends_with('.'));
    CHECK(test::is_section(kRoot, std::string(row.section)));
  }
  CHECK_FALSE(test::is_section(kRoot, "docs/modems.md#no-such-heading"));
}

TEST_CASE("causes: every error that the driver makes leads to one") {
  std::vector<std::filesystem::path> files = {kRoot + "/modem/at/at_channel.cpp",
                                              kRoot + "/modem/port/serial_port.cpp"};
  for (const auto& entry : std::filesystem::directory_iterator(kRoot + "/modem/driver"))
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  int found = 0;
  for (const auto& file : files) {
    CAPTURE(file.filename().string());
    for (const std::string& words : errors_in(file)) {
      ++found;
      if (!is_not_the_modems(words)) CHECK_MESSAGE(modem::cause_of(words).has_value(), words);
    }
  }
  CHECK(found >= 25);  // the source is still read as it should be
  CHECK_FALSE(modem::cause_of("the moon is full").has_value());
}

TEST_CASE("causes: what the modem or the system refuses leads to one") {
  for (int code = 0; code < 600; ++code) {
    for (const char* kind : {"+CME ERROR: ", "+CMS ERROR: "}) {
      const auto result = modem::parse_final(kind + std::to_string(code));
      REQUIRE(result);
      CHECK(modem::cause_of(modem::to_error("AT+CMGF", *result).message).has_value());
    }
  }
  for (const int number : {EBUSY, EACCES, EPERM, ENOTTY, ENOENT, ENODEV, ENXIO, EIO, EINVAL, ENOMEM})
    CHECK(modem::cause_of(modem::refusal("/dev/ttyUSB0", number, seconds(60)).message).has_value());
}

TEST_CASE("causes: what is said leads to the right one") {
  struct Row {
    const char* message;
    Cause cause;
  };
  const Row rows[] = {
      {"no modem found on USB", Cause::no_modem},
      {"no modem found on USB; USB device 12d1:14dc is a Huawei HiLink stick: it is a network card without "
       "an "
       "AT port; it needs stick firmware",
       Cause::hilink},
      {"no modem found on USB; USB device 12d1:1f01 is a Huawei stick that still shows itself as storage: "
       "install usb-modeswitch and plug it in again",
       Cause::storage_mode},
      {"no modem found on USB; not a modem: /dev/ttyUSB2: no answer to AT (is this a modem's AT port?)",
       Cause::no_answer},
      {"no modem found on USB; /dev/ttyUSB2: in use by another program (ModemManager, another gateway?)",
       Cause::port_in_use},
      {"no modem found on USB; 2 USB serial port(s) belong to no known modem: name one",
       Cause::unknown_device},
      {"no modem with IMEI 1 found on USB; /dev/ttyUSB0: a modem with another IMEI (…7518)",
       Cause::other_imei},
      {"/dev/ttyUSB0: No such file or directory", Cause::port_absent},
      {"/dev/ttyUSB0: no SIM card, or the modem cannot read it (+CME ERROR: 10)", Cause::sim_missing},
      {"AT+CMGF=0: +CME ERROR: 4 (operation not supported): PDU mode is refused; can this modem do SMS at "
       "all?",
       Cause::no_sms},
      {"the SIM refused the configured PIN, which is not entered again (correct pin_file): +CME ERROR: 16 "
       "(incorrect password)",
       Cause::pin_refused},
      {"the SIM's PIN has 1 try left, and the gateway does not use up the last one", Cause::pin_last_try},
      {"the SIM is blocked and asks for its PUK: unlock it in a phone", Cause::sim_blocked},
      {"the SIM or modem is locked: PH-NET PIN", Cause::sim_locked},
      {"AT+CSQ: no answer within 10 s", Cause::modem_silent},
      {"/dev/ttyUSB2: the device is gone", Cause::modem_gone},
      {"AT+CMGS: +CMS ERROR: 322 (memory full)", Cause::storage_full},
      {"AT+CMGS: +CMS ERROR: 330 (service centre address unknown)", Cause::no_service_centre},
      {"AT+CMGS: +CMS ERROR: 8 (operator determined barring)", Cause::no_credit},
      {"AT+CMGS: +CMS ERROR: 42 (congestion)", Cause::network_busy},
      {"AT+CMGS: +CMS ERROR: 27 (destination out of service)", Cause::network_busy},
      {"AT+CMGS: +CMS ERROR: 211 (recipient's memory is full)", Cause::network_busy},
      {"AT+CMGS: +CMS ERROR: 21 (short message transfer rejected)", Cause::number_refused},
      {"AT+CMGS: +CMS ERROR: 1 (unassigned number)", Cause::number_refused},
      {"this is no phone number of any plan", Cause::number_refused},
      {"this is a number in national form, and gateway.country is not set", Cause::number_refused},
      {"this is a short code, which may cost money", Cause::short_code},
      {"AT+CSCA: +CMS ERROR: 302 (operation not allowed)", Cause::command_refused},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const auto cause = modem::cause_of(row.message);
    REQUIRE(cause);
    CHECK(modem::words_of(*cause).word == modem::words_of(row.cause).word);
  }
}
