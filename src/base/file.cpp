// Small files and secrets; see file.h.
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
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

// All of it, on the disk; the reason when it is not.
Result<void> write_durably(const std::string& path, std::string_view content) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(path, errno);
  while (!content.empty()) {
    const ssize_t put = ::write(fd.get(), content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(path, errno);
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(fd.get()) != 0) return fail_errno(path, errno);
  return {};
}

// Gives `from` the name `to` unless that is taken (EEXIST).
bool rename_to_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL) return false;
  // The file system knows no such flag: looking first leaves a gap that only a second writer could fall into.
  if (::access(to.c_str(), F_OK) == 0) {
    errno = EEXIST;
    return false;
  }
  return ::rename(from.c_str(), to.c_str()) == 0;
}

Result<void> sync_to_disk(const std::string& path) {  // a file, or a folder's list of names
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail_errno(path, errno);
  return {};
}

Result<void> sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return sync_to_disk(folder.empty() ? "." : folder);
}

// UTF-8's is skipped; true: the text is in UTF-16 (Unicode 15 §23.8).
bool skip_byte_order_mark(std::string_view& text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
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
    return fail(Errc::denied, path + ": every user can read this secret (chmod o= " + path + ")");
  }
  constexpr std::size_t kMaxSecret = 65536;
  auto content = read_all(fd, path, kMaxSecret);
  if (!content) return content;
  std::string_view text = *content;
  if (skip_byte_order_mark(text)) return fail(Errc::bad_input, path + ": this is UTF-16; save it as UTF-8");
  std::string secret(trim(text));
  if (secret.empty()) return fail(Errc::bad_input, path + ": the file is empty");
  return secret;
}

Result<void> create_private_file(const std::string& path, std::string_view content) {
  if (::access(path.c_str(), F_OK) == 0) return fail(Errc::conflict, path + ": exists already");
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());  // left by somebody who was stopped here
  auto written = write_durably(draft, content);
  if (written && !rename_to_new(draft, path)) {
    written = errno == EEXIST ? Result<void>(fail(Errc::conflict, path + ": exists already"))
                              : Result<void>(fail_errno(path, errno));
  }
  if (!written) {
    ::unlink(draft.c_str());
    return written;
  }
  return sync_folder_of(path);
}

Result<void> put_in_place(const std::string& draft, const std::string& path) {
  if (auto synced = sync_to_disk(draft); !synced) return synced;
  if (::rename(draft.c_str(), path.c_str()) != 0) return fail_errno(path, errno);
  return sync_folder_of(path);
}

std::string follow_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel has it
  std::filesystem::path file = path;
  std::error_code error;
  for (int links = 0; links < kMostLinks && std::filesystem::is_symlink(file, error); ++links) {
    const std::filesystem::path target = std::filesystem::read_symlink(file, error);
    if (error) return path;
    file = file.parent_path() / target;  // an absolute target stands alone
  }
  const std::filesystem::path folder =
      std::filesystem::canonical(file.has_parent_path() ? file.parent_path() : ".", error);
  return error ? path : (folder / file.filename()).string();
}

}  // namespace pigeon
