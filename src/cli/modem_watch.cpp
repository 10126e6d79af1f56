// Listening to the daemon's modem, or to one's own; see modem_watch.h.
#include "cli/modem_watch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <functional>
#include <optional>
#include <ostream>
#include <utility>

#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/console.h"
#include "cli/control_command.h"
#include "cli/open_modem.h"
#include "cli/pdu_json.h"
#include "control/client.h"
#include "control/socket.h"
#include "modem/at/traffic_mask.h"
#include "modem/driver/profile.h"
#include "modem/port/traffic.h"
#include "preflight/service_user.h"

namespace pigeon::cli {
namespace {

using modem::TranscriptEntry;

constexpr std::string_view kHeader =
    "# carrier-pigeon transcript 1\n# numbers, texts, codes and PINs are masked\n";

// While it lives, Ctrl-C and SIGTERM end the conversation on a socket instead of the program.
std::atomic<int> interrupted_fd{-1};
std::atomic<bool> was_interrupted{false};

void interrupt(int) {
  const int saved = errno;
  was_interrupted = true;
  if (const int fd = interrupted_fd; fd >= 0) ::shutdown(fd, SHUT_RDWR);
  errno = saved;
}

class UntilInterrupted {
 public:
  explicit UntilInterrupted(int fd) {
    was_interrupted = false;
    interrupted_fd = fd;
    struct sigaction action {};
    action.sa_handler = interrupt;
    ::sigaction(SIGINT, &action, &before_int_);
    ::sigaction(SIGTERM, &action, &before_term_);
  }
  ~UntilInterrupted() {
    ::sigaction(SIGINT, &before_int_, nullptr);
    ::sigaction(SIGTERM, &before_term_, nullptr);
    interrupted_fd = -1;
  }
  UntilInterrupted(const UntilInterrupted&) = delete;
  UntilInterrupted& operator=(const UntilInterrupted&) = delete;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

// A file of its own: an older recording is nobody's to overwrite.
class Recording {
 public:
  static Result<Recording> create(const std::string& path) {
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd) return fail_errno(path, errno);
    Recording recording(std::move(fd));
    if (!recording.write(std::string(kHeader))) return fail_errno(path, errno);
    return recording;
  }
  // Times begin with the first one. Nothing is added behind an entry that the file did not take.
  void add(TranscriptEntry entry) {
    if (refused_ != 0) return;
    if (lines_ == 0) begin_ = entry.at;
    entry.at -= begin_;
    if (!write(modem::format_entry(entry) + "\n"))
      refused_ = errno;
    else
      ++lines_;
  }
  [[nodiscard]] int lines() const { return lines_; }
  [[nodiscard]] int refused() const {
    return refused_;
  }  // errno of the entry that was not taken; 0: all are there

