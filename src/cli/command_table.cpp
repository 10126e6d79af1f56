// The rows of pigeon's commands; see command.h. The first one is what a bare `pigeon` does.
#include "cli/accounts_command.h"
#include "cli/command.h"
#include "cli/config_command.h"
#include "cli/control_command.h"
#include "cli/doctor.h"
#include "cli/keys_command.h"
#include "cli/modem_at_command.h"
#include "cli/modem_info.h"
#include "cli/modem_list.h"
#include "cli/modem_selftest.h"
#include "cli/modem_send.h"
#include "cli/modem_ussd.h"
#include "cli/modem_watch.h"
#include "cli/outbox_command.h"
#include "cli/pdu_command.h"
#include "cli/quarantine_command.h"
#include "cli/status_command.h"

namespace pigeon::cli {

namespace {

// The box as a whole.
std::vector<Command> box_commands() {
  return {
      {.name = "status",
       .what = "the state of the box: what a bare 'pigeon' prints",
       .examples = {{"pigeon", "is the box well?"}, {"pigeon --json", "the same for a machine"}},
       .next = "Each line that begins with '!' is something wrong, with what to do behind the arrow. "
               "'journalctl -u carrier-pigeon' has the history.",
       .run = run_status},
      {.name = "doctor",
       .what = "look at everything, and say what is wrong",
       .examples = {{"sudo pigeon doctor", "from the settings to X, a line each"},
                    {"pigeon doctor --json", "the same for a machine"}},
       .wrong = "something failed: begin with the first line of a ✗",
       .next = "It asks the modem where no pigeond runs, X whether it takes the app's secret, and the public "
               "address. Nothing is changed, and no text is sent.",
       .run = run_doctor},
      {.name = "config check",
       .what = "whether pigeond would start: all mistakes at once",
       .examples = {{"sudo pigeon config check", "as pigeond's user sees it"},
                    {"pigeon config check --config pigeon.toml", "a file that is not in place yet"}},
       .wrong = "pigeond would not start for now: its address is taken",
       .next = "When it says 'fine': sudo systemctl restart carrier-pigeon",
       .run = run_config_check},
  };
}

// What a modem is, and what it says.
std::vector<Command> modem_looks() {
  return {
      {.name = "modem list",
       .what = "every port that could be a modem, and why it is none",
       .examples = {{"sudo pigeon modem list", "is my stick all right?"},
                    {"pigeon modem list --json", "the same for a machine"}},
       .wrong = "there is no usable modem, or a configured one is missing",
       .next =
           "Ports that nobody holds are asked for AT, unless pigeond runs. 'docs/modems.md' has more about "
           "each line.",
       .run = run_modem_list},
      {.name = "modem info",
       .what = "what the modem is, its SIM and network, and its signal",
       .options = {{"--modem", "NAME", "this one alone, where there are several"}},
       .examples = {{"sudo pigeon modem info", "how good is the signal?"},
                    {"pigeon modem info --json", "the same for a machine"}},
       .wrong = "a modem is not ready, or its network does not take it",
       .next = "Beside a running pigeond it says what that last saw; without one it asks the modem. 'pigeon "
               "modem list' says which port is the modem.",
       .run = run_modem_info},
      {.name = "modem watch",
       .what = "what pigeond and its modem say to each other",
       .options = {{"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem watch", "until Ctrl-C; numbers and texts are masked"},
                    {"pigeon modem watch --json", "an object a line"}},
       .wrong = "pigeond does not run, or ended",
       .next = "'pigeon modem record FILE' keeps it for others to see.",
       .run = run_modem_watch},
      {.name = "modem record",
       .what = "keep that in a file, for a bug report",
       .arguments = {{"FILE", "a new one; pigeon-sim --replay plays it"}},
       .options = {{"--seconds", "NUMBER", "as long; without it until Ctrl-C"},
                   {"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem record my-stick.txt", "beside pigeond, until Ctrl-C"},
                    {"sudo pigeon modem record my-stick.txt", "without: opening the modem, and a look"}},
       .wrong = "the modem failed (it is in the recording), or pigeond ended",
       .next = "Numbers, texts, USSD codes, PINs, IMEI, IMSI and ICCID are masked. Read it before you "
               "publish it.",
       .run = run_modem_record},
  };
}

// What a modem is to do.
std::vector<Command> modem_deeds() {
  return {
      {.name = "modem send",
       .what = "send one text, and see what the network says",
       .arguments = {{"NUMBER", "with + and the calling code"}, {"TEXT", "in quotes, for the shell"}},
       .options = {{"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem send +12025550123 'Is it me?'", "beside a running pigeond, or without"}},
       .wrong = "it was not sent, or nobody knows whether it was",
       .next = "It is tried once and costs what a text costs. Who has texted STOP is sent nothing.",
       .run = run_modem_send},
      {.name = "modem selftest",
       .what = "text the own number: does the modem still receive?",
       .options = {{"--wait", "SECONDS", "for it to come back; without it 120"},
                   {"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem selftest", "beside a running pigeond, or without"}},
       .wrong = "the text was not sent, or did not come back in time",
       .next = "It costs what a text costs, is never posted and never answered, and all other texts stay as "
               "they are.",
       .run = run_modem_selftest},
      {.name = "modem at",
       .what = "give the modem one AT command",
       .arguments = {{"COMMAND", "as a terminal would: AT+CSQ, or csq"}},
       .options = {{"--force", "", "also one that may cost texts, money or the SIM"},
                   {"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem at csq", "beside a running pigeond, or without"},
                    {"pigeon modem at 'AT+COPS?'", "in quotes, for the shell"}},
       .wrong = "the modem refused, or did not answer in time",
       .run = run_modem_at},
      {.name = "modem ussd",
       .what = "ask the network by a code, as for the balance",
       .arguments = {{"CODE", "as in a phone, in quotes: '*100#'"},
                     {"ANSWER", "to what the network asks then", Argument::Count::any}},
       .options = {{"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem ussd '*100#'", "how much credit is left?"},
                    {"pigeon modem ussd '*100#' 1", "and choose 1 of its menu"}},
       .wrong = "the network gave no answer, or the modem is not ready",
       .next = "Where the network asks something, you are asked at a terminal. Which code it is, the "
               "operator's web page says.",
       .run = run_modem_ussd},
      {.name = "modem pin",
       .what = "have a PIN entered that did not open its SIM",
       .options = {{"--again", "", "forget what became of it", true},
                   {"--modem", "NAME", "where there are several"}},
       .examples = {{"pigeon modem pin --again", "not when the SIM has one try left"}},
       .wrong = "pigeond was not asked, or could not",
       .next = "'pigeon' says whether the modem is ready.",
       .run = run_modem_pin},
  };
}

// What could not be read, and what is owed.
std::vector<Command> kept_commands() {
  return {
      {.name = "quarantine list",
       .what = "the messages that could not be read or joined",
       .examples = {{"pigeon quarantine list", "the newest hundred, a line each"}},
       .next = "'pigeon quarantine show ID' shows one of them with everything.",
       .run = run_quarantine_list},
      {.name = "quarantine show",
       .what = "one of them, with everything",
       .arguments = {{"ID", "its number in the list"}},
       .examples = {{"pigeon quarantine show 7", "why it is kept, and its octets"}},
       .run = run_quarantine_show},
      {.name = "quarantine retry",
       .what = "have one read once more, as after an update",
       .arguments = {{"ID", "its number in the list, or all"}},
       .examples = {{"pigeon quarantine retry all", "nothing is posted twice"}},
       .wrong = "one cannot be read now either, or pigeond was not asked",
       .run = run_quarantine_retry},
      {.name = "quarantine drop",
       .what = "throw one away",
       .arguments = {{"ID", "its number in the list, or all"}},
       .examples = {{"pigeon quarantine drop 7", "for good"}},
       .wrong = "pigeond was not asked, or could not",
       .run = run_quarantine_drop},
      {.name = "outbox list",
       .what = "the replies that wait, and those that failed",
       .examples = {{"pigeon outbox list", "the newest hundred that failed"}},
       .next = "'pigeon outbox move ID MODEM' sends one by another modem, or once more.",
       .run = run_outbox_list},
      {.name = "outbox move",
       .what = "have a modem send a reply, or send it again",
       .arguments = {{"ID", "its number in the list"}, {"MODEM", "the modem's name in the configuration"}},
       .examples = {{"pigeon outbox move 12 main", "its own modem is gone"}},
       .wrong = "pigeond was not asked, or could not",
       .run = run_outbox_move},
      {.name = "outbox drop",
       .what = "do not send a reply any more",
       .arguments = {{"ID", "its number in the list"}},
       .examples = {{"pigeon outbox drop 12", "whoever it is for gets nothing"}},
       .wrong = "pigeond was not asked, or could not",
       .run = run_outbox_drop},
  };
}

// Who posts by this box.
std::vector<Command> account_commands() {
  const Argument number = {"NUMBER", "with + and the calling code"};
  return {
      {.name = "accounts list",
       .what = "who is linked to which account at X",
       .examples = {{"sudo pigeon accounts list", "everybody, in the order of their numbers"},
                    {"sudo pigeon accounts list --json", "the same for a machine"}},
       .next = "'pigeon accounts show NUMBER' shows one of them with everything.",
       .run = run_accounts_list},
      {.name = "accounts show",
       .what = "one of them, with everything",
       .arguments = {number},
       .examples = {{"sudo pigeon accounts show +12025550123", "is it linked, and what waits?"}},
       .run = run_accounts_show},
      {.name = "accounts unlink",
       .what = "end a link, here and at X",
       .arguments = {number},
       .options = {{"--yes", "", "do it", true}},
       .examples = {{"pigeon accounts unlink +12025550123 --yes", "as when a phone is stolen"}},
       .wrong = "pigeond was not asked, or could not",
       .next =
           "What that phone has texted and what waits is not posted; its next text is answered with a new "
           "link. X is asked to end the grant until it has.",
       .run = run_accounts_unlink},
      {.name = "accounts export",
       .what = "everybody as JSON, without any token",
       .arguments = {{"NUMBER", "this one alone", Argument::Count::at_most_one}},
       .examples = {{"sudo pigeon accounts export > accounts.json",
                     "for a table, or another box's operator"}},
       .run = run_accounts_export},
      {.name = "pairings",
       .what = "who is linking now, and who was lately",
       .examples = {{"sudo pigeon pairings", "the newest hundred"}},
       .next = "Links and codes are not shown: they are kept as digests. Who texts START gets a new link.",
       .run = run_pairings},
  };
}

// The key that the tokens are sealed with.
std::vector<Command> key_commands() {
  return {
      {.name = "keys rotate",
       .what = "a new key for the tokens in the database",
       .examples = {{"sudo pigeon keys rotate", "beside a running pigeond, or without"}},
       .wrong = "it was not done; the old key stays",
       .next =
           "Whenever it is cut off, key and database fit together. Nobody links again. Back the new key up: "
           "older backups of the database want the old one.",
       .run = run_keys_rotate},
      {.name = "keys reset",
       .what = "give up a lost key: everybody links again",
       .options = {{"--yes", "", "do it; without it only who loses what is said"}},
       .examples = {{"sudo pigeon keys reset", "how many would have to link again?"},
                    {"sudo pigeon keys reset --yes", "do it, with pigeond stopped"}},
       .wrong = "it was not done: pigeond runs, or the key is there",
       .next = "A key from a backup is better: put it in its place, and nobody links again.",
       .run = run_keys_reset},
  };
}

// PDUs, without a box.
std::vector<Command> pdu_commands() {
  return {
      {.name = "pdu decode",
       .what = "PDUs in hex on standard input, JSON objects out",
       .examples = {{"echo 0791… | pigeon pdu decode", "a line each"}},
       .wrong = "a line could not be read",
       .run = [](const Call& call) { return run_pdu_decode(call.in, call.out); }},
      {.name = "pdu encode",
       .what = "JSON objects on standard input, PDUs in hex out",
       .examples = {{R"(echo '{"type":"submit","to":"+12025550100","text":"Hi"}' | pigeon pdu encode)",
                     "a text to send"},
                    {R"({"type":"deliver","from":"+12025550100","text":"Hi"})",
                     "one that came: a line for each part of it"},
                    {R"({"type":"status-report","to":"+12025550100","reference":7,"status":0})", "a report"}},
       .wrong = "a line could not be read",
       .next =
           "More keys: smsc, timestamp and discharge (RFC 3339), class (0-3), concat {ref, count, number}, "
           "ports {destination, source}. 'pigeon pdu decode' prints the same objects.",
       .run = [](const Call& call) { return run_pdu_encode(call.in, call.out); }},
  };
}

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all;
    for (const auto& group : {box_commands(), modem_looks(), modem_deeds(), kept_commands(),
                              account_commands(), key_commands(), pdu_commands()})
      all.insert(all.end(), group.begin(), group.end());
    return all;
  }();
  return table;
}

}  // namespace pigeon::cli
