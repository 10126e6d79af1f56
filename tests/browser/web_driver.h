// A real Chromium without a window, steered through chromedriver (W3C WebDriver), for what only a browser
// decides: whether a policy lets a form go where it must, and which cookies come back.
#pragma once

#include <httplib.h>
#include <sys/types.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace pigeon::testing {

class WebDriver {
 public:
  // Starts chromedriver at `program` on a free port and opens a window of a phone's size. Throws
  // std::runtime_error.
  explicit WebDriver(const std::string& program);
  ~WebDriver();
  WebDriver(const WebDriver&) = delete;
  WebDriver& operator=(const WebDriver&) = delete;

  void open(const std::string& url);
  // Elements are waited for, up to 10 s, and named by the CSS selector that they fit first. A click does not
  // wait for what follows it.
  void click(const std::string& selector);
  void run(const std::string& script);
  [[nodiscard]] std::string url();
  [[nodiscard]] std::string text(const std::string& selector);
  [[nodiscard]] std::string attribute(const std::string& selector, const std::string& name);
  [[nodiscard]] std::string css(const std::string& selector, const std::string& property);
  // Whether the window comes to an address that begins so, within 10 s.
  [[nodiscard]] bool comes_to(const std::string& url);
  // What the browser complained about since the last call, one line each.
  [[nodiscard]] std::string complaints();
  // Whether it complains about `word` within 10 s.
  [[nodiscard]] bool complains_about(const std::string& word);

 private:
  nlohmann::json ask(const std::string& method, const std::string& path, const nlohmann::json& body = {});
  [[nodiscard]] std::string element(const std::string& selector);

  pid_t pid_ = -1;
  std::unique_ptr<httplib::Client> client_;
  std::string session_;  // "/session/<id>"
};

}  // namespace pigeon::testing
