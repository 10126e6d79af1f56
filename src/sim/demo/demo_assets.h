// The files of the demo's page, compiled into pigeon-sim.
#pragma once

#include <string_view>

namespace pigeon::sim {

extern const std::string_view kDemoPage;    // text/html
extern const std::string_view kDemoStyle;   // text/css
extern const std::string_view kDemoScript;  // text/javascript
extern const std::string_view kDemoIcon;    // image/svg+xml

}  // namespace pigeon::sim
