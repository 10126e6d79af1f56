// A new key for a database in use: everything opens with it, nothing with the old one, and whenever the
// process is killed, key and rows belong together at the next start.
#include "store/key_rotation.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "store/key_check.h"
#include "tests/killed.h"
#include "tests/store/sync_watch.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

namespace {

constexpr UtcTime kNow{std::chrono::hours(24 * 365 * 56)};
const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");
const PhoneNumber kBob = *PhoneNumber::parse("+12025550124");
const PhoneNumber kEve = *PhoneNumber::parse("+12025550125");
const PhoneNumber kDan = *PhoneNumber::parse("+12025550126");
const PinCard kCard = {"iccid:8949010000000000123", "imei:490154203237518", "main"};
const std::vector<std::uint8_t> kText = {1, 2, 3};

Credentials tokens_of(const char* name) {
  return {
      std::string(name) + " access", std::string(name) + " refresh", kNow + seconds(7200), "", "42", name};
}

// Something in every sealed column and under every key of digests.
void fill(Store& store) {
  store.accounts.add_credentials(in_one(store), kAda, tokens_of("ada"), kNow);
  store.accounts.add_credentials(in_one(store), kEve, {"eve access", "", kNow, "", "43", "eve"}, kNow);
  store.revocations.add(in_one(store), "old access", "old refresh", kNow);
  const auto waits = test::sent_link(store, kBob, seconds(900), kNow);
  store.pairings.start(in_one(store), waits.id, "state", "cookie", "verifier", kNow);
  CHECK(store.pairings.authorise(in_one(store), waits.id, tokens_of("bob"), "482193", kNow));
  const auto started = test::sent_link(store, kEve, seconds(900), kNow);
  store.pairings.start(in_one(store), started.id, "state 2", "cookie 2", "verifier 2", kNow);
  const auto pin = store.pairings.offer_pin(in_one(store), kDan, "main", seconds(900), kNow);
  CHECK(store.pairings.await_pin(in_one(store), pin, {"request", "request secret"}, kNow));
  store.opt_outs.add(in_one(store), kEve, kNow);
  store.seen.add(in_one(store), store.seen.digest(kText), {"main", "SM", 1}, kNow + seconds(100));
  store.pins.begin(in_one(store), kCard, "1357");
}

// What fill() has put there, all of it.
void check_all(Store& store) {
  CHECK((*store.accounts.credentials(kAda))->access_token == "ada access");
  CHECK((*store.accounts.credentials(kAda))->refresh_token == "ada refresh");
  CHECK((*store.accounts.credentials(kEve))->access_token == "eve access");
  CHECK(store.revocations.find(1)->refresh_token == "old refresh");
  const auto waits = store.pairings.find_by_text_back("482193", kNow);
  REQUIRE(waits);
  CHECK(waits->phone == kBob.e164());
  CHECK(**store.pairings.text_back_code(waits->id) == "482193");
  const auto started = store.pairings.find_by_state("state 2", "cookie 2", kNow);
  REQUIRE(started);
  const auto pin = store.pairings.awaiting_pin(kDan, kNow);
  REQUIRE(pin);
  CHECK((**store.pairings.request_token(pin->id)).secret == "request secret");
  CHECK(store.opt_outs.contains(kEve));
  CHECK(store.seen.known(store.seen.digest(kText), {"main", "SM", 2}, kNow));
  CHECK_FALSE(store.pins.may_try(kCard, "1357"));
}

// What can be taken once.
void check_takers(Store& store) {
  const auto waits = store.pairings.awaiting_text_back(kBob, kNow);
  REQUIRE(waits);
  REQUIRE(store.pairings.link(in_one(store), waits->id, kNow));
  CHECK((*store.accounts.credentials(kBob))->refresh_token == "bob refresh");
  const auto started = store.pairings.find_by_state("state 2", "cookie 2", kNow);
  REQUIRE(started);
  CHECK(store.pairings.take_verifier(in_one(store), started->id).value_or("") == "verifier 2");
}

// Whatever is sealed and does not open with this key.
std::set<std::string> closed_to(const std::string& path, const SecretBox& box) {
  Database db(path);
  std::set<std::string> closed;
  for (const SealedColumn& column : sealed_columns()) {
    const std::string name = std::string(column.table) + "/" + column.column;
    Statement read(db, (std::string("SELECT ") + column.key + ", " + column.column + " FROM " + column.table +
                        " WHERE length(" + column.column + ") > 0")
                           .c_str());
    for (Query query = read.bind(); query.next();)
      if (!box.unseal(query.blob(1), name + "/" + query.text(0))) closed.insert(name);
  }
  return closed;
}

}  // namespace

