// Zeros over pages of a SQLite file (https://sqlite.org/fileformat2.html §1.3); see field_damage.h.
#include "tests/e2e/field_damage.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace pigeon::e2e {
namespace {

using PageNumbers = std::vector<std::uintmax_t>;  // from 1

std::uintmax_t page_size(std::fstream& file) {
  unsigned char size[2] = {};
  file.seekg(16);
  file.read(reinterpret_cast<char*>(size), sizeof size);
  const std::uintmax_t octets = size[0] * 256U + size[1];
  return octets == 1 ? 65536 : octets;
}

PageNumbers root_pages(const std::string& path) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> db(raw, &sqlite3_close);
  PageNumbers pages;
  const auto take = [](void* into, int, char** values, char**) {
    static_cast<PageNumbers*>(into)->push_back(std::stoull(values[0]));
    return 0;
  };
  const char* const kTables = "SELECT rootpage FROM sqlite_master WHERE type = 'table'";
  if (opened != SQLITE_OK || sqlite3_exec(raw, kTables, take, &pages, nullptr) != SQLITE_OK)
    throw std::runtime_error("the tables cannot be found");
  return pages;
}

}  // namespace

void damage_database(const std::string& path, const std::string& how) {
  if (how != "pages" && how != "tables" && how != "empty") throw std::runtime_error("no such damage");
  PageNumbers pages = how == "tables" ? root_pages(path) : PageNumbers();
  for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path + beside);
  if (how == "empty") return std::filesystem::resize_file(path, 0);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::uintmax_t size = page_size(file);
  if (how == "pages" && size > 0) {
    pages.resize(std::filesystem::file_size(path) / size - 1);
    std::iota(pages.begin(), pages.end(), 2);
  }
  const std::string zeros(size, '\0');
  for (const std::uintmax_t number : pages) {
    file.seekp(static_cast<std::streamoff>((number - 1) * size));
    file.write(zeros.data(), static_cast<std::streamsize>(size));
  }
  if (!file.flush() || size == 0) throw std::runtime_error("the database cannot be damaged");
}

}  // namespace pigeon::e2e
