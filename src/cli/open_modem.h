// A configured modem for a command of `pigeon`: which one is meant, whether a daemon has it, and opening it
// where none does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "config/config.h"
#include "modem/driver/serial_modem.h"
#include "store/store.h"
#include "transport/pin_memory.h"

namespace pigeon::cli {

// What was given behind the option; empty where it was not.
[[nodiscard]] std::string option_of(const Call& call, std::string_view name);

// The [[modem]] that --modem names, or the only one; nothing, said, where that is not clear.
[[nodiscard]] const ModemConfig* modem_of(const Call& call, const Config& config);

// Whether a daemon is there, so that it is to be asked and the port is its own.
[[nodiscard]] bool has_daemon(const std::string& database);

// Opens modems that no daemon has, and outlives them. A PIN is entered only where the store remembers that it
// was.
class ModemOpener {
 public:
  // `config` is borrowed.
  explicit ModemOpener(const Config& config) : config_(config) {}
  // `traffic` (borrowed; may be null) hears all that is said. Errors as SerialModem::open's; where a PIN was
  // left to pigeond they say so.
  [[nodiscard]] Result<std::unique_ptr<modem::SerialModem>> open(const ModemConfig& modem,
                                                                 modem::Traffic* traffic = nullptr);
  // The database of the box, whose owner this process is from now on; null: there is none yet. An error: it
  // cannot be read, or is another version's. It goes with the opener.
  [[nodiscard]] Result<store::Store*> store();

 private:
  const Config& config_;
  std::unique_ptr<store::Store> store_;
  std::vector<std::unique_ptr<transport::PinMemory>> memories_;
};

}  // namespace pigeon::cli
