// A configuration as pairs of key and value in words, for comparing two of them and for showing one. No
// secret is in it: the file holds none.
#pragma once

#include <map>
#include <string>

#include "config/config.h"

namespace pigeon {

// "web.listen" → "127.0.0.1:8080"; a modem's keys as "modem[0].url". Every key that Config has.
[[nodiscard]] std::map<std::string, std::string> values_of(const Config& config);

}  // namespace pigeon
