// Ending a link for the operator; see account_commands.h.
#include "daemon/account_commands.h"

#include <string>

#include "base/log.h"
#include "net/json.h"
#include "relay/unlinking.h"

namespace pigeon::daemon {

Result<control::Json> unlink_account(const ControlDesk& desk, const control::Request& request) {
  const auto phone = PhoneNumber::parse(net::string_member(request.body, "phone"));
  if (!phone) return fail(Errc::bad_input, "phone: not a number with + and the calling code");
  const UtcTime now = desk.store.time.now();
  auto transaction = desk.store.begin();
  const auto account = desk.store.accounts.find(*phone);
  if (!account) return fail(Errc::not_found, phone->e164() + " has no account");
  const auto ended = relay::unlink(desk.store, transaction, *phone, "unlinked by the operator", now);
  transaction.commit();
  desk.wakeups.network.ring();
  log::notice("control", log::masked(phone->e164()) + " is unlinked, and " + std::to_string(ended.texts) +
                             " of its texts are not posted");
  return control::Json{{"phone", phone->e164()},
                       {"username", account->username},
                       {"revoked", ended.ends_at_x},
                       {"texts", ended.texts}};
}

}  // namespace pigeon::daemon
