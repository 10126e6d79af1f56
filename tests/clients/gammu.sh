#!/bin/bash
# Debian's gammu drives the simulated modem: identifies it, lists texts of one and more parts, sends, and monitors.
. "$(dirname "$0")/lib.sh"
need gammu gammu
start_modem

cat >"$work/rc" <<END
[gammu]
device=$modem
connection=at115200
use_locking=no
logfile=$work/log
logformat=textall
END
with_gammu() { timeout 120 gammu -c "$work/rc" "$@" 2>&1; }

# Several commands over one connection: opening it takes gammu three seconds.
run_batch() {
  printf '%s\n' "$@" >"$work/batch"
  with_gammu batch "$work/batch"
}

sim "text +12025550123 $short_text" >/dev/null
sim "text +12025550124 $long_text" >/dev/null
sim "text +12025550125 $emoji_text" >/dev/null
expect_equal "the modem holds them" "ok 6 stored, 0 waiting, 0 sent" "$(sim stored)"
seen=$(run_batch identify getallsms)
expect_contains "identify: manufacturer" "Manufacturer         : Carrier Pigeon" "$seen"
expect_contains "identify: model" "(SIM-4G)" "$seen"
expect_contains "identify: IMEI" "IMEI                 : 490154203237518" "$seen"
expect_contains "identify: IMSI" "SIM IMSI             : 262011234567890" "$seen"
expect_contains "getallsms: each part once" "6 SMS parts in 6 SMS sequences" "$seen"
expect_contains "getallsms: sender" 'Remote number        : "+12025550124"' "$seen"
joined=$(run_batch geteachsms "deleteallsms 1")
expect_contains "geteachsms: three texts" "6 SMS parts in 3 SMS sequences" "$joined"
expect_contains "geteachsms: a short text" "$short_text" "$joined"
expect_contains "geteachsms: a text of two parts" "$long_text" "$joined"
expect_contains "geteachsms: emoji" "$emoji_text" "$joined"
expect_equal "deleteallsms frees every slot" "ok 0 stored, 0 waiting, 0 sent" "$(sim stored)"

sent=$(run_batch "sendsms TEXT +12025550130 -text \"$short_text\"" \
  "sendsms TEXT +12025550130 -autolen 800 -text \"$long_text\"" \
  "sendsms TEXT +12025550130 -unicode -autolen 800 -text \"$emoji_text\"")
expect_contains "sendsms: the last reference" "message reference=6" "$sent"
expect_equal "sendsms: what the phone has" \
  "message $short_text"$'\n'"message $long_text"$'\n'"message $emoji_text"$'\n'"ok 3" "$(sim 'inbox +12025550130')"

sim "text +12025550123 $short_text" >/dev/null
state=$(with_gammu monitor 1)
expect_contains "monitor: signal" "Signal strength      : -73 dBm" "$state"
expect_contains "monitor: network" "Network state        : home network" "$state"
expect_contains "monitor: messages" "SIM SMS status       : 1 used, 0 unread, 30 locations" "$state"
finish