TEST_CASE("key rotation: everything opens with the new key, and nothing with the old one") {
  TempStore temp;
  fill(*temp);
  const SecretBox old = *SecretBox::open(temp.key());
  const std::string old_digits = *read_file(temp.key());
  const auto rotated = temp->rotate_key();
  REQUIRE_MESSAGE(rotated.has_value(), rotated.error().message);
  // Two accounts have three tokens, the revocation two; a pairing that waits for its code has two and the
  // code, a started one its verifier, one by PIN what X gave for it; four keys of digests, and the canary.
  CHECK(rotated->sealed == 15);
  CHECK(rotated->locked == 0);
  CHECK(*read_file(temp.key()) != old_digits);
  CHECK_FALSE(std::filesystem::exists(next_key_file(temp.key())));
  check_all(*temp);  // by the store that is open
  temp.reopen();
  check_all(*temp);
  check_takers(*temp);
  temp.close();
  CHECK(closed_to(temp.database(), *SecretBox::open(temp.key())).empty());
  std::set<std::string> all;
  for (const SealedColumn& column : sealed_columns())
    all.insert(std::string(column.table) + "/" + column.column);
  all.erase("pairings/access_token");  // taken by now, and so is the code
  all.erase("pairings/refresh_token");
  all.erase("pairings/text_back_code");
  CHECK(closed_to(temp.database(), old) == all);
}

TEST_CASE("key rotation: no sealed column is forgotten") {
  TempStore temp;
  Database db(temp.database());
  std::set<std::string> columns;
  Statement read(db,
                 "SELECT t.name || '/' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
                 " WHERE t.type = 'table' AND c.type = 'BLOB'");
  for (Query query = read.bind(); query.next();) columns.insert(query.text(0));
  for (const SealedColumn& column : sealed_columns())
    CHECK(columns.erase(std::string(column.table) + "/" + column.column) == 1);
  std::string others;
  for (const std::string& name : columns) others += name + " ";
  // Digests, and what a modem has listed.
  CHECK(others ==
        "answers/words "
        "opt_outs/digest pairings/code_hash pairings/cookie_hash pairings/oauth_state_hash"
        " pairings/text_back_digest parts/pdu pin_tries/pin seen/digest"
        " slots/digest ");
}

TEST_CASE("key rotation: what the old key does not open stays as it is, and is counted") {
  TempStore temp;
  fill(*temp);
  temp.close();
  Database(temp.database()).execute("UPDATE accounts SET access_token = x'00' WHERE username = 'ada'");
  temp.reopen();
  const auto rotated = temp->rotate_key();
  REQUIRE(rotated.has_value());
  CHECK(rotated->locked == 1);
  CHECK(temp->accounts.credentials(kAda).error().code == Errc::denied);
  CHECK((*temp->accounts.credentials(kEve))->access_token == "eve access");
}

TEST_CASE("key rotation: killed at any step, nothing is lost and one key is left") {
  int step = 1, rotated = 0, not_rotated = 0;
  for (bool killed = true; killed; ++step) {
    CAPTURE(step);
    TempStore temp;
    fill(*temp);
    temp.close();  // a process with threads does not fork well
    const std::string old_digits = *read_file(temp.key());
    killed = test::killed_before(step, [&] {
      auto opened = Store::open(temp.database(), temp.key());
      if (!opened || !(*opened)->rotate_key()) ::_exit(1);
    });
    temp.reopen();
    check_all(*temp);
    check_takers(*temp);
    CHECK_FALSE(std::filesystem::exists(next_key_file(temp.key())));
    ++(*read_file(temp.key()) == old_digits ? not_rotated : rotated);
    temp.close();
    CHECK(closed_to(temp.database(), *SecretBox::open(temp.key())).empty());
  }
  CHECK(not_rotated >= 3);  // the start's, and the new key's two
  CHECK(rotated >= 3);      // the commit's, the new key's once more, and the whole
}

