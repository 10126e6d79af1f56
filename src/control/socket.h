// The control socket's place, its file, and who may speak on it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace pigeon::control {

// Where the socket of the box with this database lies, for both programs: the unit's runtime folder
// /run/<name>/control for a database in /var/lib/<name>, else "control" beside the database. Pure.
[[nodiscard]] std::string socket_path(const std::string& database);

// A listening, non-blocking Unix socket of mode 0660. The file of a daemon that was killed is replaced;
// Errc::conflict where somebody listens, or where the file is no socket.
[[nodiscard]] Result<Fd> listen_at(const std::string& path);

// A connected, non-blocking socket. Errc::not_found: nobody listens there; Errc::denied: not for this user;
// Errc::busy: too many others wait.
[[nodiscard]] Result<Fd> connect_to(const std::string& path);

// The process at the other end, as the kernel knows it.
struct Peer {
  uid_t user = static_cast<uid_t>(-1);
  std::vector<gid_t> groups;  // its own and the supplementary ones
};
// An error: the kernel does not tell, so that nobody knows who it is.
[[nodiscard]] Result<Peer> peer_of(const Fd& connection);
// root, the daemon's own user, and members of the socket's group. Pure.
[[nodiscard]] bool may_command(const Peer& peer, uid_t daemon, gid_t socket_group);

}  // namespace pigeon::control
