// The sections of the documents, as links name them: "docs/modems.md#finding-the-modem".
#pragma once

#include <cctype>
#include <fstream>
#include <set>
#include <string>

namespace pigeon::test {

// As GitHub makes the name of a heading: small letters, digits, hyphens for blanks.
inline std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ' || c == '-')
      anchor += '-';
    else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0)
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return anchor;
}

// Whether `section` names a heading that is there. `root`: the repository.
inline bool is_section(const std::string& root, const std::string& section) {
  const std::size_t hash = section.find('#');
  if (hash == std::string::npos) return false;
  std::ifstream file(root + "/" + section.substr(0, hash));
  std::set<std::string> anchors;
  for (std::string line; std::getline(file, line);) {
    const std::size_t text = line.find_first_not_of('#');
    if (text > 0 && text != std::string::npos && line[text] == ' ')
      anchors.insert(anchor_of(line.substr(text + 1)));
  }
  return anchors.contains(section.substr(hash + 1));
}

}  // namespace pigeon::test
