// The words of a check; see report.h.
#include "preflight/report.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/paragraph.h"
#include "base/text.h"
#include "preflight/preflight.h"
#include "preflight/service_user.h"

namespace pigeon::preflight {
namespace {

constexpr std::size_t kWidth = 80;

std::string fine(const ConfigFile& file) {
  const Config& config = file.config;
  std::string modems;
  for (const ModemConfig& modem : config.modems)
    modems += (modems.empty() ? "" : ", ") + modem.name + " (" + modem.url + ")";
  return paragraph("",
                   escape_controls(file.source + " is fine: " + config.gateway.number + " by " + modems +
                                   (config.web.listen.empty()
                                        ? ", linking by PIN, without web"
                                        : ", " + config.gateway.public_url + " at " + config.web.listen)),
                   kWidth);
}

std::string head(const ConfigFile& file) {
  const std::size_t count = file.mistakes.size();
  return paragraph("",
                   escape_controls(file.source) + " has " + std::to_string(count) +
                       (count == 1 ? " mistake:" : " mistakes:"),
                   kWidth);
}

}  // namespace

std::string to_text(const ConfigFile& file) {
  if (file.mistakes.empty()) return fine(file);
  std::size_t widest = 0;
  for (const Mistake& mistake : file.mistakes) widest = std::max(widest, std::to_string(mistake.line).size());
  std::string text = head(file);
  for (const Mistake& mistake : file.mistakes) {
    std::string line = mistake.line > 0 ? std::to_string(mistake.line) : "";
    line.insert(0, widest - line.size(), ' ');
    const std::string label = mistake.line > 0 ? "  line " + line + "  " : "  ";
    text += "\n" + paragraph(label, escape_controls(mistake.what), kWidth);
    const std::string indent(label.size(), ' ');
    if (!mistake.cure.empty()) text += paragraph(indent + "→ ", escape_controls(mistake.cure), kWidth);
  }
  return text;
}

std::string to_json(const ConfigFile& file) {
  nlohmann::ordered_json json;
  json["file"] = file.source;
  json["fine"] = file.mistakes.empty();
  json["mistakes"] = nlohmann::ordered_json::array();
  for (const Mistake& mistake : file.mistakes)
    json["mistakes"].push_back(
        {{"line", mistake.line}, {"key", mistake.key}, {"what", mistake.what}, {"cure", mistake.cure}});
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int check(const std::string& path, bool json, std::ostream& out) {
  become_service_user(path);
  const ConfigFile file = examine(path);
  out << (json ? to_json(file) : to_text(file));
  return exit_status(file);
}

}  // namespace pigeon::preflight
