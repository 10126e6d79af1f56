// Driving gammu-smsd; see peer_bench.h.
#include "bench/peer_bench.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/box.h"

namespace pigeon::bench {
namespace {

constexpr const char* kProgram = "/usr/bin/gammu-smsd";

class Smsd {
 public:
  explicit Smsd(const sim::SimModem& modem) {
    std::string name = (std::filesystem::temp_directory_path() / "pigeon-peer-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    for (const char* box : {"inbox", "outbox", "sent", "error"})
      std::filesystem::create_directory(folder_ / box);
    std::ofstream(folder_ / "receive") << "#!/bin/sh\ndate +%s%N >>" << times() << "\n";
    std::filesystem::permissions(folder_ / "receive", std::filesystem::perms::owner_all);
    std::ofstream(folder_ / "smsdrc")
        << "[gammu]\ndevice=" << modem.device() << "\nconnection=at115200\nuse_locking=no\n"
        << "[smsd]\nservice=files\nlogfile=" << (folder_ / "log").string()
        << "\ndebuglevel=0\nCommTimeout=1\n"
        << "ReceiveFrequency=1\nLoopSleep=1\nStatusFrequency=0\nCheckSecurity=0\nCheckBattery=0\nCheckSignal="
           "0\n"
        << "CheckNetwork=0\nPIN=1234\nRunOnReceive=" << (folder_ / "receive").string()
        << "\ninboxpath=" << (folder_ / "inbox/").string()
        << "\noutboxpath=" << (folder_ / "outbox/").string()
        << "\nsentsmspath=" << (folder_ / "sent/").string()
        << "\nerrorsmspath=" << (folder_ / "error/").string() << "\n";
    const std::string config = (folder_ / "smsdrc").string();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int null = ::open("/dev/null", O_RDWR);
      for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
      ::execl(kProgram, kProgram, "-c", config.c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~Smsd() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Smsd(const Smsd&) = delete;
  Smsd& operator=(const Smsd&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string times() const { return (folder_ / "times").string(); }
  // Nanoseconds since 1970 at which the script ran, one a text.
  [[nodiscard]] std::vector<std::int64_t> received() const {
    std::vector<std::int64_t> all;
    std::ifstream in(times());
    for (std::int64_t at = 0; in >> at;) all.push_back(at);
    return all;
  }

 private:
  std::filesystem::path folder_;
  pid_t pid_ = -1;
};

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

PeerResult measure_gammu_smsd(int texts, seconds idle_time) {
  if (::access(kProgram, X_OK) != 0)
    throw std::runtime_error("gammu-smsd is not installed (apt-get install gammu-smsd)");
  sim::SimModem modem;
  sim::Carrier carrier(modem);
  const Smsd smsd(modem);
  const auto text_and_wait = [&](int number) {
    const std::size_t before = smsd.received().size();
    const std::int64_t start = wall_ns();
    if (!carrier.text("+12025550123", "peer " + std::to_string(number)))
      throw std::runtime_error("text refused");
    if (!e2e::eventually([&] { return smsd.received().size() > before; }, seconds(60))) {
      throw std::runtime_error("gammu-smsd does not receive");
    }
    return milliseconds((smsd.received().back() - start) / 1'000'000);
  };
  static_cast<void>(text_and_wait(0));  // it is up
  const ProcessStats before = stats_of(smsd.pid());
  std::vector<milliseconds> delays;
  for (int i = 1; i <= texts; ++i) delays.push_back(text_and_wait(i));
  const ProcessStats after = stats_of(smsd.pid());
  std::this_thread::sleep_for(idle_time);
  PeerResult result;
  result.idle = stats_of(smsd.pid());
  result.wakeups_a_minute =
      static_cast<double>(result.idle.wakeups - after.wakeups) * 60 / static_cast<double>(idle_time.count());
  result.cpu_per_text = (after.cpu - before.cpu) / texts;
  std::sort(delays.begin(), delays.end());
  result.p50 = delays[delays.size() / 2];
  result.p95 = delays[delays.size() * 95 / 100];
  result.max = delays.back();
  return result;
}

}  // namespace pigeon::bench
