// libcurl's easy interface behind HttpClient. What needs care here is the promise that a request which is not
// safe to repeat leaves this machine at most once: libcurl quietly sends a request again when a reused
// connection dies before the first octet of the answer, and has no option against it. The pre-request
// callback runs before every such attempt, so it stops the second one; whether it ran at all also tells
// "never sent" from "may have been sent".
#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace pigeon::net {
namespace {

constexpr milliseconds kConnectTimeout = seconds(10);
constexpr std::size_t kMaxBody = 1 << 20;
constexpr std::size_t kMaxHeaders = 64 << 10;
constexpr long kMaxStatus = 599;
// Home routers forget idle connections after minutes; a request into a forgotten one is lost without a sign.
constexpr long kMaxIdleSeconds = 60;
constexpr long kMaxIdleConnections = 2;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct StringDeleter {
  void operator()(char* text) const { curl_free(text); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// What the callbacks of one transfer see and note.
struct Transfer {
  HttpResponse response;
  std::size_t header_octets = 0;
  bool headers_ended = false;  // libcurl takes a connection cut within them for the end of the answer
  int attempts = 0;            // requests that libcurl was about to write
  bool repeatable = false;     // a safe method (RFC 9110 §9.2.1)
  const char* stop = nullptr;  // why a callback ended the transfer
  const std::atomic<bool>* interrupted = nullptr;
};

// libcurl calls this at least once a second while a transfer lasts.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.interrupted->load()) return 0;
  transfer.stop = "the program is stopping";
  return 1;
}

int on_attempt(void* user, char*, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (++transfer.attempts == 1 || transfer.repeatable) return CURL_PREREQFUNC_OK;
  transfer.stop = "the connection ended before an answer came";
  return CURL_PREREQFUNC_ABORT;
}

void note_header(HttpResponse& response, std::string_view line) {
  if (line.starts_with("HTTP/")) {
    response.headers.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  const std::string_view value = trim(line.substr(colon + 1));
  auto [entry, fresh] = response.headers.try_emplace(ascii_lower(line.substr(0, colon)), value);
  if (!fresh) entry->second.append(", ").append(value);  // RFC 9110 §5.3
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t octets = size * count;
  transfer.header_octets += octets;
  if (transfer.header_octets > kMaxHeaders) {
    transfer.stop = "the answer's headers are larger than 64 KiB";
    return 0;
  }
  const std::string_view line(data, octets);
  if (line.starts_with("HTTP/")) transfer.headers_ended = false;      // also after a 1xx
  if (!transfer.headers_ended) note_header(transfer.response, line);  // else a trailer
  if (trim(line).empty()) transfer.headers_ended = true;
  return octets;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t octets = size * count;
  if (octets > kMaxBody - transfer.response.body.size()) {
    transfer.stop = "the answer is larger than 1 MiB";
    return 0;
  }
  transfer.response.body.append(data, octets);
  return octets;
}

// The parts of a URL that may be shown: neither user information nor a query can carry a secret into a log.
struct Target {
  std::string shown;
  bool loopback = false;
};

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, StringDeleter> owner(text);
  return text;
}

Result<Target> parse_target(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  if (!url) throw std::bad_alloc();
  if (text.find('\0') != std::string::npos ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return fail(Errc::bad_input, "HTTP: the URL is malformed");
  }
  const std::string scheme = url_part(url.get(), CURLUPART_SCHEME);
  const std::string host = url_part(url.get(), CURLUPART_HOST);
  if (scheme != "https" && scheme != "http") {
    return fail(Errc::bad_input, "HTTP: only http and https URLs are served, not " + scheme);
  }
  return Target{.shown = scheme + "://" + host + url_part(url.get(), CURLUPART_PATH),
                .loopback = host == "127.0.0.1" || host == "[::1]" || host == "localhost"};
}

bool is_header_clean(std::string_view header) {
  return header.find(':') != std::string_view::npos &&
         header.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Result<void> check(const HttpRequest& request) {
  constexpr std::array<std::string_view, 4> kMethods{"GET", "POST", "PUT", "DELETE"};
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end()) {
    return fail(Errc::bad_input, "HTTP: no such method");
  }
  if (!std::all_of(request.headers.begin(), request.headers.end(), is_header_clean)) {
    return fail(Errc::bad_input, "HTTP: a header holds a line break or has no name");
  }
  return {};
}

HeaderList header_list(const HttpRequest& request) {
  HeaderList list;
  const auto append = [&list](const char* header) {
    curl_slist* longer = curl_slist_append(list.get(), header);
    if (longer == nullptr) throw std::bad_alloc();
    (void)list.release();  // `longer` owns the same head
    list.reset(longer);
  };
  append("Expect:");  // no 100-continue: headers and body leave in one write
  for (const std::string& header : request.headers) append(header.c_str());
  return list;
}

// A refused option would silently weaken what this file promises, so it stops the program's work instead.
template <typename T>
void set(CURL* handle, CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(handle, option, value);
  if (code != CURLE_OK)
    throw std::runtime_error(std::string("libcurl refuses an option: ") + curl_easy_strerror(code));
}

void set_policy(CURL* handle) {
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_TCP_NODELAY, 1L);
  set(handle, CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  set(handle, CURLOPT_MAXCONNECTS, kMaxIdleConnections);
  set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // Answers are too small to ask for compressed ones; naming any coding makes libcurl undo those that come.
  set(handle, CURLOPT_ACCEPT_ENCODING, "identity");
  set(handle, CURLOPT_USERAGENT, "carrier-pigeon/" PIGEON_VERSION);
}

void set_callbacks(CURL* handle, Transfer& transfer) {
  set(handle, CURLOPT_PREREQFUNCTION, on_attempt);
  set(handle, CURLOPT_PREREQDATA, &transfer);
  set(handle, CURLOPT_HEADERFUNCTION, on_header);
  set(handle, CURLOPT_HEADERDATA, &transfer);
  set(handle, CURLOPT_WRITEFUNCTION, on_body);
  set(handle, CURLOPT_WRITEDATA, &transfer);
  set(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
  set(handle, CURLOPT_XFERINFODATA, &transfer);
  set(handle, CURLOPT_NOPROGRESS, 0L);
}

void set_request(CURL* handle, const HttpRequest& request, milliseconds limit, const Target& target,
                 curl_slist* headers) {
  set(handle, CURLOPT_URL, request.url.c_str());
  if (target.loopback) set(handle, CURLOPT_PROXY, "");  // elsewhere libcurl obeys https_proxy and no_proxy
  set(handle, CURLOPT_HTTPHEADER, headers);
  // 0 would mean "no limit" to libcurl.
  const auto total = std::max(std::min(request.timeout, limit), milliseconds(1));
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(total.count()));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(total, kConnectTimeout).count()));
  if (request.method == "POST" || !request.body.empty()) {
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request.body.data());
  }
  if (request.method != "POST") set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

