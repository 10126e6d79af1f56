// Secrets from files: trimmed, private, and never made twice.
#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

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
  CHECK(refused.error().message.find("chmod 600") != std::string::npos);

  const std::string empty = (folder.path / "empty").string();
  REQUIRE(create_private_file(empty, " \n").has_value());
  CHECK(read_secret_file(empty).error().code == Errc::bad_input);
  CHECK(read_secret_file((folder.path / "none").string()).error().code == Errc::not_found);
  CHECK(read_file(path, 3).error().code == Errc::bad_input);
}
