// The daemon's end of the control socket: one thread that accepts, reads whole requests within hard limits,
// has them carried out, and writes the answers. A client that sends half a line or none, an endless one, or
// that never reads, loses its place at a deadline and costs nobody else anything.
//
//   reading → in hand → reading → …         in hand: its handler, or another thread that it was given to,
//      └── refused ─┴→ writing → closed     has yet to say the end
//
// Without clients the thread sleeps in poll(2) without a time-out.
#pragma once

#include <poll.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/wakeup.h"
#include "control/protocol.h"
#include "control/socket.h"

namespace pigeon::control {

struct ServerLimits {
  std::size_t clients = 32;          // more wait to be accepted
  std::size_t unread = 1 << 20;      // octets that a client may leave unread
  milliseconds read = seconds(10);   // from accept, or from the last answer, to the next whole request
  milliseconds write = seconds(10);  // for the client to read what there is
};

// What threads have said and the server's thread has not yet taken; outlives the server.
struct Outgoing;

// Says what becomes of one request; any thread, also after the server has ended. Who lets it go without an
// end leaves an error.
class Answer {
 public:
  // Of the request `id` of one client, counted from the server's start.
  Answer(std::shared_ptr<Outgoing> outgoing, std::uint64_t client, std::int64_t id);
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  void line(const Json& content);  // more follows
  // The end, as error() is; whatever is said after it is nobody's.
  void ok(const Json& result);
  void error(const Error& error);  // the end
  // False when who asked has gone: nobody hears what is said from now on. Any thread.
  [[nodiscard]] bool is_wanted() const;

 private:
  void say(std::string frame, bool last);
  std::shared_ptr<Outgoing> outgoing_;
  const std::uint64_t client_;
  const std::int64_t id_;
  std::atomic<bool> ended_{false};
};

class Server {
 public:
  // On the server's thread: carries it out, or gives it to another thread that will. What it throws
  // (std::exception) becomes an error of that request.
  using Handler = std::function<void(const Request& request, const std::shared_ptr<Answer>& answer)>;
  using Handlers = std::map<std::string, Handler, std::less<>>;  // by command

  // Listens at `path` from now on; errors as listen_at's. Removes the socket at the end.
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(const std::string& path, Handlers handlers,
                                                            const ServerLimits& limits = {});
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Finishes the request in hand of its own thread, closes all and joins. One caller, any number of times.
  void stop();

 private:
  struct Client {
    Fd fd;  // none: closed
    std::uint64_t number = 0;
    std::string input, output;
    bool in_hand = false;
    bool ends = false;  // nothing more is read; closed when its output is read
    SteadyTime read_by{}, write_by{};
  };
  Server(Fd listener, std::string path, Handlers handlers, const ServerLimits& limits);
  void run();
  void wait();
  [[nodiscard]] SteadyTime next_deadline() const;
  void accept_all();
  void admit(Fd connection);
  void progress(Client& client, short events);
  void read(Client& client);
  void take_requests(Client& client);
  void handle(Client& client, const std::string& line);
  void take_answers();
  void forget_gone();
  void write(Client& client);
  void say(Client& client, const std::string& frame) const;
  static void expire(Client& client, SteadyTime now);

  Fd listener_;
  const std::string path_;
  const Handlers handlers_;
  const ServerLimits limits_;
  const uid_t user_;
  gid_t group_;  // of the socket
  std::shared_ptr<Outgoing> outgoing_;
  // The thread's own.
  std::vector<Client> clients_;
  std::vector<pollfd> polled_;  // the wake-up, the listener, then one for each client
  SteadyTime accept_after_{};   // no descriptors left: try again then
  std::uint64_t last_number_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace pigeon::control
