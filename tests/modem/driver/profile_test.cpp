// The table of families: who is who, which port speaks AT, what is noise.
#include "modem/driver/profile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "modem/port/usb_ports.h"

using namespace pigeon::modem;

namespace {

UsbSerialPort port(const char* device, std::uint16_t vendor, std::uint16_t product, int interface,
                   int subclass = -1, int protocol = -1, const char* usb_path = "1-1") {
  return {device, usb_path, vendor, product, interface, subclass, protocol};
}

std::vector<std::string> devices_of(const std::vector<UsbSerialPort>& ports) {
  std::vector<std::string> devices;
  for (const UsbSerialPort& entry : ports) devices.push_back(entry.device);
  return devices;
}

}  // namespace

TEST_CASE("profiles: by what the modem says of itself") {
  struct Row {
    const char *maker, *model, *name;
  };
  const Row rows[] = {
      {"huawei", "E1752", "huawei"},
      {"Brovi", "E3372-325", "brovi"},
      {"ZTE CORPORATION", "MF710M", "zte"},
      {"Quectel", "EC25", "quectel"},
      {"SIMCOM INCORPORATED", "SIMCOM_SIM7600E", "simcom"},
      {"SIMCOM INCORPORATED", "A7670E-FASE", "simcom-a7"},
      {"SIMCOM INCORPORATED", "SIMCOM_SIM7070", "simcom-a7"},
      {"INCORPORATED", "A7672S-FASE", "simcom-a7"},
      {"Sierra Wireless, Incorporated", "MC7455", "sierra"},
      {"Sierra Wireless, Incorporated", "RC7620", "sierra-rc76"},
      {"Telit", "HE910", "telit"},
      {"u-blox", "TOBY-L210", "u-blox"},
      {"Carrier Pigeon", "SIM-4G", "generic"},
      {"", "", "generic"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    CHECK(profile_of(row.maker, row.model, "1.0").name == row.name);
  }
}

TEST_CASE("profiles: names differ, each has a way to be found, and the first one is generic") {
  std::set<std::string_view> names;
  for (const Profile& profile : profiles()) {
    CAPTURE(profile.name);
    CHECK(names.insert(profile.name).second);
    CHECK_FALSE(profile.indications.empty());
    CHECK_FALSE(profile.storages.empty());
    const bool is_generic = &profile == &generic_profile();
    CHECK((profile.signatures.empty() && profile.products.empty() && profile.portless.empty()) == is_generic);
  }
  CHECK(generic_profile().name == "generic");
  CHECK(generic_profile().init_commands.empty());
}

TEST_CASE("profiles: the handbook has a row for each, with its products") {
  const auto handbook = pigeon::read_file(PIGEON_TEST_DATA "/../../docs/modems.md");
  REQUIRE(handbook);
  const auto digits = [](int value) {
    std::string hex(4, '0');
    for (int i = 3; i >= 0; --i, value /= 16)
      hex[static_cast<std::size_t>(i)] = "0123456789abcdef"[value % 16];
    return hex;
  };
  for (const Profile& profile : profiles()) {
    CAPTURE(profile.name);
    const std::size_t begin = handbook->find("\n| `" + std::string(profile.name) + "` |");
    REQUIRE(begin != std::string::npos);
    const std::string row = handbook->substr(begin + 1, handbook->find('\n', begin + 1) - begin);
    for (const UsbProduct& known : profile.products) {
      CHECK(row.find(digits(known.vendor)) != std::string::npos);
      if (known.product != kAnyProduct) CHECK(row.find(digits(known.product)) != std::string::npos);
    }
    for (const PortlessProduct& known : profile.portless)
      CHECK(row.find(digits(known.product)) != std::string::npos);
    for (const InitCommand& own : profile.init_commands) CHECK(row.find(own.set) != std::string::npos);
  }
}

TEST_CASE("vendor codes: events among the noise") {
  const auto heard = [](std::string_view line) { return classify_urc(line, urcs_of_all()); };
  CHECK(heard("^RSSI:14") == UrcKind::noise);
  CHECK(heard("^SMMEMFULL: \"SM\"") == UrcKind::storage_full);
  CHECK(heard("+SMS FULL") == UrcKind::storage_full);
  CHECK(heard("+QIND: \"smsfull\",\"SM\"") == UrcKind::storage_full);
  CHECK(heard("+QIND: SMS DONE") == UrcKind::started);
  CHECK(heard("+QIND: PB DONE") == UrcKind::noise);
  CHECK(heard("RDY") == UrcKind::restarted);
  CHECK(heard("POWERED DOWN") == UrcKind::restarted);
  CHECK(heard("Call Ready") == UrcKind::started);
  CHECK(heard("^SYSSTART") == UrcKind::restarted);
  CHECK(heard("+ZUSIMR:2") == UrcKind::noise);
  CHECK(heard("PB DONE") == UrcKind::noise);
  CHECK_FALSE(heard("RDYX"));
  CHECK_FALSE(heard("Quectel"));
  CHECK_FALSE(heard("07911326"));
}

TEST_CASE("vendor codes: a family's own mean nothing from another one") {
  const auto of = [](const char* maker) { return urcs_of(profile_of(maker, "", "")); };
  CHECK(classify_urc("RDY", of("Quectel")) == UrcKind::restarted);
  CHECK_FALSE(classify_urc("RDY", of("huawei")));
  CHECK_FALSE(classify_urc("START", of("Quectel")));
  CHECK(classify_urc("START", of("SIMCOM INCORPORATED")) == UrcKind::restarted);
  CHECK(classify_urc("START", of("nobody")) == UrcKind::restarted);
  CHECK(classify_urc("^SYSSTART", of("huawei")) == UrcKind::restarted);
  CHECK(classify_urc("+CMTI: \"SM\",1", {}) == UrcKind::message_stored);
}

TEST_CASE("ports: the AT interface of a known product, its second one behind it") {
  const UsbSerialPort ports[] = {
      port("/dev/ttyUSB0", 0x2c7c, 0x0125, 0), port("/dev/ttyUSB1", 0x2c7c, 0x0125, 1),
      port("/dev/ttyUSB2", 0x2c7c, 0x0125, 2), port("/dev/ttyUSB3", 0x2c7c, 0x0125, 3)};
  CHECK(devices_of(at_ports(ports)) == std::vector<std::string>{"/dev/ttyUSB2", "/dev/ttyUSB3"});
}

TEST_CASE("ports: a product before its vendor's habit") {
  const UsbSerialPort ports[] = {port("/dev/ttyUSB2", 0x1e0e, 0x9011, 2),
                                 port("/dev/ttyUSB4", 0x1e0e, 0x9011, 4)};
  CHECK(devices_of(at_ports(ports)) == std::vector<std::string>{"/dev/ttyUSB4"});
}

TEST_CASE("ports: Huawei's are known by class and not by number") {
  const UsbSerialPort ports[] = {port("/dev/ttyUSB0", 0x12d1, 0x1506, 0, 0x02, 0x01),
                                 port("/dev/ttyUSB1", 0x12d1, 0x1506, 1, 0x02, 0x03),
                                 port("/dev/ttyUSB2", 0x12d1, 0x1506, 2, 0x02, 0x02)};
  CHECK(devices_of(at_ports(ports)).front() == "/dev/ttyUSB2");
  CHECK(devices_of(at_ports(ports)).at(1) == "/dev/ttyUSB0");
}

TEST_CASE("ports: strangers are left alone, sticks stay together") {
  const UsbSerialPort ports[] = {port("/dev/ttyACM0", 0x2341, 0x0043, 0, 2, 1, "1-3"),
                                 port("/dev/ttyUSB6", 0x2c7c, 0x0125, 2, -1, -1, "1-4"),
                                 port("/dev/ttyUSB2", 0x2c7c, 0x0125, 2, -1, -1, "1-2"),
                                 port("/dev/ttyUSB7", 0x2c7c, 0x0125, 3, -1, -1, "1-4")};
  CHECK(devices_of(at_ports(ports)) ==
        std::vector<std::string>{"/dev/ttyUSB2", "/dev/ttyUSB6", "/dev/ttyUSB7"});
}

TEST_CASE("boot time: u-blox needs patience") {
  CHECK(boot_time(0x1546, 0x1010) == pigeon::seconds(20));
  CHECK(boot_time(0x2341, 0x0043) == pigeon::seconds(0));
}

TEST_CASE("advice: sticks that show no AT port") {
  const UsbDevice devices[] = {{0x12d1, 0x14dc}, {0x2341, 0x0043}};
  const auto advice = usb_stick_advice(devices);
  REQUIRE(advice.size() == 1);
  CHECK(advice[0].starts_with("USB device 12d1:14dc is a Huawei HiLink stick"));
  CHECK(usb_advice(0x12d1, 0x1f01)->find("usb-modeswitch") != std::string_view::npos);
}

TEST_CASE("advice: a known family's stick without a port by what it shows instead") {
  UsbDevice device{0x19d2, 0x0031, "1-1"};
  const auto advice = [&] {
    const auto all = usb_stick_advice(std::span(&device, 1));
    return all.empty() ? std::string() : all[0];
  };
  CHECK(advice().find("has the kernel its driver") != std::string::npos);
  device.has_storage = true;
  CHECK(advice().find("as storage: install usb-modeswitch") != std::string::npos);
  device.has_network = true;
  CHECK(advice().find("as a network card") != std::string::npos);
  device.has_serial = true;
  CHECK(advice().empty());
  device = {0x0403, 0x6001, "1-2"};
  CHECK(advice().empty());
}
