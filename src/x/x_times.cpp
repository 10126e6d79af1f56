// Reading X's moments; see x_times.h.
#include "x/x_times.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace pigeon::x {
namespace {

// Seconds: the year 5138. What is computed with a server's date cannot overflow then.
constexpr std::int64_t kLatest = 100'000'000'000;

// Takes digits and marks from the front of a text; once something is missing, all that follows is 0.
struct Reader {
  std::string_view rest;
  bool fine = true;

  int number(std::size_t digits) {
    int value = 0;
    const std::string_view text = rest.substr(0, digits);
    const bool all_digits = text.size() == digits && std::all_of(text.begin(), text.end(),
                                                                 [](char c) { return c >= '0' && c <= '9'; });
    fine = fine && all_digits;
    if (!fine) return 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    rest.remove_prefix(digits);
    return value;
  }

  // Which one of `marks` comes next, and is taken; '\0': none of them.
  char mark(std::string_view marks) {
    if (rest.empty() || marks.find(rest.front()) == std::string_view::npos) return '\0';
    const char found = rest.front();
    rest.remove_prefix(1);
    return found;
  }

  void expect(std::string_view marks) { fine = mark(marks) != '\0' && fine; }
};

milliseconds fraction(Reader& reader) {
  if (reader.mark(".") == '\0') return {};
  const std::size_t digits = std::min(reader.rest.find_first_not_of("0123456789"), reader.rest.size());
  reader.fine = reader.fine && digits > 0;
  std::string thousandths(reader.rest.substr(0, std::min<std::size_t>(digits, 3)));
  thousandths.resize(3, '0');
  reader.rest.remove_prefix(digits);
  return milliseconds(Reader{thousandths}.number(3));
}

std::chrono::minutes offset(Reader& reader) {
  const char sign = reader.mark("Zz+-");
  if (sign == 'Z' || sign == 'z') return {};
  const int hours = reader.number(2);
  reader.expect(":");
  const int minutes = reader.number(2);
  reader.fine = reader.fine && sign != '\0' && hours < 24 && minutes < 60;
  return (sign == '-' ? -1 : 1) * (std::chrono::hours(hours) + std::chrono::minutes(minutes));
}

}  // namespace

std::optional<UtcTime> http_date(const std::string& text) {
  const std::int64_t at = curl_getdate(text.c_str(), nullptr);
  if (at < 0) return std::nullopt;
  return UtcTime(seconds(std::min(at, kLatest)));
}

std::optional<UtcTime> rfc3339(std::string_view text) {
  Reader reader{text};
  const std::chrono::year year(reader.number(4));
  reader.expect("-");
  const std::chrono::month month(static_cast<unsigned>(reader.number(2)));
  reader.expect("-");
  const std::chrono::day day(static_cast<unsigned>(reader.number(2)));
  reader.expect("Tt ");
  const int hour = reader.number(2);
  reader.expect(":");
  const int minute = reader.number(2);
  reader.expect(":");
  const int second = reader.number(2);
  const milliseconds part = fraction(reader);
  const std::chrono::minutes ahead = offset(reader);
  const std::chrono::year_month_day date(year, month, day);
  const bool is_time = hour < 24 && minute < 60 && second <= 60;
  if (!reader.fine || !reader.rest.empty() || !date.ok() || !is_time) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         seconds(std::min(second, 59)) + part - ahead;
}

}  // namespace pigeon::x
