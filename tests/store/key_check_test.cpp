// Key and database belong together: found out at the start, with the cure, and no key is ever made that would
// lock what is there.
#include "store/key_check.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "tests/killed.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;
using test::TempStore;

namespace {

const PhoneNumber kAda = *PhoneNumber::parse("+12025550123");

void link(TempStore& temp) {
  const UtcTime now = utc_now();
  temp->accounts.add_credentials(in_one(*temp), kAda,
                                 {"access", "refresh", now + seconds(7200), "", "42", "ada"}, now);
}

void overwrite(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::trunc) << content;
}

Error refusal(const TempStore& temp) {
  const auto opened = Store::open(temp.database(), temp.key());
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

}  // namespace

TEST_CASE("key: another database's key is refused at the start, and nothing is changed by it") {
  for (const bool linked : {false, true}) {
    CAPTURE(linked);
    TempStore temp;
    if (linked) link(temp);
    temp.close();
    const std::string right = *read_file(temp.key());
    overwrite(temp.key(), std::string(64, 'A') + "\n");
    const Error error = refusal(temp);
    CHECK(error.code == Errc::denied);
    CHECK(error.message.find("backup") != std::string::npos);
    CHECK(error.message.find(temp.key()) != std::string::npos);
    overwrite(temp.key(), right);
    temp.reopen();
    if (linked) CHECK((*temp->accounts.credentials(kAda))->access_token == "access");
  }
}

TEST_CASE("key: one that is lost is not replaced where rows are sealed") {
  struct Row {
    const char* name;
    void (*prepare)(TempStore&);
  };
  const Row rows[] = {
      {"the canary alone", [](TempStore&) {}},
      {"an account", link},
      {"an account, and somebody took the canary away",
       [](TempStore& temp) {
         link(temp);
         Database(temp.database()).execute("DELETE FROM key_check");
       }},
      {"a pairing under way, and no canary",
       [](TempStore& temp) {
         const UtcTime now = utc_now();
         const auto link = temp->pairings.offer_link(in_one(*temp), kAda, "main", seconds(900), now);
         temp->pairings.start(in_one(*temp), link.id, "state", "cookie", "verifier", utc_now());
         Database(temp.database()).execute("DELETE FROM key_check");
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    TempStore temp;
    row.prepare(temp);
    temp.close();
    std::filesystem::remove(temp.key());
    const Error error = refusal(temp);
    CHECK(error.code == Errc::not_found);
    CHECK(error.message.find("backup") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(temp.key()));
  }
}

TEST_CASE("key: a file without a key in it, and what the message says to do") {
  struct Row {
    const char* name;
    const char* content;
  };
  for (const Row& row : {Row{"empty", ""}, Row{"blank", "\xEF\xBB\xBF\r\n"}, Row{"cut off", "00112233"}}) {
    CAPTURE(row.name);
    TempStore temp;
    temp.close();
    overwrite(temp.key(), row.content);
    const Error error = refusal(temp);
    CHECK(error.code == Errc::bad_input);
    CHECK(error.message.find("backup") != std::string::npos);
    const std::string other = (temp.folder() / "new.db").string();
    const auto first = Store::open(other, temp.key());
    REQUIRE_FALSE(first.has_value());
    CHECK(first.error().message.find("remove the file") != std::string::npos);
    std::filesystem::remove(temp.key());
    CHECK(Store::open(other, temp.key()).has_value());
  }
}

TEST_CASE("key: one that others can read is refused with the chmod, not with the backup") {
  TempStore temp;
  temp.close();
  std::filesystem::permissions(temp.key(), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const Error error = refusal(temp);
  CHECK(error.code == Errc::denied);
  CHECK(error.message.find("chmod o=") != std::string::npos);
  CHECK(error.message.find("backup") == std::string::npos);
}

TEST_CASE("key: a reader needs none") {
  TempStore temp;
  std::filesystem::remove(temp.key());
  CHECK(Store::open(temp.database(), temp.key(), Store::Access::reader).has_value());
}

TEST_CASE("key: however the first start is cut off, the next one works and has a whole key") {
  int step = 1;
  for (bool killed = true; killed; ++step) {
    CAPTURE(step);
    TempStore temp;
    temp.close();  // only its folder is needed, and a process with threads does not fork well
    const std::string database = (temp.folder() / "first.db").string();
    const std::string key = (temp.folder() / "first.key").string();
    killed = test::killed_before(step, [&] { static_cast<void>(Store::open(database, key)); });
    if (std::filesystem::exists(key)) CHECK(read_secret_file(key)->size() == 64);
    const auto opened = Store::open(database, key);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    CHECK(read_secret_file(key)->size() == 64);
    CHECK((*opened)->accounts.count(AccountState::linked) == 0);
  }
  CHECK(step >= 6);  // of the database's own, and the key's three
}