TEST_CASE("key rotation: the key's file is a link, and stays one") {
  TempStore temp;
  fill(*temp);
  temp.close();
  const std::filesystem::path real = temp.folder() / "safe";
  std::filesystem::create_directory(real);
  std::filesystem::rename(temp.key(), real / "key");
  std::filesystem::create_symlink(real / "key", temp.key());
  temp.reopen();
  REQUIRE(temp->rotate_key().has_value());
  CHECK(std::filesystem::is_symlink(temp.key()));
  // Cut off before the new key got its name.
  std::filesystem::rename(real / "key", real / "key.next");
  std::ofstream(real / "key") << std::string(64, 'A') + "\n";
  temp.reopen();
  check_all(*temp);
  CHECK(std::filesystem::is_symlink(temp.key()));
}

TEST_CASE("key rotation: a key that cannot be replaced is left alone, and the cure is said") {
  TempStore temp;
  fill(*temp);
  const std::string old_digits = *read_file(temp.key());
  // In the way of the new one, as a credential's folder, which is read-only, is.
  std::filesystem::create_directories(next_key_file(temp.key()) + "/x");
  const auto rotated = temp->rotate_key();
  REQUIRE_FALSE(rotated.has_value());
  CHECK(rotated.error().code == Errc::unsupported);
  CHECK(rotated.error().message.find("key_file in [store]") != std::string::npos);
  CHECK(*read_file(temp.key()) == old_digits);
  check_all(*temp);
  temp.reopen();
  check_all(*temp);
}

TEST_CASE("key rotation: a second one does not lose a new key that could not be given its name") {
  TempStore temp;
  fill(*temp);
  REQUIRE(temp->rotate_key().has_value());
  std::filesystem::rename(temp.key(), next_key_file(temp.key()));
  std::ofstream(temp.key()) << std::string(64, 'A') + "\n";
  std::filesystem::permissions(temp.key(), std::filesystem::perms::owner_read);
  // Cut off as soon as its own new key is there: of the two before, the right one must be in its place.
  std::filesystem::create_directory(next_key_file(temp.key()) + ".new");
  CHECK_FALSE(temp->rotate_key().has_value());
  std::filesystem::remove(next_key_file(temp.key()) + ".new");
  temp.reopen();
  check_all(*temp);
}

TEST_CASE(
    "key rotation: the rows are on the disk before the old key goes, and the new key is there by then") {
  SyncWatch syncs;
  std::string key;
  std::vector<std::string> at_syncs;  // the key's file, and whether the next one lay beside it
  syncs.before_sync([&](SyncWatch::File file) {
    if (file == SyncWatch::File::log && !key.empty())
      at_syncs.push_back(*read_file(key) + (std::filesystem::exists(next_key_file(key)) ? "+" : ""));
    return SQLITE_OK;
  });
  TempStore temp;
  fill(*temp);
  const std::string old_digits = *read_file(temp.key());
  key = temp.key();
  REQUIRE(temp->rotate_key().has_value());
  CHECK(at_syncs == std::vector{old_digits + "+"});
}

TEST_CASE("key rotation: threads that read and write meanwhile see one key or the other") {
  TempStore temp;
  fill(*temp);
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, read{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, phone = *PhoneNumber::parse("+1202555013" + std::to_string(i))] {
      while (!over) {
        temp->accounts.add_credentials(in_one(*temp), phone, tokens_of("x"), kNow);
        const auto own = temp->accounts.credentials(phone);
        const auto ada = temp->accounts.credentials(kAda);
        if (!own || (*own)->access_token != "x access" || !ada || (*ada)->access_token != "ada access")
          ++wrong;
        ++read;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const int before = read;
    CHECK(temp->rotate_key().has_value());
    while (read < before + 4) std::this_thread::yield();
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  temp.reopen();
  check_all(*temp);
}
