// The lines of `pigeon doctor`; see diagnosis.h.
#include "cli/diagnosis.h"

#include <algorithm>
#include <utility>

#include "base/paragraph.h"
#include "base/text.h"
#include "cli/command.h"

namespace pigeon::cli {
namespace {

constexpr std::size_t kSaysColumn = 15;  // where sentences begin

std::string mark_of(Verdict verdict, bool colour) {
  struct Mark {
    std::string_view sign, paint;
  };
  const auto mark = [verdict]() -> Mark {
    switch (verdict) {
      case Verdict::ok:
        return {"✓", "32"};
      case Verdict::warning:
        return {"!", "33"};
      case Verdict::failed:
        return {"✗", "31"};
      case Verdict::skipped:
        return {"·", "2"};
    }
    return {"·", "2"};
  }();
  if (!colour) return std::string(mark.sign);
  return "\x1b[" + std::string(mark.paint) + "m" + std::string(mark.sign) + "\x1b[0m";
}

std::string text_of(const Finding& finding, bool colour) {
  std::string label = "   " + std::string(word_of(finding.area));
  label.append(kSaysColumn - std::min(columns(label), kSaysColumn - 1), ' ');
  const std::string indent(kSaysColumn, ' ');
  // The mark stands in the place of the first blank: painted, it has more octets than columns.
  std::string text = paragraph(label, escape_controls(finding.says), kWidth);
  text.replace(0, 1, mark_of(finding.verdict, colour));
  if (!finding.cure.empty()) text += paragraph(indent + "→ ", escape_controls(finding.cure), kWidth);
  if (!finding.see.empty()) text += indent + "  " + finding.see + "\n";
  return text;
}

std::string counted(int count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

void Diagnosis::add(Finding finding) {
  const auto is_said = [&finding](const Finding& other) {
    return other.area == finding.area && !finding.cause.empty() && other.cause == finding.cause;
  };
  if (std::any_of(findings_.begin(), findings_.end(), is_said)) return;
  const auto place =
      std::upper_bound(findings_.begin(), findings_.end(), finding,
                       [](const Finding& one, const Finding& other) { return one.area < other.area; });
  findings_.insert(place, std::move(finding));
}

int Diagnosis::count(Verdict verdict) const {
  return static_cast<int>(std::count_if(findings_.begin(), findings_.end(),
                                        [verdict](const Finding& each) { return each.verdict == verdict; }));
}

bool Diagnosis::has_failed(Area area) const {
  return std::any_of(findings_.begin(), findings_.end(), [area](const Finding& each) {
    return each.area == area && each.verdict == Verdict::failed;
  });
}

std::string_view word_of(Area area) {
  switch (area) {
    case Area::settings:
      return "settings";
    case Area::disk:
      return "disk";
    case Area::database:
      return "database";
    case Area::keys:
      return "keys";
    case Area::clock:
      return "clock";
    case Area::service:
      return "service";
    case Area::modem:
      return "modem";
    case Area::sim:
      return "SIM";
    case Area::network:
      return "network";
    case Area::sms_centre:
      return "SMS centre";
    case Area::storages:
      return "storages";
    case Area::x:
      return "X";
    case Area::address:
      return "address";
    case Area::texts:
      return "texts";
  }
  return "";
}

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::warning:
      return "warning";
    case Verdict::failed:
      return "failed";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

std::string to_text(const Diagnosis& diagnosis, bool colour) {
  std::string text;
  for (const Finding& finding : diagnosis.findings()) text += text_of(finding, colour);
  const int failed = diagnosis.count(Verdict::failed), warnings = diagnosis.count(Verdict::warning);
  text += "\n";
  if (failed == 0 && warnings == 0) return text + "All is well.\n";
  const std::string warned = counted(warnings, "warning", "warnings");
  if (failed == 0) return text + "All works; " + warned + ".\n";
  text += std::to_string(failed) + " failed" + (warnings > 0 ? ", " + warned : "");
  return text + (failed > 1 ? ": begin with the first ✗.\n" : ".\n");
}

Json to_json(const Diagnosis& diagnosis) {
  Json json = {{"fine", diagnosis.count(Verdict::failed) == 0},
               {"failed", diagnosis.count(Verdict::failed)},
               {"warnings", diagnosis.count(Verdict::warning)}};
  json["checks"] = Json::array();
  for (const Finding& finding : diagnosis.findings()) {
    Json one = {
        {"area", word_of(finding.area)}, {"verdict", word_of(finding.verdict)}, {"says", finding.says}};
    if (!finding.cause.empty()) one["cause"] = finding.cause;
    if (!finding.cure.empty()) one["cure"] = finding.cure;
    if (!finding.see.empty()) one["see"] = finding.see;
    json["checks"].push_back(std::move(one));
  }
  return json;
}

}  // namespace pigeon::cli
