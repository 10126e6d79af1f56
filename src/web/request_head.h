// The first look at the bytes of a request, before any of them reach the HTTP library: where it ends, and
// whether it is one that this server wants at all. Pure, linear and strict, since these bytes come from
// strangers.
//
//   POST /auth/abc HTTP/1.1 CRLF          kMaxRequestLine
//   Name: value CRLF                      kMaxHeaders of them
//   CRLF                                  kMaxHead up to here
//   body, exactly Content-Length octets   kMaxBody; the pages' only form is empty
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pigeon::web {

inline constexpr std::size_t kMaxRequestLine = 4096;
inline constexpr std::size_t kMaxHead = 16384;
inline constexpr std::size_t kMaxHeaders = 64;
inline constexpr std::size_t kMaxBody = 4096;

struct HeadCheck {
  enum class Verdict { incomplete, complete, refused };
  Verdict verdict = Verdict::incomplete;
  std::size_t length = 0;  // complete: octets of the whole request, body included
  int status = 0;          // refused: the status that says why
};

// `received` is everything that came so far. Refuses as soon as the bytes cannot become a request any more:
//   400 malformed (RFC 9112 §2–§6: a bare CR or LF, a control character, a folded or nameless header, two
//   lengths) 411 a transfer coding: only bodies with a Content-Length, so that nothing grows while it is read
//   (RFC 9112 §6.3) 413, 414, 431 too long;   417 Expect: the body would be waited for;   505 not HTTP/1.x
[[nodiscard]] HeadCheck check_head(std::string_view received);

// A whole response without a page, for requests that never reach one.
[[nodiscard]] std::string plain_response(int status);

}  // namespace pigeon::web
