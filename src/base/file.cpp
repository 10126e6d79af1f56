// Small files and secrets; see file.h.
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/fd.h"
#include "base/text.h"

namespace pigeon {
namespace {

Result<std::string> read_all(const Fd& fd, const std::string& path, std::size_t limit) {
  std::string content;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(path, errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > limit) return fail(Errc::bad_input, path + ": larger than expected");
  }
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(path, errno);
  return read_all(fd, path, limit);
}

Result<std::string> read_secret_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail_errno(path, errno);
  // systemd credentials are 0440 root:root in a private mount; group-readable is the service's own group.
  if ((status.st_mode & 0007) != 0) {
    return fail(Errc::denied, path + ": every user can read this secret (chmod 600 " + path + ")");
  }
  constexpr std::size_t kMaxSecret = 65536;
  auto content = read_all(fd, path, kMaxSecret);
  if (!content) return content;
  std::string secret(trim(*content));
  if (secret.empty()) return fail(Errc::bad_input, path + ": the file is empty");
  return secret;
}

Result<void> create_private_file(const std::string& path, std::string_view content) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return errno == EEXIST ? fail(Errc::conflict, path + ": exists already") : fail_errno(path, errno);
  if (::write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      ::fsync(fd.get()) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    return fail_errno(path, error);
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Fd parent(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent) ::fsync(parent.get());
  return {};
}

}  // namespace pigeon
