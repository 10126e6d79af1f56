// The contract, section by section: which keys there are, and what may stand in them.
#pragma once

#include "config/config.h"
#include "config/toml_text.h"

namespace pigeon {

// Fills `file` with the values, lines and mistakes of `text`.
void read_contract(const TomlText& text, ConfigFile& file);

}  // namespace pigeon
