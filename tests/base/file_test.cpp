// Secrets from files: as people's editors save them, private, and made whole or not at all.
#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string_view>

#include "tests/killed.h"
#include "tests/temp_folder.h"

using namespace pigeon;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pigeon-file-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("file: a secret is trimmed, and refused when everybody can read it or it is empty") {
  const Folder folder;
  const std::string path = (folder.path / "secret").string();
  REQUIRE(create_private_file(path, "  s3cret \n").has_value());
  CHECK(*read_secret_file(path) == "s3cret");
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  CHECK(create_private_file(path, "again").error().code == Errc::conflict);

  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  const auto refused = read_secret_file(path);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::denied);
  CHECK(refused.error().message.find("chmod o=") != std::string::npos);

  const std::string empty = (folder.path / "empty").string();
  REQUIRE(create_private_file(empty, " \n").has_value());
  CHECK(read_secret_file(empty).error().code == Errc::bad_input);
  CHECK(read_secret_file((folder.path / "none").string()).error().code == Errc::not_found);
  CHECK(read_file(path, 3).error().code == Errc::bad_input);
}

TEST_CASE("file: a secret is the same with a byte order mark, with another system's line end, and without") {
  const Folder folder;
  struct Row {
    const char* name;
    std::string_view content;
    std::string_view secret;  // empty: refused
  };
  const Row rows[] = {
      {"plain", "s3cr3t:/+ x", "s3cr3t:/+ x"},
      {"line feed", "s3cr3t:/+ x\n", "s3cr3t:/+ x"},
      {"notepad", "\xEF\xBB\xBFs3cr3t:/+ x\r\n", "s3cr3t:/+ x"},
      {"mark and blanks", "\xEF\xBB\xBF  s3cr3t \n\n", "s3cr3t"},
      {"a mark later on is part of it",
       "a\xEF\xBB\xBF"
       "b",
       "a\xEF\xBB\xBF"
       "b"},
      {"nothing but a mark", "\xEF\xBB\xBF\r\n", ""},
      {"UTF-16, little endian",
       std::string_view("\xFF\xFEs\0"
                        "3\0",
                        6),
       ""},
      {"UTF-16, big endian",
       std::string_view("\xFE\xFF\0s\0"
                        "3",
                        6),
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string path = (folder.path / row.name).string();
    REQUIRE(create_private_file(path, row.content).has_value());
    const auto secret = read_secret_file(path);
    REQUIRE(secret.has_value() == !row.secret.empty());
    if (secret)
      CHECK(*secret == row.secret);
    else
      CHECK(secret.error().code == Errc::bad_input);
  }
}

TEST_CASE("file: killed at any moment of its making, a file is whole or not there, and can be made again") {
  const std::string content(10'000, 'k');
  int step = 1;
  for (bool killed = true; killed; ++step) {
    CAPTURE(step);
    const Folder folder;
    const std::string path = (folder.path / "key").string();
    killed = test::killed_before(step, [&] { static_cast<void>(create_private_file(path, content)); });
    const bool there = std::filesystem::exists(path);
    if (there) CHECK(read_file(path).value_or("") == content);
    CHECK(create_private_file(path, content).has_value() != there);
    CHECK(read_file(path).value_or("") == content);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
  }
  CHECK(step >= 4);  // before the file's fsync, its renaming and the folder's fsync, and once to the end
}

TEST_CASE("file: what an earlier try left does not get into the file") {
  const Folder folder;
  const std::string path = (folder.path / "key").string();
  std::ofstream(path + ".new") << "half a ke";
  ::chmod((path + ".new").c_str(), 0666);
  REQUIRE(create_private_file(path, "whole").has_value());
  CHECK(*read_secret_file(path) == "whole");
}

TEST_CASE("file: links are followed to where they lead, also when nothing is there yet") {
  const test::TempFolder folder;
  std::filesystem::create_directory(folder.file("data"));
  std::filesystem::create_directory_symlink(folder.file("data"), folder.file("by-folder"));
  std::filesystem::create_symlink("data/pigeon.db", folder.file("by-file"));
  std::filesystem::create_symlink(folder.file("by-file"), folder.file("by-link"));
  std::filesystem::create_symlink("circle", folder.file("circle"));
  const std::string target = std::filesystem::canonical(folder.file("data")).string() + "/pigeon.db";
  for (const char* name : {"data/pigeon.db", "by-folder/pigeon.db", "by-file", "by-link"}) {
    INFO(name);
    CHECK(follow_links(folder.file(name)) == target);
  }
  CHECK(follow_links("/nonexistent/a") == "/nonexistent/a");
  CHECK_FALSE(follow_links(folder.file("circle")).empty());
}
