// Running a box; see box.h.
#include "tests/e2e/box.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
#include "sim/x/form.h"
#include "tests/free_port.h"

namespace pigeon::e2e {
namespace {

constexpr const char* kGatewayNumber = "+12025550100";

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

// Everything from `source` goes to the end of the file, until nobody can write there any more: pigeond is
// given a pipe, so that it can log while no file of its own may grow.
void copy_to_file(const Fd& source, const Fd& file) {
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(source.get(), buffer, sizeof buffer)) > 0;) {
    static_cast<void>(::write(file.get(), buffer, static_cast<std::size_t>(got)) == got);  // a full disk too
  }
}

void replace_file(const std::filesystem::path& path, const std::string& content) {
  const std::filesystem::path fresh = path.string() + ".new";
  std::ofstream(fresh) << content;
  std::filesystem::rename(fresh, path);
}

std::string with_windows_ends(const std::string& text) {
  std::string out = "\xEF\xBB\xBF";
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

struct Target {
  std::string origin, path;
};

Target split(const std::string& url) {
  const std::size_t slash = url.find('/', url.find("//") + 2);
  return {url.substr(0, slash), slash == std::string::npos ? "/" : url.substr(slash)};
}

}  // namespace

bool eventually(const std::function<bool()>& condition, milliseconds timeout, milliseconds every) {
  const SteadyTime deadline = steady_now() + timeout;
  while (!condition()) {
    if (steady_now() > deadline) return false;
    std::this_thread::sleep_for(every);
  }
  return true;
}

