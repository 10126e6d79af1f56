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
  // Clicks the first element that fits the CSS selector and waits for the page that follows.
  void click(const std::string& selector);
  void run(const std::string& script);
  [[nodiscard]] std::string url();
  [[nodiscard]] std::string text(const std::string& selector);
  [[nodiscard]] std::string attribute(const std::string& selector, const std::string& name);
  [[nodiscard]] std::string css(const std::string& selector, const std::string& property);
  // What the browser had to complain about since the last call, one line each.
  [[nodiscard]] std::string complaints();

 private:
  nlohmann::json ask(const std::string& method, const std::string& path, const nlohmann::json& body = {});
  [[nodiscard]] std::string element(const std::string& selector);

  pid_t pid_ = -1;
  std::unique_ptr<httplib::Client> client_;
  std::string session_;  // "/session/<id>"
};

}  // namespace pigeon::testing
