// The dispatcher's threads: nothing due is unseen, nobody waits for somebody else, a job that throws does not
// come first for ever. X is the sandbox.
#include "relay/dispatcher.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "modem/sms/pdu.h"
#include "net/http_client.h"
#include "sim/x/x_sandbox.h"
#include "tests/eventually.h"
#include "tests/store/full_disk.h"
#include "tests/store/temp_store.h"
#include "x/provider.h"

using namespace pigeon;
using relay::Dispatcher;
using relay::RelaySettings;
using relay::RelayTiming;
using test::eventually;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");

struct Desk {
  net::HttpRuntime runtime;
  test::TempStore store;
  sim::XSandbox x;
  store::Wakeups wakeups;
  pairing::PairingSettings pairing;
  RelaySettings settings{.public_url = "https://pigeon.example"};
  pairing::Tokens tokens{pairing, *store};

  explicit Desk(const RelayTiming& timing = {}) {
    settings.timing = timing;
    pairing.client = x::oauth2_client("sandbox-client", "sandbox-secret", x.url() + "/i/oauth2/authorize",
                                      x.url(), "https://pigeon.example/oauth/callback");
    pairing.api_url = x.url();
  }

  // A link that nobody opened, and that ended `past` ago.
  void offer(milliseconds past) { static_cast<void>(test::sent_link(*store, kAda, -past, utc_now())); }
  [[nodiscard]] std::int64_t pairings() const {
    store::Database db(store.database());
    store::Statement count(db, "SELECT count(*) FROM pairings");
    store::Query query = count.bind();
    return query.next() ? query.integer(0) : -1;
  }
  void link(const PhoneNumber& phone = kAda) {
    const UtcTime now = utc_now();
    store->accounts.add_credentials(in_one(*store), phone,
                                    {"access", "refresh", now + seconds(7200), "", "42", "ada"}, now);
  }
  void text(const std::string& words, const PhoneNumber& phone = kAda) {
    const UtcTime now = utc_now();
    static_cast<void>(
        store->inbox.add(in_one(*store), {"main", phone.e164(), phone.e164(), words, now, now}));
    wakeups.local.ring();
  }
  [[nodiscard]] bool told(std::int64_t replies) {
    return eventually([&] { return store->outbox.count(store::ReplyState::queued) == replies; });
  }
};

// The log goes to a file while it lives.
class LogFile {
 public:
  explicit LogFile(std::filesystem::path path)
      : path_(std::move(path)), real_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    const Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    ::dup2(file.get(), STDERR_FILENO);
  }
  ~LogFile() { ::dup2(real_.get(), STDERR_FILENO); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  [[nodiscard]] int lines(const std::string& with) const {
    std::ifstream file(path_);
    int count = 0;
    for (std::string line; std::getline(file, line);) count += line.find(with) != std::string::npos ? 1 : 0;
    return count;
  }

 private:
  std::filesystem::path path_;
  Fd real_;
};

}  // namespace

TEST_CASE("dispatcher: pairings that ended long ago are purged from time to time, younger ones are kept") {
  Desk desk({.housekeeping = milliseconds(20)});
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  for (int round = 0; round < 2; ++round) {
    CAPTURE(round);
    desk.offer(std::chrono::hours(25));
    desk.offer(std::chrono::hours(23));
    CHECK(eventually([&] { return desk.pairings() == round + 1; }));
  }
}

TEST_CASE("dispatcher: what is over is deleted after its time, a batch after the other") {
  Desk desk({.prune_again = milliseconds(1)});
  const UtcTime old = utc_now() - desk.settings.keep - seconds(1);
  {
    auto all = desk.store->begin();
    for (int i = 0; i < 250; ++i) {
      const auto id = desk.store->inbox.add(all, {"main", "Bank", "", "x", old, old});
      const auto job = *desk.store->claim(store::Lane::local, old).job;
      desk.store->jobs.done(all, job);
      desk.store->jobs.release(job);
      desk.store->inbox.close(all, id, store::Ending::ignored, "");
    }
    all.commit();
  }
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  CHECK(eventually([&] { return !desk.store->inbox.find(249); }));
  CHECK(desk.store->inbox.find(250).has_value());
}

