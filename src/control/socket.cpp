// Making, finding and guarding the socket; see socket.h.
#include "control/socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pigeon::control {
namespace {

constexpr int kBacklog = 128;
constexpr mode_t kMode = 0660;
constexpr std::string_view kState = "/var/lib/";

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::unsupported, path + ": the path is too long for a socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* as_any(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

Fd new_socket() {
  return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// A file that a listener which is gone left behind: connecting to it is refused.
bool is_stale(const std::string& path, const sockaddr_un& address) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  const Fd probe = new_socket();
  return probe && ::connect(probe.get(), as_any(address), sizeof address) != 0 && errno == ECONNREFUSED;
}

}  // namespace

std::string socket_path(const std::string& database) {
  const std::string folder = database.substr(0, database.rfind('/') + 1);
  const std::string name = folder.starts_with(kState) ? folder.substr(kState.size()) : std::string();
  if (name.find('/') == name.size() - 1 && name.size() > 1) return "/run/" + name + "control";
  return folder + "control";
}

Result<Fd> listen_at(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  Fd fd = new_socket();
  if (!fd) return fail_errno("socket", errno);
  // Linux gives the file the mode of the socket, so it is at no moment open to others.
  if (::fchmod(fd.get(), kMode) != 0) return fail_errno(path, errno);
  int bound = ::bind(fd.get(), as_any(*address), sizeof *address);
  if (bound != 0 && errno == EADDRINUSE && is_stale(path, *address)) {
    ::unlink(path.c_str());
    bound = ::bind(fd.get(), as_any(*address), sizeof *address);
  }
  if (bound != 0 && errno == EADDRINUSE) return fail(Errc::conflict, path + ": in use by another program");
  if (bound != 0) return fail_errno(path, errno);
  if (::chmod(path.c_str(), kMode) != 0) return fail_errno(path, errno);  // what the umask took away
  if (::listen(fd.get(), kBacklog) != 0) return fail_errno("listen", errno);
  return fd;
}

Result<Fd> connect_to(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected(address.error());
  Fd fd = new_socket();
  if (!fd) return fail_errno("socket", errno);
  if (::connect(fd.get(), as_any(*address), sizeof *address) == 0) return fd;
  if (errno == ECONNREFUSED) return fail(Errc::not_found, path + ": nobody listens");
  if (errno == EAGAIN) return fail(Errc::busy, path + ": too many wait", Retry::yes);
  return fail_errno(path, errno);
}

Result<Peer> peer_of(const Fd& connection) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
    return fail_errno("SO_PEERCRED", errno);
  Peer peer{credentials.uid, {}};
  length = 0;
  // The first call tells how much room they need.
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERGROUPS, nullptr, &length) != 0 && errno == ERANGE) {
    peer.groups.resize(length / sizeof(gid_t));
    if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &length) != 0)
      peer.groups.clear();
    peer.groups.resize(std::min<std::size_t>(peer.groups.size(), length / sizeof(gid_t)));
  }
  peer.groups.push_back(credentials.gid);
  return peer;
}

bool may_command(const Peer& peer, uid_t daemon, gid_t socket_group) {
  return peer.user == 0 || peer.user == daemon ||
         std::find(peer.groups.begin(), peer.groups.end(), socket_group) != peer.groups.end();
}

}  // namespace pigeon::control
