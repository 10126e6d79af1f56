// What an operator can get wrong, one thing at a time, with the words that are owed to them. The unit test
// looks with preflight::examine(), the end-to-end test with the programs: they must agree on every row.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace pigeon::test {

// A configuration without mistakes in a folder of its own, with a secret and a free port.
class GoodConfig {
 public:
  explicit GoodConfig(std::string folder);

  // Line `number` (from 1) becomes `text`, which may be several lines; 0: appended. "@" in it is the folder.
  void replace(int number, std::string text);
  // Writes it down; its path.
  [[nodiscard]] std::string write() const;
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] int port() const { return port_; }

 private:
  std::string folder_;
  int port_ = 0;
  std::vector<std::string> lines_;
};

struct MistakeRow {
  const char* name;
  int replaced;  // which line of the good configuration, and by what
  std::string text;
  int line;  // where the mistake is told
  const char* key;
  const char* what;  // words of the mistake and of its cure
  const char* cure;
  std::function<void(const std::string& folder)> prepare{};  // the box around it
};

[[nodiscard]] std::vector<MistakeRow> mistake_rows();

// A database with its key, as a start leaves them.
void make_store(const std::string& folder);

void write_file(const std::string& path, const std::string& content, unsigned mode = 0600);

}  // namespace pigeon::test
