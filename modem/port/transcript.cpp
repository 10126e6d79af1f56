// Escaping, parsing and writing recordings; see transcript.h.
#include "modem/port/transcript.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>

#include "base/log.h"
#include "base/text.h"

namespace pigeon::modem {
namespace {

constexpr std::string_view kHeader = "# carrier-pigeon transcript 1";

// Printable ASCII stays; everything else, and the backslash, is escaped, so that no byte is lost.
void append_escaped(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\\')
      out += "\\\\";
    else if (byte >= 0x20 && byte < 0x7F)
      out += c;
    else
      out += "\\x" + ascii_lower(to_hex({&byte, 1}));
  }
}

Result<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char kind = i + 1 < text.size() ? text[i + 1] : '\0';
    ++i;
    if (kind == 'r')
      out += '\r';
    else if (kind == 'n')
      out += '\n';
    else if (kind == '\\')
      out += '\\';
    else if (const auto octet = kind == 'x' ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
             octet && octet->size() == 1) {
      out += static_cast<char>(octet->front());
      i += 2;
    } else {
      return fail(Errc::bad_input, "unknown escape at byte " + std::to_string(i));
    }
  }
  return out;
}

// "12.000345": seconds with exactly six digits behind the point.
std::optional<std::chrono::microseconds> parse_time(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || text.size() - point != 7) return std::nullopt;
  std::string digits(text.substr(0, point));
  digits += text.substr(point + 1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0) return std::nullopt;
  return std::chrono::microseconds(value);
}

}  // namespace

std::string format_entry(const TranscriptEntry& entry) {
  char time[32];
  const auto count = entry.at.count();
  std::snprintf(time, sizeof time, "%lld.%06lld", static_cast<long long>(count / 1'000'000),
                static_cast<long long>(count % 1'000'000));
  std::string line = time;
  line += entry.port == 2 ? " 2" : " ";
  line += entry.kind == TranscriptEntry::Kind::to_modem ? "> " : "< ";
  append_escaped(line, entry.bytes);
  return line;
}

Result<TranscriptEntry> parse_entry(std::string_view line) {
  const std::size_t space = line.find(' ');
  const bool is_second = space != std::string_view::npos && line.substr(space + 1).starts_with('2');
  const std::size_t mark = space + (is_second ? 2 : 1);
  if (space == std::string_view::npos || line.size() < mark + 2 || line[mark + 1] != ' ') {
    return fail(Errc::bad_input, "expected '<seconds> > <bytes>' or '<seconds> < <bytes>'");
  }
  TranscriptEntry entry;
  const auto at = parse_time(line.substr(0, space));
  if (!at) return fail(Errc::bad_input, "the time is not seconds with six decimals");
  entry.at = *at;
  const char direction = line[mark];
  if (direction != '>' && direction != '<') return fail(Errc::bad_input, "the direction is neither > nor <");
  entry.kind = direction == '>' ? TranscriptEntry::Kind::to_modem : TranscriptEntry::Kind::from_modem;
  auto bytes = unescape(line.substr(mark + 2));
  if (!bytes) return tl::unexpected(bytes.error());
  entry.bytes = std::move(*bytes);
  entry.port = is_second ? 2 : 1;
  return entry;
}

Result<std::vector<TranscriptEntry>> parse_transcript(std::string_view text) {
  std::vector<TranscriptEntry> entries;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    ++number;
    if (trim(line).empty() || line.starts_with('#')) continue;
    auto entry = parse_entry(line);
    if (!entry) return fail("line " + std::to_string(number), entry.error());
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<TranscriptWriter> TranscriptWriter::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail_errno("transcript " + path, errno);
  TranscriptWriter writer(std::move(fd));
  writer.write_line(std::string(kHeader));
  return writer;
}

void TranscriptWriter::record(TranscriptEntry::Kind kind, std::string_view bytes, int port) {
  const auto at = std::chrono::duration_cast<std::chrono::microseconds>(steady_now() - start_);
  write_line(format_entry({at, kind, std::string(bytes), port}));
}

void TranscriptWriter::write_line(std::string line) {
  if (!fd_) return;
  line += '\n';
  if (::write(fd_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) return;
  // A full disk must not stop the modem: the recording ends here, and says so once.
  log::warning("transcript", "recording stopped: the file takes no more");
  fd_.reset();
}

}  // namespace pigeon::modem
