// Running a box; see box.h.
#include "tests/e2e/box.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <httplib.h>

#include "base/file.h"

namespace pigeon::e2e {
namespace {

constexpr const char* kGatewayNumber = "+15550100";

int free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "pigeon-e2e-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

// systemd's side of sd_notify(3).
Fd notify_socket(const std::string& path) {
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("no notify socket");
  }
  return fd;
}

struct Target {
  std::string origin, path;
};

Target split(const std::string& url) {
  const std::size_t slash = url.find('/', url.find("//") + 2);
  return {url.substr(0, slash), slash == std::string::npos ? "/" : url.substr(slash)};
}

}  // namespace

bool eventually(const std::function<bool()>& condition, milliseconds timeout) {
  const SteadyTime deadline = steady_now() + timeout;
  while (!condition()) {
    if (steady_now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

Box::Box(BoxOptions options)
    : x(options.x), modem(options.modem), carrier(modem), options_(std::move(options)) {
  owns_folder_ = options_.folder.empty();
  folder_ = owns_folder_ ? fresh_folder() : std::filesystem::path(options_.folder);
  port_ = free_port();
  x.allow_redirect(url() + "/oauth/callback");
  modem_url_ = "pty:" + modem.device();
  notify_ = notify_socket((folder_ / "notify").string());
  write_config();
}

Box::~Box() {
  kill9();
  std::error_code ignored;
  if (owns_folder_) std::filesystem::remove_all(folder_, ignored);
}

void Box::write_config() {
  const std::string secret = (folder_ / "client_secret").string();
  static_cast<void>(create_private_file(secret, "sandbox-secret\n"));
  std::ofstream file(config());
  file << "[gateway]\nnumber = \"" << kGatewayNumber << "\"\npublic_url = \"" << url()
       << "\"\ncountry = \"US\"\n"
       << options_.gateway_config << "[[modem]]\nname = \"main\"\nurl = \"" << modem_url_ << "\"\n"
       << "[x]\nclient_id = \"sandbox-client\"\nclient_secret_file = \"" << secret << "\"\n"
       << "authorize_url = \"" << x.url() << "/i/oauth2/authorize\"\napi_url = \"" << x.url() << "\"\n"
       << "[pairing]\ntext_back = " << (options_.text_back ? "true" : "false") << "\n"
       << "[store]\nurl = \"sqlite:" << database() << "\"\nkey_file = \"" << (folder_ / "key").string()
       << "\"\n"
       << "[web]\nlisten = \"127.0.0.1:" << port_ << "\"\n"
       << options_.extra_config;
}

void Box::set_modem_url(const std::string& url) {
  modem_url_ = url;
  write_config();
}

bool Box::start() {
  std::vector<std::string> environment = options_.environment;
  environment.push_back("NOTIFY_SOCKET=" + (folder_ / "notify").string());
  const std::string config_path = config();
  const std::string log_path = (folder_ / "log").string();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing stays behind when a test program is killed
    if (::getppid() != parent) ::_exit(127);
    const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    for (std::string& variable : environment) ::putenv(variable.data());
    if (options_.verbose) {
      ::execl(PIGEOND, PIGEOND, "--config", config_path.c_str(), "--verbose", nullptr);
    } else {
      ::execl(PIGEOND, PIGEOND, "--config", config_path.c_str(), nullptr);
    }
    ::_exit(127);
  }
  return notified("READY=1");
}

bool Box::notified(std::string_view what) {
  const SteadyTime deadline = steady_now() + kPatience;
  while (steady_now() < deadline) {
    pollfd waiting{notify_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 20) > 0) {
      char buffer[512];
      const ssize_t got = ::recv(notify_.get(), buffer, sizeof buffer, 0);
      if (got > 0 &&
          std::string_view(buffer, static_cast<std::size_t>(got)).find(what) != std::string::npos) {
        return true;
      }
    }
    if (ended()) return false;
  }
  return false;
}

bool Box::ended() const {
  siginfo_t info{};
  return pid_ <= 0 || (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                       info.si_pid == pid_);
}

void Box::kill9() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::optional<int> Box::stop(milliseconds timeout) {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  return wait_for_exit(timeout);
}

std::optional<int> Box::wait_for_exit(milliseconds timeout) {
  if (pid_ <= 0) return std::nullopt;
  int status = 0;
  const bool ended = eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, timeout);
  if (!ended) {
    kill9();
    return std::nullopt;
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string Box::log() const {
  std::ifstream file(folder_ / "log");
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::string Box::ask(const std::string& phone, const std::string& text) {
  const std::size_t before = carrier.inbox(phone).size();
  if (const auto sent = carrier.text(phone, text); !sent) throw std::runtime_error(sent.error().message);
  const auto inbox = carrier.wait_for(phone, before + 1, kPatience);
  if (inbox.size() <= before) throw std::runtime_error("no answer to: " + text + "\n" + log());
  return inbox[before].text;
}

std::string Box::follow_link(const std::string& sms, bool agree) {
  const Target target = split(link_in(sms));
  httplib::Client browser(target.origin);
  const auto page = browser.Get(target.path);
  if (!page || page->status != 200) throw std::runtime_error("the link shows no page: " + sms);
  const auto pressed = browser.Post(target.path, httplib::Headers{{"Origin", target.origin}}, "",
                                    "application/x-www-form-urlencoded");
  if (!pressed || pressed->status != 303) throw std::runtime_error("the button does not redirect");
  const std::string cookie = pressed->get_header_value("Set-Cookie");
  const std::string authorize = pressed->get_header_value("Location");
  const std::string returned = x.consent(authorize, agree);
  if (returned.empty()) throw std::runtime_error("X shows an error for " + authorize);
  const Target back = split(returned);
  const auto shown = browser.Get(back.path, httplib::Headers{{"Cookie", cookie.substr(0, cookie.find(';'))}});
  if (!shown) throw std::runtime_error("the callback does not answer");
  return shown->body;
}

void Box::link(const std::string& phone) {
  const std::string page = follow_link(ask(phone, "hello"));
  const std::string answer = ask(phone, code_on_page(page));
  if (answer.find("Linked to @") == std::string::npos) throw std::runtime_error("not linked: " + answer);
}

std::string Box::query(const std::string& sql) const {
  sqlite3* db = nullptr;
  sqlite3_open_v2(database().c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_busy_timeout(db, 5000);
  sqlite3_stmt* statement = nullptr;
  std::string value;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    if (const unsigned char* text = sqlite3_column_text(statement, 0))
      value = reinterpret_cast<const char*>(text);
  }
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

std::string code_on_page(const std::string& html) {
  // The sms: link carries the code as its body (RFC 5724).
  const std::size_t at = html.find("body=");
  if (at == std::string::npos) throw std::runtime_error("no code on the page: " + html);
  return html.substr(at + 5, 4);
}

std::string link_in(const std::string& sms) {
  const std::size_t begin = sms.find("http");
  if (begin == std::string::npos) throw std::runtime_error("no link in: " + sms);
  std::size_t end = begin;
  while (end < sms.size() && std::isspace(static_cast<unsigned char>(sms[end])) == 0) ++end;
  return sms.substr(begin, end - begin);
}

}  // namespace pigeon::e2e