struct HttpClient::Impl {
  std::string ca_file;
  std::unique_ptr<CURL, EasyDeleter> handle{curl_easy_init()};
  std::array<char, CURL_ERROR_SIZE> reason{};
  milliseconds limit = milliseconds::max();
  std::atomic<bool> interrupted = false;

  // The error of a transfer that brought no whole answer.
  tl::unexpected<Error> failure(CURLcode code, const Transfer& transfer, const std::string& what) const {
    std::string text = what + ": ";
    if (transfer.stop != nullptr) {
      text += transfer.stop;
    } else if (code == CURLE_OK) {
      text += "the answer ends within its headers";
    } else {
      text += escape_controls(reason[0] != '\0' ? reason.data() : curl_easy_strerror(code));
    }
    long sent = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_REQUEST_SIZE, &sent);
    if (transfer.attempts > 1 || (transfer.attempts == 1 && sent > 0)) {
      return fail(Errc::outcome_unknown, std::move(text), Retry::yes);
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
      return fail(Errc::bad_input, std::move(text));
    }
    return fail(code == CURLE_OPERATION_TIMEDOUT ? Errc::timeout : Errc::disconnected, std::move(text),
                Retry::yes);
  }
};

HttpClient::HttpClient(std::string ca_file) : impl_(std::make_unique<Impl>()) {
  if (!impl_->handle) throw std::bad_alloc();
  impl_->ca_file = std::move(ca_file);
}

HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  if (auto checked = check(request); !checked) return tl::make_unexpected(checked.error());
  const auto target = parse_target(request.url);
  if (!target) return tl::make_unexpected(target.error());
  if (impl_->interrupted) return fail(Errc::busy, "HTTP: the program is stopping", Retry::yes);

  CURL* const handle = impl_->handle.get();
  Transfer transfer;
  transfer.repeatable = request.method == "GET";
  transfer.interrupted = &impl_->interrupted;
  const HeaderList headers = header_list(request);
  impl_->reason[0] = '\0';
  curl_easy_reset(handle);  // keeps connections, names and TLS sessions
  set(handle, CURLOPT_ERRORBUFFER, impl_->reason.data());
  set_policy(handle);
  if (!impl_->ca_file.empty()) set(handle, CURLOPT_CAINFO, impl_->ca_file.c_str());
  set_callbacks(handle, transfer);
  set_request(handle, request, impl_->limit, *target, headers.get());

  const CURLcode code = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  // RFC 9110 §15; some versions of libcurl read 999 from "99999".
  if (code == CURLE_OK && status > kMaxStatus) transfer.stop = "the answer's status is none of HTTP's";
  if (transfer.stop != nullptr || code != CURLE_OK || !transfer.headers_ended) {
    return impl_->failure(code, transfer, request.method + " " + target->shown);
  }
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

void HttpClient::limit_timeout(milliseconds limit) {
  impl_->limit = limit;
}

void HttpClient::interrupt() {
  impl_->interrupted = true;
}

HttpRuntime::HttpRuntime() {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl cannot start");
}

HttpRuntime::~HttpRuntime() {
  curl_global_cleanup();
}

}  // namespace pigeon::net
