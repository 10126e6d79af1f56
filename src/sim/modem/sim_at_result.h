// The final result codes of a command line and how a terminal adapter words them: plain, numeric or in full,
// as ATV, ATQ and +CMEE ask (ITU-T V.250 §5.7.1, 3GPP TS 27.007 §9.2, TS 27.005 §3.2.5).
#pragma once

#include <cstdint>
#include <string>

namespace pigeon::sim {

struct FinalResult {
  enum class Kind : std::uint8_t { ok, error, cme_error, cms_error, no_carrier, prompt };

  Kind kind = Kind::ok;
  int code = 0;  // of the two +CM… errors
};

// OK, or 0 after ATV0.
[[nodiscard]] constexpr FinalResult ok() {
  return {};
}
// A bare ERROR, which gives no reason: a syntax error or an unknown command.
[[nodiscard]] constexpr FinalResult error() {
  return {FinalResult::Kind::error, 0};
}
// +CME ERROR of the equipment, TS 27.007 §9.2; a bare ERROR while +CMEE is 0.
[[nodiscard]] constexpr FinalResult cme(int code) {
  return {FinalResult::Kind::cme_error, code};
}
// +CMS ERROR of the message service, TS 27.005 §3.2.5.
[[nodiscard]] constexpr FinalResult cms(int code) {
  return {FinalResult::Kind::cms_error, code};
}

// +CME ERROR codes, TS 27.007 §9.2.1.
inline constexpr int kNotAllowed = 3;
inline constexpr int kNotSupported = 4;
inline constexpr int kSimNotInserted = 10;
inline constexpr int kSimPinRequired = 11;
inline constexpr int kSimPukRequired = 12;
inline constexpr int kSimFailure = 13;
inline constexpr int kSimBusy = 14;
inline constexpr int kIncorrectPassword = 16;
inline constexpr int kNoNetworkService = 30;
inline constexpr int kIncorrectParameters = 50;

// +CMS ERROR codes, TS 27.005 §3.2.5. SIM states are the +CME codes from 10 on, plus 300 (PUK: 316).
inline constexpr int kMessageNotAllowed = 302;
inline constexpr int kMessageNotSupported = 303;
inline constexpr int kInvalidPduParameter = 304;
inline constexpr int kMessageSimPukRequired = 316;
inline constexpr int kMemoryFailure = 320;
inline constexpr int kInvalidMemoryIndex = 321;
inline constexpr int kMemoryFull = 322;
inline constexpr int kServiceCentreUnknown = 330;
inline constexpr int kMessageNoNetworkService = 331;
inline constexpr int kNoAcknowledgementExpected = 340;

// What AT+CMEE chooses.
enum class ErrorWording : std::uint8_t { plain = 0, numeric = 1, verbose = 2 };

// With its framing, ready for the line: "\r\nOK\r\n", or "0\r" after ATV0. A prompt has no words here: "".
[[nodiscard]] std::string final_result_text(const FinalResult& result, bool verbose, ErrorWording errors);

}  // namespace pigeon::sim
