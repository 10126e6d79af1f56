// A whole box on a desk: the real pigeond as a child process between the simulated modem and the sandbox of
// X, with its own database and port. Tests drive it as people would: by texts from phones and a browser's
// requests.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "sim/modem/sim_modem.h"
#include "sim/network/carrier.h"
#include "sim/x/x_sandbox.h"

namespace pigeon::e2e {

inline constexpr milliseconds kPatience = seconds(30);  // for anything that must happen; sanitizers are slow

// Polls `condition` until it holds or `timeout` has passed; `every` for one that is dear to ask.
[[nodiscard]] bool eventually(const std::function<bool()>& condition, milliseconds timeout = kPatience,
                              milliseconds every = milliseconds(2));

struct BoxOptions {
  sim::SimModemOptions modem{};
  sim::XSandboxOptions x{};
  std::string gateway_config{};            // further lines of [gateway]
  std::string extra_config{};              // TOML behind the rest
  std::vector<std::string> environment{};  // "NAME=value" for pigeond
  bool text_back = true;
  bool by_pin = false;          // people link by PIN; no public_url, no web
  bool signs = false;           // consumer keys alone: OAuth 1.0a with a callback
  bool verbose = false;         // pigeond logs every step
  bool default_limits = false;  // [limits] as nobody has set them; else so high that no test meets them
  std::string folder{};         // the store's; empty: a fresh one that goes with the box
  std::string country = "US";
  std::string modem_config{};                      // further lines of [[modem]]
  std::string client_secret = "sandbox-secret\n";  // octets of the client secret's file
  bool saved_by_windows = false;                   // the configuration has a byte order mark and CRLF
  std::string clock{};  // pigeond's wall clock before the real one, "-40d", "+90"; empty: it has the real one
};

class Box {
 public:
  explicit Box(BoxOptions options = {});
  ~Box();
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;

  // Starts pigeond and waits for READY=1; false: it ended instead (exit_status(), log()).
  bool start();
  void kill9();
  // SIGTERM and the exit status; nothing when it took longer than `timeout` (then it is killed).
  std::optional<int> stop(milliseconds timeout = seconds(5));
  // Waits until pigeond tells the service manager `what` (sd_notify(3)); what it told before is read first.
  // False: it ended, or kept silent for kPatience.
  [[nodiscard]] bool notified(std::string_view what);
  // Waits for pigeond to end by itself.
  std::optional<int> wait_for_exit(milliseconds timeout = kPatience);
  // Whether pigeond has ended by itself; it is not reaped.
  [[nodiscard]] bool ended() const;
  void set_environment(std::vector<std::string> environment) {
    options_.environment = std::move(environment);
  }
  void set_modem_url(const std::string& url);    // before start()
  void set_country(const std::string& country);  // before start()
  void set_api_url(const std::string& url);      // before start(): what stands before X; "": X itself
  // A library that is loaded into pigeond from its next start on; "": none.
  void set_preload(std::string library) { preload_ = std::move(library); }
  // Sets pigeond's wall clock, as BoxOptions::clock, which must not have been empty; its other clocks go on.
  void set_clock(const std::string& distance) const;
  // While full no file of pigeond can grow or be written: what a card without room does, as EFBIG.
  void set_full(bool full) const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string log() const;

  // Texts and waits for the next SMS to `phone`, beyond those it has.
  std::string ask(const std::string& phone, const std::string& text);
  // The whole pairing: text, link, button, consent, text-back.
  void link(const std::string& phone);
  // By PIN: the person opens the link in `sms` and agrees; the PIN that X shows.
  [[nodiscard]] std::string pin_for(const std::string& sms) const;
  // From a link in an SMS to the page behind X's redirect; its body.
  // `callbacks`: how often the browser fetches the page that X sends it to; the last one is returned.
  std::string follow_link(const std::string& sms, bool agree = true, int callbacks = 1);

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string database() const { return (folder_ / "pigeon.db").string(); }
  [[nodiscard]] std::string config() const { return (folder_ / "pigeon.toml").string(); }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }
  // One value from the database, read while pigeond runs or not.
  [[nodiscard]] std::string query(const std::string& sql) const;
  // Whether `phone` was sent a text that begins so, or nobody knows it: a reply that was being handed over
  // when the box was cut off is never sent a second time.
  [[nodiscard]] bool has_answered(const std::string& phone, const std::string& beginning) const;

  sim::XSandbox x;
  sim::SimModem modem;
  sim::Carrier carrier;

 private:
  void write_config();
  void add_preloads(std::vector<std::string>& environment) const;
  void forget_process();  // after it was reaped

  BoxOptions options_;
  std::filesystem::path folder_;
  bool owns_folder_ = false;
  std::string modem_url_;
  std::string preload_;
  std::string api_url_;
  int port_ = 0;
  Fd notify_;
  std::thread log_reader_;
  pid_t pid_ = -1;
};

// What a text-back page asks for, "LINK 482193".
[[nodiscard]] std::string code_on_page(const std::string& html);
// The first http link in an SMS.
[[nodiscard]] std::string link_in(const std::string& sms);

}  // namespace pigeon::e2e
