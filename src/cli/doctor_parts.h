// The parts of `pigeon doctor`, each of which looks at a few areas and adds what it finds; doctor.cpp calls
// them. What several need is in Box.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/diagnosis.h"
#include "cli/doctor.h"
#include "config/config.h"
#include "modem/causes/cause.h"
#include "store/store.h"

namespace pigeon::cli {

// What is known of the box when the parts begin. Borrows the means.
struct Box {
  const DoctorMeans& means;
  ConfigFile file;                           // with the preflight's mistakes
  bool is_readable = false;                  // the configuration is there, and its keys are right
  bool is_running = false;                   // pigeond
  bool is_strangers = false;                 // this user may not look at what is pigeond's
  std::unique_ptr<store::Store> store;       // null: it cannot be read
  std::vector<store::Condition> conditions;  // of a running daemon
  ModemSurvey ports;
};

// A cause's words as a finding.
[[nodiscard]] Finding finding_of(Area area, Verdict verdict, modem::Cause cause,
                                 const std::string& whose = {});

void look_at_settings(const Box& box, Diagnosis& found);  // settings, keys, database, as far as mistakes go
void look_at_storage(const Box& box, Diagnosis& found);   // disk, database, keys
void look_at_clock(const Box& box, Diagnosis& found);
void look_at_service(const Box& box, Diagnosis& found);
void look_at_modems(const Box& box, Diagnosis& found);  // modem, SIM, network, SMS centre, storages
void look_at_x(const Box& box, Diagnosis& found);       // X, and the clock by X's
void look_at_address(const Box& box, Diagnosis& found);
void look_at_texts(const Box& box, Diagnosis& found);

}  // namespace pigeon::cli
