// carrier-pigeon's usb-reset: started as root by carrier-pigeon-usb.service when pigeond asks for it.
//
//   usb-reset FILE     the request; it is taken away
//
// Exit status: 0 done, 1 not done, 2 wrong arguments.
#include <cstdio>

#include "usb/reset.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usb-reset FILE\n", stderr);
    return 2;
  }
  const auto device = pigeon::usb::take_request(arguments[1]);
  if (!device) {
    std::fprintf(stderr, "%s\n", device.error().message.c_str());
    return 1;
  }
  std::printf("USB device %s is taken off and put back\n", device->c_str());
  std::fflush(stdout);
  const auto done = pigeon::usb::reset_device(*device);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
