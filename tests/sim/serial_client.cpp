// See serial_client.h.
#include "tests/sim/serial_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pigeon::sim {
namespace {

bool is_complete(std::string_view answer) {
  if (answer.ends_with("> ")) return true;
  if (!answer.ends_with("\r\n")) return false;
  const std::string_view without_end = answer.substr(0, answer.size() - 2);
  const std::size_t start = without_end.rfind('\n');
  const std::string_view line = start == std::string_view::npos ? without_end : without_end.substr(start + 1);
  return line == "OK" || line == "ERROR" || line == "NO CARRIER" || line.starts_with("+CME ERROR:") ||
         line.starts_with("+CMS ERROR:");
}

// Reads until `complete` says so; false when time runs out or the line hangs up.
template <typename Complete>
bool read_while(int fd, std::string& out, milliseconds patience, Complete complete) {
  const SteadyTime deadline = steady_now() + patience;
  while (!complete(out)) {
    pollfd polled{fd, POLLIN, 0};
    if (::poll(&polled, 1, poll_timeout(deadline)) <= 0) return false;
    char byte = 0;  // one at a time: what stands behind the end belongs to the next reader
    if (::read(fd, &byte, 1) != 1) return false;
    out += byte;
  }
  return true;
}

}  // namespace

SerialClient::SerialClient(const std::string& device)
    : fd_(::open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), device);
}

void SerialClient::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
    if (put <= 0) throw std::system_error(errno, std::generic_category(), "write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

std::string SerialClient::read_until(std::string_view end, milliseconds patience) {
  std::string out;
  read_while(fd_.get(), out, patience, [&](std::string_view so_far) { return so_far.ends_with(end); });
  return out;
}

std::string SerialClient::ask(std::string_view command) {
  write(std::string(command) + "\r");
  std::string out;
  read_while(fd_.get(), out, milliseconds(5000), is_complete);
  return out;
}

std::string SerialClient::answer(std::string_view command) {
  std::string out = ask(command);
  const std::string echo = std::string(command) + "\r";
  if (out.starts_with(echo)) out.erase(0, echo.size());
  return joined_lines(out);
}

std::string SerialClient::unasked() {
  std::string out = ask("AT");
  constexpr std::string_view kAnswer = "\r\nOK\r\n";
  if (out.ends_with(kAnswer)) out.erase(out.size() - kAnswer.size());
  return out;
}

bool SerialClient::hung_up(milliseconds patience) const {
  const SteadyTime deadline = steady_now() + patience;
  pollfd polled{fd_.get(), 0, 0};
  return ::poll(&polled, 1, poll_timeout(deadline)) == 1 && (polled.revents & POLLHUP) != 0;
}

bool SerialClient::nothing_to_read(milliseconds patience) const {
  const SteadyTime deadline = steady_now() + patience;
  int bytes = 0;
  while (::ioctl(fd_.get(), FIONREAD, &bytes) == 0 && bytes > 0 && steady_now() < deadline) {
    ::poll(nullptr, 0, 1);
  }
  return bytes == 0;
}

void SerialClient::set_exclusive() const {
  if (::ioctl(fd_.get(), TIOCEXCL) != 0) throw std::system_error(errno, std::generic_category(), "TIOCEXCL");
}

bool SerialClient::is_exclusive() const {
  int exclusive = 0;
  if (::ioctl(fd_.get(), TIOCGEXCL, &exclusive) != 0) {
    throw std::system_error(errno, std::generic_category(), "TIOCGEXCL");
  }
  return exclusive != 0;
}

std::string joined_lines(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find("\r\n");
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 2);
    if (line.empty()) continue;
    if (!out.empty()) out += "|";
    out += line;
  }
  return out;
}

}  // namespace pigeon::sim
