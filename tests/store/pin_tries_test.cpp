// Which PINs were entered into which card, over restarts.
#include "store/pin_tries.h"

#include <doctest/doctest.h>

#include <string>

#include "base/file.h"
#include "tests/store/temp_store.h"

using namespace pigeon;
using namespace pigeon::store;

namespace {

const PinCard kCard = {"iccid:8949010000000000123", "imei:490154203237518", "main"};
const PinCard kOther = {"iccid:8949010000000000131", "imei:490154203237518", "main"};
const PinCard kNameless = {"imei:490154203237518", "imei:490154203237518", "main"};

}  // namespace

TEST_CASE("pin tries: one that was begun is not begun again by another start") {
  test::TempStore store;
  CHECK(store->pins.may_try(kCard, "1357"));
  store->pins.begin(in_one(*store), kCard, "1357");
  store.reopen();
  CHECK_FALSE(store->pins.may_try(kCard, "1357"));
  CHECK(store->pins.may_try(kCard, "2468"));   // another PIN
  CHECK(store->pins.may_try(kOther, "1357"));  // another card
  store->pins.begin(in_one(*store), kCard, "2468");
  CHECK_FALSE(store->pins.may_try(kCard, "1357"));  // still
  store->pins.forget(in_one(*store), "main");
  CHECK(store->pins.may_try(kCard, "1357"));
}

TEST_CASE("pin tries: the right one stays right, may be cut off once, and is wrong when it is refused") {
  test::TempStore store;
  store->pins.begin(in_one(*store), kCard, "2468");
  store->pins.right(in_one(*store), kCard, "2468");
  for (int start = 0; start < 5; ++start) {
    CAPTURE(start);
    CHECK(store->pins.may_try(kCard, "2468"));
    store->pins.begin(in_one(*store), kCard, "2468");
    store->pins.right(in_one(*store), kCard, "2468");
  }
  store->pins.begin(in_one(*store), kCard, "2468");
  CHECK(store->pins.may_try(kCard, "2468"));
  SUBCASE("cut off twice") {
    store->pins.begin(in_one(*store), kCard, "2468");
    CHECK_FALSE(store->pins.may_try(kCard, "2468"));
  }
  SUBCASE("refused: it was changed in a phone") {
    store->pins.refused(in_one(*store), kCard, "2468");
    CHECK_FALSE(store->pins.may_try(kCard, "2468"));
  }
  SUBCASE("not judged") {
    store->pins.not_judged(in_one(*store), kCard, "2468");
    store->pins.begin(in_one(*store), kCard, "2468");
    CHECK(store->pins.may_try(kCard, "2468"));
  }
}

TEST_CASE(
    "pin tries: one that a kill cut off was right when the card is open and wrong when it was refused") {
  test::TempStore store;
  store->pins.begin(in_one(*store), kCard, "2468");
  store->pins.begin(in_one(*store), kCard, "1357");
  store->pins.refused(in_one(*store), kCard, "1357");
  store.reopen();
  store->pins.opened(in_one(*store), "other");
  CHECK_FALSE(store->pins.may_try(kCard, "2468"));
  store->pins.opened(in_one(*store), "main");
  CHECK(store->pins.may_try(kCard, "2468"));
  CHECK_FALSE(store->pins.may_try(kCard, "1357"));
}

TEST_CASE("pin tries: a card that was not ready costs no try") {
  test::TempStore store;
  store->pins.begin(in_one(*store), kCard, "1357");
  store->pins.not_judged(in_one(*store), kCard, "1357");
  CHECK(store->pins.may_try(kCard, "1357"));
}

TEST_CASE("pin tries: a card that tells nothing is any card of its modem until the stick is unplugged") {
  test::TempStore store;
  store->pins.begin(in_one(*store), kNameless, "1357");
  CHECK_FALSE(store->pins.may_try(kNameless, "1357"));
  CHECK_FALSE(store->pins.may_try(kCard, "1357"));
  store->pins.forget_nameless(in_one(*store), "main");
  CHECK(store->pins.may_try(kNameless, "1357"));
  store->pins.begin(in_one(*store), kCard, "1357");
  store->pins.forget_nameless(in_one(*store), "main");
  CHECK_FALSE(store->pins.may_try(kCard, "1357"));      // the card has a name
  CHECK_FALSE(store->pins.may_try(kNameless, "1357"));  // and may be the one that tells nothing now
}

TEST_CASE("pin tries: no PIN stands in the file") {
  test::TempStore store;
  store->pins.begin(in_one(*store), kCard, "86420975");
  store.close();
  const auto content = read_file(store.database());
  REQUIRE(content);
  CHECK(content->find("imei:490154203237518") != std::string::npos);
  CHECK(content->find("86420975") == std::string::npos);
}
