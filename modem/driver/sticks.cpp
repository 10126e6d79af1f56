// The process's book of sticks; see sticks.h.
#include "modem/driver/sticks.h"

#include <map>
#include <mutex>
#include <set>

namespace pigeon::modem {
namespace {

constexpr std::size_t kSerialDigits = 14;  // type and serial number; what follows differs by how it is asked

struct Book {
  std::mutex mutex;
  std::set<std::string> claimed;
  std::map<std::string, KnownStick> known;  // by the modem's name: no more than there are modems
};

Book& book() {
  static Book the_book;
  return the_book;
}

std::string serial_of(const std::string& imei) {
  return imei.substr(0, kSerialDigits);
}

}  // namespace

void ReleaseClaim::operator()(const std::string* claimed) const {
  const std::unique_ptr<const std::string> owned(claimed);
  const std::scoped_lock lock(book().mutex);
  book().claimed.erase(*owned);
}

Claim claim(const std::string& what) {
  const std::scoped_lock lock(book().mutex);
  if (!book().claimed.insert(what).second) return nullptr;
  return Claim(new std::string(what));
}

Claim claim_imei(const std::string& imei) {
  return imei.empty() ? nullptr : claim("imei " + serial_of(imei));
}

void remember_stick(const std::string& name, KnownStick stick) {
  const std::scoped_lock lock(book().mutex);
  book().known[name] = std::move(stick);
}

std::optional<KnownStick> remembered_stick(const std::string& name) {
  const std::scoped_lock lock(book().mutex);
  const auto found = book().known.find(name);
  return found == book().known.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> other_owner(const std::string& imei, const std::string& name) {
  const std::scoped_lock lock(book().mutex);
  for (const auto& [owner, stick] : book().known) {
    if (owner != name && is_same_imei(stick.imei, imei)) return owner;
  }
  return std::nullopt;
}

bool is_same_imei(const std::string& one, const std::string& other) {
  return one.size() >= kSerialDigits && serial_of(one) == serial_of(other);
}

}  // namespace pigeon::modem
