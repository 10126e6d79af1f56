// Normalising by ICU, which is left out for ASCII: that is in every normal form already.
#include "x/weight/nfc.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.h"

namespace pigeon::x {
namespace {

std::string normalised(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status)) {
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink,
                       nullptr, status);
  }
  if (U_FAILURE(status))
    throw std::runtime_error(std::string("ICU cannot normalise: ") + u_errorName(status));
  return out;
}

}  // namespace

std::u32string to_nfc(std::string_view text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return {text.begin(), text.end()};
  const std::string nfc = normalised(text);
  std::u32string out;
  out.reserve(nfc.size());
  for (std::size_t at = 0; at < nfc.size();) out += next_code_point(nfc, at);
  return out;
}

}  // namespace pigeon::x