Box::Box(BoxOptions options)
    : x(options.x), modem(options.modem), carrier(modem), options_(std::move(options)) {
  owns_folder_ = options_.folder.empty();
  folder_ = owns_folder_ ? fresh_folder() : std::filesystem::path(options_.folder);
  port_ = test::free_port();
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

namespace {

std::string consumer_keys(const std::string& folder) {
  const std::string secret = folder + "/consumer_secret";
  static_cast<void>(create_private_file(secret, "sandbox-consumer-secret\n"));
  return "consumer_key = \"sandbox-consumer-key\"\nconsumer_secret_file = \"" + secret + "\"\n";
}

}  // namespace

void Box::write_config() {
  const std::string secret = (folder_ / "client_secret").string();
  static_cast<void>(create_private_file(secret, options_.client_secret));
  std::ostringstream file;
  file << "[gateway]\nnumber = \"" << kGatewayNumber << "\"\n"
       << (options_.by_pin ? "" : "public_url = \"" + url() + "\"\n") << "country = \"" << options_.country
       << "\"\n"
       << options_.gateway_config << "[[modem]]\nname = \"main\"\nurl = \"" << modem_url_ << "\"\n"
       << options_.modem_config << "\n"
       << "[x]\n"
       << (options_.by_pin ? "pairing = \"pin\"\n" : "")
       << (options_.by_pin || options_.signs
               ? consumer_keys(folder_.string())
               : "client_id = \"sandbox-client\"\nclient_secret_file = \"" + secret + "\"\n")
       << "authorize_url = \"" << x.url() << "/i/oauth2/authorize\"\napi_url = \""
       << (api_url_.empty() ? x.url() : api_url_) << "\"\n"
       << "[pairing]\ntext_back = " << (options_.text_back ? "true" : "false") << "\n"
       << "[store]\nurl = \"sqlite:" << database() << "\"\nkey_file = \"" << (folder_ / "key").string()
       << "\"\n"
       << (options_.by_pin ? "" : "[web]\nlisten = \"127.0.0.1:" + std::to_string(port_) + "\"\n")
       << (options_.default_limits
               ? ""
               : "[limits]\nunlinked_per_hour = 10000\nlinked_per_hour = 10000\nlinked_per_day = 10000\n"
                 "box_per_hour = 10000\nsame_words_per_hour = 10000\n")
       << options_.extra_config;
  std::ofstream(config()) << (options_.saved_by_windows ? with_windows_ends(file.str()) : file.str());
}

void Box::set_modem_url(const std::string& url) {
  modem_url_ = url;
  write_config();
}

void Box::set_country(const std::string& country) {
  options_.country = country;
  write_config();
}

void Box::set_api_url(const std::string& url) {
  api_url_ = url;
  write_config();
}

void Box::set_clock(const std::string& distance) const {
  replace_file(folder_ / "clock", distance + "\n");
}

// libfaketime answers for the wall clock alone, from a file that it reads each time.
void Box::add_preloads(std::vector<std::string>& environment) const {
  std::string libraries = preload_;
  if (!options_.clock.empty()) {
    if (!std::filesystem::exists(folder_ / "clock")) set_clock(options_.clock);
    libraries += (libraries.empty() ? "" : ":") + std::string("/usr/$LIB/faketime/libfaketimeMT.so.1");
    environment.push_back("FAKETIME_TIMESTAMP_FILE=" + (folder_ / "clock").string());
    environment.insert(environment.end(),
                       {"FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"});
  }
  if (libraries.empty()) return;
  environment.insert(environment.end(), {"LD_PRELOAD=" + libraries, "ASAN_OPTIONS=verify_asan_link_order=0"});
}

void Box::set_full(bool full) const {
  const rlimit none{0, RLIM_INFINITY}, any{RLIM_INFINITY, RLIM_INFINITY};
  if (::prlimit(pid_, RLIMIT_FSIZE, full ? &none : &any, nullptr) != 0)
    throw std::runtime_error("no limit for the size of files");
}

bool Box::start() {
  kill9();  // reaps what ended by itself
  std::vector<std::string> environment = options_.environment;
  add_preloads(environment);
  environment.push_back("NOTIFY_SOCKET=" + (folder_ / "notify").string());
  const std::string config_path = config();
  const std::string log_path = (folder_ / "log").string();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  Fd reading(ends[0]), writing(ends[1]);
  Fd log_file(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing stays behind when a test program is killed
    if (::getppid() != parent) ::_exit(127);
    ::signal(SIGXFSZ, SIG_IGN);  // set_full(): a write fails, as on a full card
    ::dup2(writing.get(), STDOUT_FILENO);
    ::dup2(writing.get(), STDERR_FILENO);
    for (std::string& variable : environment) ::putenv(variable.data());
    if (options_.verbose) {
      ::execl(PIGEOND, PIGEOND, "--config", config_path.c_str(), "--verbose", nullptr);
    } else {
      ::execl(PIGEOND, PIGEOND, "--config", config_path.c_str(), nullptr);
    }
    ::_exit(127);
  }
  writing.reset();
  log_reader_ =
      std::thread([from = std::move(reading), to = std::move(log_file)] { copy_to_file(from, to); });
  const bool ready = notified("READY=1");
  if (!ready && ended()) log_reader_.join();  // its last words too
  if (log().find("cannot be preloaded") != std::string::npos)
    throw std::runtime_error("libfaketime is missing; script/bootstrap --tests installs it");
  return ready;
}

void Box::forget_process() {
  if (log_reader_.joinable()) log_reader_.join();  // all that it said is in the file now
  std::error_code ignored;
  // What libfaketime leaves behind when it cannot clean up; the next process of that number would trip over
  // it.
  for (const char* name : {"faketime_shm_", "sem.faketime_sem_"}) {
    if (!options_.clock.empty())
      std::filesystem::remove("/dev/shm/" + std::string(name) + std::to_string(pid_), ignored);
  }
  pid_ = -1;
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
  forget_process();
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
  forget_process();
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

std::string Box::follow_link(const std::string& sms, bool agree, int callbacks) {
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
  const httplib::Headers with_cookie{{"Cookie", cookie.substr(0, cookie.find(';'))}};
  std::string body;
  for (int i = 0; i < callbacks; ++i) {
    const auto shown = browser.Get(back.path, with_cookie);
    if (!shown) throw std::runtime_error("the callback does not answer");
    if (shown->status != 303) {
      body = shown->body;
      continue;
    }
    const auto place = browser.Get(shown->get_header_value("Location"), with_cookie);
    if (!place) throw std::runtime_error("the place of the pairing does not answer");
    body = place->body;
  }
  return body;
}

std::string Box::pin_for(const std::string& sms) const {
  const std::size_t at = sms.find(x.url());
  return at == std::string::npos ? "" : x.consent_pin(sms.substr(at));
}

void Box::link(const std::string& phone) {
  const std::string link = ask(phone, "START");
  const std::string answer = ask(phone, options_.by_pin ? pin_for(link) : code_on_page(follow_link(link)));
  if (answer.find("Linked to @") == std::string::npos) throw std::runtime_error("not linked: " + answer);
}

bool Box::has_answered(const std::string& phone, const std::string& beginning) const {
  const auto inbox = carrier.inbox(phone);
  const auto is_it = [&](const sim::PhoneMessage& message) { return message.text.starts_with(beginning); };
  if (std::any_of(inbox.begin(), inbox.end(), is_it)) return true;
  return query("SELECT count(*) FROM outbox WHERE state = 'unclear' AND phone = '" + phone +
               "' AND text GLOB '" + beginning + "*'") != "0";
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
  const std::string body = html.substr(at + 5, html.find('"', at) - at - 5);
  return sim::percent_decode(body).value_or("");
}

std::string link_in(const std::string& sms) {
  const std::size_t begin = sms.find("http");
  if (begin == std::string::npos) throw std::runtime_error("no link in: " + sms);
  std::size_t end = begin;
  while (end < sms.size() && std::isspace(static_cast<unsigned char>(sms[end])) == 0) ++end;
  return sms.substr(begin, end - begin);
}

}  // namespace pigeon::e2e