TEST_CASE("dispatcher: a long text whose rest never comes is given up, and its modem is woken") {
  Desk desk;
  modem::Deliver deliver;
  deliver.sender = *modem::Address::from_number("+12025550123");
  deliver.user_data.header.emplace();
  deliver.user_data.header->concatenation = modem::Concatenation{1, false, 2, 1};
  store::NewPart part;
  part.slot = {"main", "SM", 1};
  part.pdu = *modem::encode_pdu({"", deliver});
  part.sender = "+12025550123";
  part.received_at = utc_now() - std::chrono::hours(25);
  part.concat = store::Concat{1, false, 2, 1};
  static_cast<void>(desk.store->parts.add(in_one(*desk.store), part));
  Wakeup& modem = desk.wakeups.modems["main"];
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  pollfd woken{modem.fd(), POLLIN, 0};
  CHECK(::poll(&woken, 1, 10'000) == 1);
  CHECK(desk.store->parts.count(store::PartState::quarantined) == 1);
  CHECK(desk.store->outbox.count(store::ReplyState::queued) == 1);
}

TEST_CASE("dispatcher: a thread that hangs in a request is overdue, idle ones are not") {
  std::atomic<bool> hung = false;
  std::atomic<bool> released = false;
  Desk desk({.housekeeping = milliseconds(10), .longest_step = milliseconds(300)});
  desk.link();
  desk.x.before_request([&](const std::string&) {
    hung = true;
    static_cast<void>(eventually([&] { return released.load(); }));
  });
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  CHECK(dispatcher.overdue(steady_now()).empty());
  dispatcher.start();
  REQUIRE(eventually([&] { return dispatcher.overdue(steady_now()).empty(); }));
  desk.text("never answered");
  REQUIRE(eventually([&] { return hung.load(); }));
  CHECK(eventually([&] {
    const auto names = dispatcher.overdue(steady_now());
    return names.size() == 1 && names[0].find("relay/network ") == 0;
  }));
  released = true;
  CHECK(eventually([&] { return dispatcher.overdue(steady_now()).empty(); }));
}

TEST_CASE("dispatcher: a full disk is one line of the log, however many workers meet it") {
  constexpr int kPeople = 8;
  test::FullDisk disk;
  Desk desk;
  const LogFile log(desk.store.folder() / "log");
  std::atomic<int> hung = 0;
  std::atomic<bool> released = false;
  desk.x.before_request([&](const std::string&) {
    ++hung;
    static_cast<void>(eventually([&] { return released.load(); }));
  });
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  for (int i = 0; i < kPeople; ++i) {
    const PhoneNumber person = *PhoneNumber::parse("+120255501" + std::to_string(10 + i));
    desk.link(person);
    desk.text("text", person);
  }
  REQUIRE(eventually([&] { return hung.load() == kPeople; }));
  disk.fill();
  released = true;
  REQUIRE(eventually([&] { return disk.refused() >= kPeople; }));
  disk.make_room();
  CHECK(eventually([&] { return desk.store->inbox.count_open() == 0; }));
  CHECK(log.lines("the database cannot be written") == 1);
}

TEST_CASE("dispatcher: a box that was off for an hour asks X what is out before it says that nobody knows") {
  std::atomic<int> asked = 0;
  std::atomic<bool> released = false;
  Desk desk;
  desk.link();
  const UtcTime then = utc_now() - std::chrono::hours(1);
  const std::int64_t message =
      desk.store->inbox.add(in_one(*desk.store), {"main", kAda.e164(), kAda.e164(), "out?", then, then});
  const std::int64_t post = desk.store->posts.plan(in_one(*desk.store), message, 1, kAda.e164(), "out?");
  desk.store->posts.begin(in_one(*desk.store), post, "42", then);
  desk.store->posts.doubt(in_one(*desk.store), post, store::Doubt::silence, then);
  static_cast<void>(desk.store->jobs.add(
      in_one(*desk.store), {.kind = store::JobKind::post, .queue = kAda.e164(), .subject = post}));
  desk.x.before_request([&](const std::string&) {
    ++asked;
    static_cast<void>(eventually([&] { return released.load(); }));
  });
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  CHECK(eventually([&] { return asked.load() == 1; }));
  CHECK(desk.store->posts.find(post)->state == store::PostState::sending);
  released = true;
}

TEST_CASE("dispatcher: texts at the same instant do not wait for a wake-up") {
  Desk desk;
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  const PhoneNumber bob = *PhoneNumber::parse("+12025550124");
  for (int round = 1; round <= 1000; ++round) {
    CAPTURE(round);
    std::thread other([&] { desk.text("HELP", bob); });
    desk.text("HELP");
    other.join();
    REQUIRE(eventually([&] { return desk.store->inbox.count_open() == 0; }));
  }
}

TEST_CASE("dispatcher: while every request to X hangs, a stranger gets a link and HELP an answer") {
  std::atomic<int> hung = 0;
  std::atomic<bool> released = false;
  Desk desk;
  desk.x.before_request([&](const std::string&) {
    ++hung;
    static_cast<void>(eventually([&] { return released.load(); }));
  });
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  for (int i = 0; i < 20; ++i) {
    const PhoneNumber person = *PhoneNumber::parse("+120255501" + std::to_string(10 + i));
    desk.link(person);
    for (int k = 0; k < 3; ++k) desk.text("text " + std::to_string(k), person);
  }
  CHECK(eventually([&] { return hung.load() >= 4; }));
  desk.text("who is there", *PhoneNumber::parse("+12025559999"));
  desk.text("HELP", *PhoneNumber::parse("+12025559998"));
  CHECK(desk.told(2));
  released = true;
}

TEST_CASE(
    "dispatcher: a job that throws is set aside after a few tries, its person is told, the next text goes "
    "on") {
  Desk desk;
  desk.link();
  desk.text("one");
  {
    store::Database db(desk.store.database());  // what cannot be put into a request
    db.execute("UPDATE inbox SET text = CAST(x'80' AS TEXT)");
  }
  for (int i = 1; i < store::kMaxCrashes; ++i) {
    store::Database db(desk.store.database());
    db.execute("UPDATE jobs SET crashes = crashes + 1, attempts = attempts + 1");
  }
  Dispatcher dispatcher(desk.settings, desk.pairing, *desk.store, desk.wakeups, desk.tokens);
  dispatcher.start();
  desk.text("HELP");
  CHECK(desk.told(2));
  CHECK(eventually([&] { return desk.store->inbox.count_open() == 0; }));
}
