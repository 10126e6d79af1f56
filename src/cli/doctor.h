// `pigeon doctor`: reads what the core says is wrong (the preflight's mistakes, the conditions, the modems'
// states), tries what can be tried (ports, the modem, X, the public address), and says of each thing whether
// it is right, in the order in which one thing causes the other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/diagnosis.h"
#include "cli/modem_info.h"
#include "cli/modem_survey.h"
#include "config/config.h"
#include "net/http_client.h"

namespace pigeon::cli {

// What is left of a file system.
struct DiskRoom {
  std::uint64_t octets = 0;  // free, for who is not root
  std::uint64_t files = 0;   // that can still be made
  bool read_only = false;
};

// With what it looks at the box: the system's in the program, a test's hand in a test.
struct DoctorMeans {
  std::string config_path;
  std::function<UtcTime()> now = utc_now;
  UtcTime built_at{};                   // a clock before it is wrong
  std::function<bool()> clock_is_kept;  // by a time service
  std::function<std::optional<DiskRoom>(const std::string& folder)> room;
  // Every port, as 'modem list' sees them; asked while this is still root.
  std::function<ModemSurvey(const Config& config)> ports;
  // From here on as pigeond's user.
  std::function<void()> become_service_user;
  // The modems, where no daemon has them.
  std::function<std::vector<ModemInfo>(const Config& config)> ask_modems;
  std::function<void(const std::string& what)> tell;  // what it does now
  net::HttpClient& http;                              // borrowed
};

struct Examined {
  Diagnosis diagnosis;
  int status = kFine;  // kWrong: something failed; kUsage: the configuration would not let pigeond start
};

[[nodiscard]] Examined examine_box(const DoctorMeans& means);

[[nodiscard]] int run_doctor(const Call& call);

}  // namespace pigeon::cli
