// Bits of a TPDU's first octet and of its TP-PI (3GPP TS 23.040 §9.2.3). Private to pdu.cpp and
// pdu_encode.cpp.
#pragma once

#include <cstdint>

namespace pigeon::modem {

// TP-MTI; what each stands for depends on the direction (§9.2.3.1).
inline constexpr std::uint8_t kMessageTypeMask = 0x03;
inline constexpr std::uint8_t kTypeDeliver = 0x00;  // to the mobile: DELIVER; from it: DELIVER-REPORT
inline constexpr std::uint8_t kTypeSubmit = 0x01;   // to the mobile: SUBMIT-REPORT; from it: SUBMIT
inline constexpr std::uint8_t kTypeStatus = 0x02;   // to the mobile: STATUS-REPORT; from it: COMMAND

inline constexpr std::uint8_t kNoMoreMessages = 0x04;    // TP-MMS, to the mobile
inline constexpr std::uint8_t kRejectDuplicates = 0x04;  // TP-RD, from the mobile
inline constexpr std::uint8_t kRelativeValidity = 0x10;  // TP-VPF
inline constexpr std::uint8_t kAbsoluteValidity = 0x18;
inline constexpr std::uint8_t kStatusReport = 0x20;    // TP-SRI, TP-SRR, TP-SRQ
inline constexpr std::uint8_t kUserDataHeader = 0x40;  // TP-UDHI
inline constexpr std::uint8_t kReplyPath = 0x80;       // TP-RP

// TP-PI, §9.2.3.27.
inline constexpr std::uint8_t kHasPid = 0x01;
inline constexpr std::uint8_t kHasDcs = 0x02;
inline constexpr std::uint8_t kHasUserData = 0x04;
inline constexpr std::uint8_t kPiExtended = 0x80;

// A report for RP-ERROR begins with TP-FCS, one for RP-ACK with TP-PI, and nothing in the TPDU says which it
// is. TP-FCS below 0x80 are reserved, and so are TP-PI above 7: an octet of up to 7 there is a TP-PI.
inline constexpr std::uint8_t kLastParameterIndicator = kHasPid | kHasDcs | kHasUserData;

}  // namespace pigeon::modem
