// Caddy's process and file; see caddy.h.
#include "tests/front/caddy.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/clock.h"
#include "tests/free_port.h"

namespace pigeon::testing {
namespace {

constexpr milliseconds kPatience = seconds(30);
constexpr const char* kHost = "pigeon.example";

// Throws when `from` is not there any more: the file was changed, and this with it.
void replace(std::string& text, std::string_view from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("image/Caddyfile has no " + std::string(from));
  text.replace(at, from.size(), to);
}

std::string edited_caddyfile(const std::string& socket_path, int tls_port, int plain_port) {
  std::ostringstream shipped;
  shipped << std::ifstream(PIGEON_CADDYFILE).rdbuf();
  std::string text = shipped.str();
  const std::string host = kHost;
  replace(text, "{\n\tservers {",
          "{\n\tadmin off\n\tskip_install_trust\n\thttps_port " + std::to_string(tls_port) +
              "\n\thttp_port " + std::to_string(plain_port) + "\n\tservers {");
  replace(text, "unix//run/carrier-pigeon-web/web.sock", "unix/" + socket_path);
  // The same site once more without TLS, and before that with a certificate of Caddy's own.
  const std::size_t site = text.find("\n" + host + " {");
  if (site == std::string::npos) throw std::runtime_error("image/Caddyfile has no site");
  std::string plain = text.substr(site);
  replace(plain, host, "http://" + host);
  replace(text, "\n" + host + " {", "\n" + host + " {\n\ttls internal");
  return text + plain;
}

pid_t spawn(std::vector<std::string> words, std::vector<std::string> variables, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(words.front() + ": cannot be started");
  return pid;
}

int exit_status(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string quoted(const std::string& word) {
  return "'" + word + "'";  // no test has an apostrophe
}

}  // namespace

Caddy::Caddy(const std::string& socket_path) : tls_port_(test::free_port()), plain_port_(test::free_port()) {
  const std::string file = folder_.path("Caddyfile");
  std::ofstream(file) << edited_caddyfile(socket_path, tls_port_, plain_port_);
  pid_ = spawn({PIGEON_CADDY, "run", "--adapter", "caddyfile", "--config", file},
               {"HOME=" + folder_.path(""), "XDG_DATA_HOME=" + folder_.path("data"),
                "XDG_CONFIG_HOME=" + folder_.path("config")},
               folder_.path("log"));
  const SteadyTime deadline = steady_now() + kPatience;
  while (curl("/nowhere") != "2 404") {
    if (steady_now() > deadline || ::waitpid(pid_, nullptr, WNOHANG) != 0) {
      std::ostringstream log;
      log << std::ifstream(folder_.path("log")).rdbuf();
      throw std::runtime_error("caddy does not serve: " + log.str());
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
}

Caddy::~Caddy() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string Caddy::curl(const std::string& path, const std::vector<std::string>& options) const {
  const std::string port = std::to_string(tls_port_);
  std::string command = std::string(PIGEON_CURL) + " -sk -o /dev/null -w '%{http_version} %{http_code}'" +
                        " --max-time 20 --noproxy '*' --resolve " + kHost + ":" + port + ":127.0.0.1";
  for (const std::string& option : options) command += " " + quoted(option);
  command += " " + quoted("https://" + std::string(kHost) + ":" + port + path) + " 2>/dev/null </dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
  if (!out) throw std::runtime_error("curl cannot be started");
  std::array<char, 256> buffer{};
  std::string said;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), out.get()))
    said.append(buffer.data(), got);
  return said;
}

int validate_caddyfile() {
  const TemporaryDirectory folder;
  return exit_status(spawn({PIGEON_CADDY, "validate", "--adapter", "caddyfile", "--config", PIGEON_CADDYFILE},
                           {"HOME=" + folder.path(""), "XDG_DATA_HOME=" + folder.path("data"),
                            "XDG_CONFIG_HOME=" + folder.path("config")},
                           folder.path("log")));
}

}  // namespace pigeon::testing
