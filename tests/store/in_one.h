// One operation of the store as a transaction of its own, said in one line.
#pragma once

#include <exception>

#include "store/store.h"

namespace pigeon::store {

// A transaction of its own for one operation: begun where it is named, committed at the end of that statement
// unless it throws. `store->inbox.close(in_one(*store), id, …)`; found by its argument.
class InOne {
 public:
  explicit InOne(Store& store) : transaction_(store.begin()) {}
  ~InOne() noexcept(false) {
    if (std::uncaught_exceptions() == thrown_) transaction_.commit();
  }
  InOne(const InOne&) = delete;
  InOne& operator=(const InOne&) = delete;
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator Transaction&() { return transaction_; }

 private:
  int thrown_ = std::uncaught_exceptions();
  Transaction transaction_;
};
[[nodiscard]] inline InOne in_one(Store& store) {
  return InOne(store);
}

}  // namespace pigeon::store
