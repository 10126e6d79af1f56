// The WebDriver protocol (https://www.w3.org/TR/webdriver2/) as far as these tests need it.
#include "tests/browser/web_driver.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "base/clock.h"
#include "base/fd.h"

namespace pigeon::testing {
namespace {

using nlohmann::json;

constexpr milliseconds kPatience = seconds(10);
constexpr const char* kElementKey = "element-6066-11e4-a52e-4f735466cecf";

// Starts `program --port=0`; `output` receives what it prints.
pid_t spawn(const std::string& program, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program;
  std::string port = "--port=0";
  const std::array<char*, 3> arguments{name.data(), port.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(program + ": cannot be started");
  return pid;
}

// chromedriver says "ChromeDriver was started successfully on port 38203."
int announced_port(int output) {
  constexpr std::string_view kBefore = "successfully on port ";
  const SteadyTime deadline = steady_now() + seconds(30);
  std::string said;
  std::array<char, 512> buffer;
  pollfd entry{.fd = output, .events = POLLIN, .revents = 0};
  while (::poll(&entry, 1, poll_timeout(deadline)) > 0) {
    const ssize_t got = ::read(output, buffer.data(), buffer.size());
    if (got <= 0) break;
    said.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t at = said.find(kBefore);
    if (at != std::string::npos && said.find('.', at) != std::string::npos) {
      return std::atoi(said.c_str() + at + kBefore.size());
    }
  }
  throw std::runtime_error("chromedriver named no port: " + said);
}

json capabilities() {
  return {{"capabilities",
           {{"alwaysMatch",
             {{"browserName", "chrome"},
              {"timeouts", {{"implicit", kPatience.count()}}},
              {"goog:loggingPrefs", {{"browser", "ALL"}}},
              {"goog:chromeOptions",
               {{"args",
                 json::array({"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                              "--no-proxy-server", "--window-size=390,844"})}}}}}}}};
}

// Chromium says nothing by itself when it has got somewhere, so it is asked until it has.
template <typename Condition>
bool eventually(const Condition& condition) {
  const SteadyTime deadline = steady_now() + kPatience;
  while (!condition()) {
    if (steady_now() >= deadline) return false;
    std::this_thread::sleep_for(milliseconds(20));
  }
  return true;
}

}  // namespace

WebDriver::WebDriver(const std::string& program) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  pid_ = spawn(program, write_end.get());
  write_end.reset();
  client_ = std::make_unique<httplib::Client>("127.0.0.1", announced_port(read_end.get()));
  client_->set_read_timeout(std::chrono::seconds(60));
  session_ = "/session/" + ask("POST", "/session", capabilities()).at("sessionId").get<std::string>();
}

WebDriver::~WebDriver() {
  if (!session_.empty()) client_->Delete(session_);  // ends the browser
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

json WebDriver::ask(const std::string& method, const std::string& path, const json& body) {
  const std::string sent = body.is_null() ? "{}" : body.dump();
  const auto result = method == "GET" ? client_->Get(session_ + path)
                                      : client_->Post(session_ + path, sent, "application/json");
  if (!result) throw std::runtime_error("chromedriver does not answer");
  json value = json::parse(result->body).at("value");
  if (result->status != 200) throw std::runtime_error(path + ": " + value.value("message", "failed"));
  return value;
}

std::string WebDriver::element(const std::string& selector) {
  const json found = ask("POST", "/element", {{"using", "css selector"}, {"value", selector}});
  return "/element/" + found.at(kElementKey).get<std::string>();
}

void WebDriver::open(const std::string& url) {
  ask("POST", "/url", {{"url", url}});
}

void WebDriver::click(const std::string& selector) {
  ask("POST", element(selector) + "/click");
}

void WebDriver::run(const std::string& script) {
  ask("POST", "/execute/sync", {{"script", script}, {"args", json::array()}});
}

std::string WebDriver::url() {
  return ask("GET", "/url");
}

std::string WebDriver::text(const std::string& selector) {
  return ask("GET", element(selector) + "/text");
}

std::string WebDriver::attribute(const std::string& selector, const std::string& name) {
  return ask("GET", element(selector) + "/attribute/" + name);
}

std::string WebDriver::css(const std::string& selector, const std::string& property) {
  return ask("GET", element(selector) + "/css/" + property);
}

bool WebDriver::comes_to(const std::string& wanted) {
  return eventually([&] { return url().starts_with(wanted); });
}

bool WebDriver::complains_about(const std::string& word) {
  return eventually([&] { return complaints().find(word) != std::string::npos; });
}

std::string WebDriver::complaints() {
  std::string lines;
  for (const json& entry : ask("POST", "/se/log", {{"type", "browser"}})) {
    lines += entry.at("message").get<std::string>() + "\n";
  }
  return lines;
}

}  // namespace pigeon::testing