 private:
  explicit Recording(Fd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] bool write(const std::string& line) const {
    const ssize_t written = ::write(fd_.get(), line.data(), line.size());
    if (written >= 0 && written < static_cast<ssize_t>(line.size()))
      errno = ENOSPC;  // there was room for a part
    return written == static_cast<ssize_t>(line.size());
  }
  Fd fd_;
  std::chrono::microseconds begin_{0};
  int lines_ = 0;
  int refused_ = 0;
};

// Until Ctrl-C, or `time` is over.
int listen_to_daemon(const Call& call, const std::string& database, milliseconds time,
                     const std::function<void(const TranscriptEntry&)>& heard) {
  auto client = control::Client::open(control::socket_path(database));
  std::string cure;
  if (!client) {
    const auto again = ask_pigeond(database, "modem.watch", {}, cure, {}, milliseconds(1));
    const Error& error = again ? client.error() : again.error();
    return complain(call, control::word_of(error.code), error.message, cure, kWrong);
  }
  control::Json body = control::Json::object();
  if (const std::string modem = option_of(call, "--modem"); !modem.empty()) body["modem"] = modem;
  const UntilInterrupted interruption(client->fd());
  const auto result = client->ask("modem.watch", body, steady_now() + time, [&](const control::Json& line) {
    const auto entry = modem::parse_entry(line.is_string() ? line.get<std::string>() : "");
    if (entry) heard(*entry);
  });
  if (was_interrupted || result || result.error().code == Errc::timeout) return kFine;
  return complain(call, control::word_of(result.error().code), result.error().message, "",
                  result.error().code == Errc::bad_input ? kUsage : kWrong);
}

// Opening, figures and messages: what goes wrong goes wrong here.
Result<void> look_at(ModemOpener& opener, const ModemConfig& config, modem::Traffic& traffic) {
  const auto opened = opener.open(config, &traffic);
  if (!opened) return tl::unexpected(opened.error());
  if (const auto health = (*opened)->health(); !health) return tl::unexpected(health.error());
  if (const auto messages = (*opened)->list_messages(); !messages) return tl::unexpected(messages.error());
  return {};
}

int end(const Call& call, const Recording& recording, const std::string& path) {
  if (recording.refused() != 0) {
    return complain(call, "io", path + " ends too early: " + std::strerror(recording.refused()),
                    "make room, and record again", kWrong);
  }
  if (call.json)
    call.out << dumped({{"file", path}, {"lines", recording.lines()}}) << "\n";
  else
    call.out << recording.lines() << " lines in " << escape_controls(path)
             << ", without numbers, texts, codes and PINs\n";
  return kFine;
}

int record_port(const Call& call, const std::string& path) {
  const auto config = configuration(call);
  const ModemConfig* const chosen = config ? modem_of(call, *config) : nullptr;
  if (chosen == nullptr) return kUsage;
  auto recording = Recording::create(path);  // as whoever asks: the service's user may not write there
  if (!recording) return complain(call, "usage", recording.error().message, "name another file", kUsage);
  log::configure({.level = log::Level::error});
  preflight::become_service_user(call.config_path);
  modem::Traffic traffic;
  modem::TrafficMask mask(modem::urcs_of_all());
  const bool listens = traffic.listen([&](const TranscriptEntry& said) {
    for (TranscriptEntry& entry : mask.take(said)) recording->add(std::move(entry));
    return true;
  });
  if (!listens) return kWrong;
  ModemOpener opener(*config);
  const auto looked = look_at(opener, *chosen, traffic);
  for (TranscriptEntry& entry : mask.finish()) recording->add(std::move(entry));
  if (!looked && recording->refused() == 0) {
    const std::string cure = "it is in " + path + ", in " + std::to_string(recording->lines()) + " lines";
    return complain(call, control::word_of(looked.error().code), looked.error().message, cure, kWrong);
  }
  return end(call, *recording, path);
}

// Nothing, said, where it is no number of seconds; without the option it is for good.
std::optional<milliseconds> time_of(const Call& call) {
  const std::string word = option_of(call, "--seconds");
  if (word.empty()) return std::chrono::hours(24 * 365);
  int value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc() && stop == word.data() + word.size() && value > 0) return seconds(value);
  complain(call, "usage", "'" + word + "' is no number of seconds", "--seconds 60", kUsage);
  return std::nullopt;
}

}  // namespace

std::string watched(const TranscriptEntry& entry, bool json) {
  const bool to_modem = entry.kind == TranscriptEntry::Kind::to_modem;
  constexpr std::size_t kRoom = 60;
  std::string out;
  std::string_view bytes = entry.bytes;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    const std::string line = escape_controls(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.empty()) continue;
    const double at = std::chrono::duration<double>(entry.at).count();
    if (json) {
      out += Json{{"at", at}, {"to", to_modem ? "modem" : "pigeond"}, {"line", line}}.dump(
                 -1, ' ', false, Json::error_handler_t::replace) +
             "\n";
      continue;
    }
    char front[32];
    std::snprintf(front, sizeof front, "%9.3f %c ", at, to_modem ? '>' : '<');
    out += front + shorten(line, kRoom) + "\n";
  }
  return out;
}

int run_modem_watch(const Call& call) {
  const auto database = database_of(call);
  if (!database) return kUsage;
  if (::isatty(STDERR_FILENO) == 1 && !call.json && has_daemon(*database))
    call.err << "watching what pigeond and the modem say; Ctrl-C ends it" << std::endl;
  std::optional<std::chrono::microseconds> begin;
  return listen_to_daemon(call, *database, std::chrono::hours(24 * 365), [&](TranscriptEntry entry) {
    if (!begin) begin = entry.at;
    entry.at -= *begin;
    call.out << watched(entry, call.json) << std::flush;
  });
}

int run_modem_record(const Call& call) {
  const std::string& path = call.arguments.front();
  const auto time = time_of(call);
  const auto database = time ? database_of(call) : std::nullopt;
  if (!database) return kUsage;
  if (!has_daemon(*database)) return record_port(call, path);
  auto recording = Recording::create(path);
  if (!recording) return complain(call, "usage", recording.error().message, "name another file", kUsage);
  if (::isatty(STDERR_FILENO) == 1 && !call.has("--seconds"))
    call.err << "recording what pigeond and the modem say; Ctrl-C ends it\n";
  const int status =
      listen_to_daemon(call, *database, *time, [&](const TranscriptEntry& entry) { recording->add(entry); });
  return status == kFine ? end(call, *recording, path) : status;
}

}  // namespace pigeon::cli
