// The table of families. A new modem is a new entry, and a row of docs/modems.md; see profile.h.
#include "modem/driver/profile.h"

namespace pigeon::modem {
namespace {

constexpr auto kNoise = UrcKind::noise;
constexpr auto kRestarted = UrcKind::restarted;
constexpr auto kStarted = UrcKind::started;
constexpr auto kFull = UrcKind::storage_full;

constexpr int kIf1[] = {1};
constexpr int kIf2[] = {2};
constexpr int kIf2And3[] = {2, 3};
constexpr int kIf3[] = {3};
constexpr int kIf4[] = {4};
constexpr int kIf4And5[] = {4, 5};
constexpr int kIf1And2[] = {1, 2};
constexpr int kIf6[] = {6};

// ^ codes are Huawei's namespace: none is an answer unless asked for, so the whole namespace is noise.
constexpr Signature kHuaweiSignatures[] = {{"huawei", {}, {}}};
constexpr UsbProduct kHuaweiProducts[] = {{0x12d1, kAnyProduct, {}}};
constexpr InitCommand kHuaweiInit[] = {{"AT^CURC=0", "AT^CURC?", "0"}};
constexpr VendorUrc kHuaweiUrcs[] = {{"^SMMEMFULL", kFull}, {"^", kNoise}};
constexpr std::string_view kHuaweiStorage =
    "a Huawei stick that still shows itself as storage: install usb-modeswitch and plug it in again";
constexpr PortlessProduct kHuaweiPortless[] = {
    {0x12d1, 0x1f01, Cause::storage_mode, kHuaweiStorage},
    {0x12d1, 0x14fe, Cause::storage_mode, kHuaweiStorage},
};

constexpr std::string_view kHilink =
    "a Huawei HiLink stick: it is a network card without an AT port; it needs stick firmware";
constexpr PortlessProduct kHilinkPortless[] = {
    {0x12d1, 0x14dc, Cause::hilink, kHilink},
    {0x12d1, 0x14db, Cause::hilink, kHilink},
};

constexpr Signature kBroviSignatures[] = {{"brovi", {}, {}}};
constexpr UsbProduct kBroviProducts[] = {{0x3566, 0x2001, {}}};

constexpr Signature kZteSignatures[] = {{"zte", {}, {}}};
constexpr UsbProduct kZteProducts[] = {{0x19d2, kAnyProduct, {}}};
constexpr InitCommand kZteInit[] = {{"AT+ZOPRT=5", "AT+ZOPRT?", "5"}};
constexpr VendorUrc kZteUrcs[] = {{"+ZUSIMR:", kNoise}, {"+ZDONR:", kNoise}, {"+ZPASR:", kNoise},
                                  {"+ZPSTM:", kNoise},  {"+ZEND", kNoise},   {"+ZUSSDS:", kNoise}};
constexpr PortlessProduct kZtePortless[] = {
    {0x19d2, 0x1405, Cause::network_mode, "a ZTE network stick (MF823): it has no AT port"},
    {0x19d2, 0x1225, Cause::storage_mode,
     "a ZTE stick that still shows itself as storage: install usb-modeswitch and plug it in again"},
};

constexpr Signature kQuectelSignatures[] = {{"quectel", {}, {}}};
constexpr UsbProduct kQuectelProducts[] = {{0x2c7c, kAnyProduct, kIf2And3}};
constexpr InitCommand kQuectelInit[] = {
    {"AT+QURCCFG=\"urcport\",\"all\"", "AT+QURCCFG=\"urcport\"", "urcport,all"}};
constexpr VendorUrc kQuectelUrcs[] = {
    {"RDY", kRestarted, true},
    {"POWERED DOWN", kRestarted, true},
    {"+QIND: \"SMSFULL\"", kFull},
    {"+QIND: SMS DONE", kStarted},
    {"+QIND:", kNoise},
    {"+QUSIM:", kNoise},
    {"+QNITZ:", kNoise},
    {"APP RDY", kRestarted, true},
    {"NORMAL POWER DOWN", kRestarted, true},
    {"SMS READY", kStarted, true},
    {"CALL READY", kStarted, true},
};

constexpr Signature kSimcomSignatures[] = {{"simcom", {}, {}}, {"sim7", {}, {}}};
constexpr UsbProduct kSimcomProducts[] = {{0x1e0e, 0x9001, kIf2}, {0x1e0e, kAnyProduct, kIf2}};
constexpr Signature kSimcomA7Signatures[] = {
    {"simcom", "a76", {}}, {"simcom", "sim70", {}}, {"a76", {}, {}}, {"sim70", {}, {}}};
constexpr UsbProduct kSimcomA7Products[] = {
    {0x1e0e, 0x9011, kIf4}, {0x1e0e, 0x9205, kIf2}, {0x1e0e, 0x9206, kIf2}};
constexpr VendorUrc kSimcomUrcs[] = {
    {"*ATREADY", kRestarted},
    {"RDY", kRestarted, true},
    {"NORMAL POWER DOWN", kRestarted, true},
    {"SMS DONE", kStarted, true},
    {"SMS READY", kStarted, true},
    {"CALL READY", kStarted, true},
    {"UNDER-VOLTAGE WARNNING POWER DOWN", kRestarted, true},  // spelled so by the modem
    {"UNDER-VOLTAGE POWER DOWN", kRestarted, true},
    {"UNDER-VOLTAGE WARN", kNoise},  // warnings only
    {"OVER-VOLTAGE", kNoise},
    {"START", kRestarted, true},
    {"PB DONE", kNoise, true},
    {"+SMS FULL", kFull},
    {"SMS FULL", kFull, true},
    {"+CNSMOD:", kNoise},
    {"+NITZ", kNoise},
    {"*PSUTTZ:", kNoise},
    {"*PSNWID:", kNoise},
    {"DST:", kNoise},
    {"*ISIMAID:", kNoise},
    {"*EUICC:", kNoise},
};

constexpr Signature kSierraSignatures[] = {{"sierra", {}, {}}};
constexpr UsbProduct kSierraProducts[] = {
    {0x1199, 0x9071, kIf3}, {0x1199, 0x9079, kIf3}, {0x1199, 0x9091, kIf3}, {0x1199, kAnyProduct, kIf3}};
constexpr VendorUrc kSierraUrcs[] = {{"+WIND:", kNoise}, {"*NWT", kNoise}};
constexpr Signature kSierraRc76Signatures[] = {{"sierra", "rc76", {}}};

constexpr Signature kTelitSignatures[] = {{"telit", {}, {}}};
constexpr UsbProduct kTelitProducts[] = {{0x1bc7, 0x1201, kIf4And5},
                                         {0x1bc7, 0x1031, kIf1And2},
                                         {0x1bc7, 0x1033, kIf1And2},
                                         {0x1bc7, kAnyProduct, {}}};
constexpr VendorUrc kTelitUrcs[] = {
    {"#QSS:", kNoise}, {"#STN:", kNoise}, {"#SMOV:", kFull}, {"#NITZ:", kNoise}};

constexpr Signature kUbloxSignatures[] = {{"u-blox", {}, {}}, {"ublox", {}, {}}};
constexpr UsbProduct kUbloxProducts[] = {{0x1546, 0x1010, kIf6}, {0x05c6, 0x908b, kIf1}};
constexpr VendorUrc kUbloxUrcs[] = {
    {"+UUSTS:", kNoise}, {"+UUPSD", kNoise}, {"+UMWI:", kNoise}, {"+UREG:", kNoise}};

constexpr Profile kProfiles[] = {
    {.name = "generic", .signatures = {}, .products = {}},
    {.name = "huawei",
     .signatures = kHuaweiSignatures,
     .products = kHuaweiProducts,
     .portless = kHuaweiPortless,
     .init_commands = kHuaweiInit,
     .urcs = kHuaweiUrcs,
     .ussd = UssdForm::packed},
    {.name = "huawei-hilink", .signatures = {}, .products = {}, .portless = kHilinkPortless},
    {.name = "brovi",
     .signatures = kBroviSignatures,
     .products = kBroviProducts,
     .init_commands = kHuaweiInit,
     .urcs = kHuaweiUrcs,
     .fewest_storages = 3},
    {.name = "zte",
     .signatures = kZteSignatures,
     .products = kZteProducts,
     .portless = kZtePortless,
     .init_commands = kZteInit,
     .urcs = kZteUrcs},
    {.name = "quectel",
     .signatures = kQuectelSignatures,
     .products = kQuectelProducts,
     .init_commands = kQuectelInit,
     .urcs = kQuectelUrcs,
     .acknowledgement = "AT+CNMA=1"},
    {.name = "simcom",
     .signatures = kSimcomSignatures,
     .products = kSimcomProducts,
     .urcs = kSimcomUrcs,
     .acknowledgement = {}},
    {.name = "simcom-a7",
     .signatures = kSimcomA7Signatures,
     .products = kSimcomA7Products,
     .urcs = kSimcomUrcs,
     .acknowledgement = {}},
    {.name = "sierra", .signatures = kSierraSignatures, .products = kSierraProducts, .urcs = kSierraUrcs},
    {.name = "sierra-rc76",
     .signatures = kSierraRc76Signatures,
     .products = {},
     .urcs = kSierraUrcs,
     .opens_storage = "AT+CMGD=1,4"},
    {.name = "telit", .signatures = kTelitSignatures, .products = kTelitProducts, .urcs = kTelitUrcs},
    {.name = "u-blox",
     .signatures = kUbloxSignatures,
     .products = kUbloxProducts,
     .urcs = kUbloxUrcs,
     .boot_time = seconds(20)},
};

}  // namespace

std::span<const Profile> profiles() {
  return kProfiles;
}

const Profile& generic_profile() {
  return kProfiles[0];
}

}  // namespace pigeon::modem
