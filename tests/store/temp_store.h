// A store in a folder of its own that goes with the test.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "store/store.h"
#include "tests/store/in_one.h"

namespace pigeon::test {

class TempStore {
 public:
  explicit TempStore(const Clock& clock = system_clock()) : clock_(clock) {
    std::string name = (std::filesystem::temp_directory_path() / "pigeon-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    reopen();
  }
  ~TempStore() {
    close();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TempStore(const TempStore&) = delete;
  TempStore& operator=(const TempStore&) = delete;

  void close() { store_.reset(); }
  void reopen() {
    close();
    auto opened = store::Store::open(database(), key(), store::Store::Access::owner, clock_);
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
  }
  [[nodiscard]] std::string database() const { return (folder_ / "pigeon.db").string(); }
  [[nodiscard]] std::string key() const { return (folder_ / "key").string(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  store::Store* operator->() { return store_.get(); }
  store::Store& operator*() { return *store_; }

 private:
  const Clock& clock_;
  std::filesystem::path folder_;
  std::unique_ptr<store::Store> store_;
};

// A link whose SMS is sent at `now`, and that ends `life` later.
inline store::OfferedLink sent_link(store::Store& store, const PhoneNumber& phone, milliseconds life,
                                    UtcTime now) {
  auto transaction = store.begin();
  store::OfferedLink link = store.pairings.offer_link(transaction, phone, "main", life, now);
  store.pairings.link_sent(transaction, link.id, now);
  transaction.commit();
  return link;
}

}  // namespace pigeon::test
