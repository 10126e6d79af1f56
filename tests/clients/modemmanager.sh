#!/bin/bash
# ModemManager on a bus of its own drives the simulated modem: it identifies it, unlocks the card, reads texts of two
# parts and sends. Its virtual ports are Unix sockets in the abstract name space; socat joins one to the modem's line.
. "$(dirname "$0")/lib.sh"
need ModemManager modemmanager
need mmcli modemmanager
need dbus-daemon dbus
need socat socat
start_modem --pin 1234 --part-gap 1000  # of two indications in one read it hears the first

name=abstract:carrier-pigeon-test-$$  # the prefix is part of the name
helpers=()
stop_helpers() {
  stop_client
  local pid
  for pid in "${helpers[@]}"; do
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  clean_up
}
trap stop_helpers EXIT

export DBUS_SESSION_BUS_ADDRESS=unix:path=$work/bus DBUS_SYSTEM_BUS_ADDRESS=unix:path=$work/bus
dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS" >"$work/dbus" 2>&1 8<&- 9>&- &
helpers+=($!)
wait_for "the bus is there" 20 test -S "$work/bus"
socat -t 0 "ABSTRACT-LISTEN:${name/:/\\:},fork" "GOPEN:$modem,rawer,echo=0" >"$work/socat" 2>&1 8<&- 9>&- &
helpers+=($!)
wait_for "the socket is there" 20 grep -q "@$name" /proc/net/unix
ModemManager --test-session --no-auto-scan --test-enable --test-no-udev --test-no-suspend-resume --debug \
  >"$work/log" 2>&1 8<&- 9>&- &
client_pid=$!
set_profile() {
  dbus-send --session --print-reply --dest=org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1 \
    org.freedesktop.ModemManager1.Test.SetProfile string:pigeon string:generic "array:string:$name" >/dev/null 2>&1
}
wait_for "ModemManager takes the line" 30 set_profile

modem_path() { mmcli -L 2>/dev/null | grep -o '/org/freedesktop/ModemManager1/Modem/[0-9]*' | head -n 1; }
has_modem() { [ -n "$(modem_path)" ]; }
wait_for "ModemManager finds the modem" 90 has_modem || finish
about() { mmcli -m "$(modem_path)" -K 2>/dev/null; }
value() { about | sed -n "s/^$1 *: //p"; }
is_value() { [ "$(value "$1")" = "$2" ]; }
expect_equal "the card asks for its PIN" sim-pin "$(value modem.generic.unlock-required)"

sim_path=$(value modem.generic.sim)
expect_contains "a wrong PIN is refused" "incorrect password" \
  "$(mmcli -i "$sim_path" --pin=9999 2>&1 | tr '[:upper:]' '[:lower:]' | sed 's/incorrect-password/incorrect password/')"
mmcli -i "$sim_path" --pin=1234 >/dev/null 2>&1 && pass "the right PIN is taken"
is_open() { case $(value modem.generic.state) in disabled | enabled | registered) ;; *) return 1 ;; esac; }
wait_for "the modem is open" 90 is_open || finish
expect_equal "the card's number" 8949010000000000123 "$(mmcli -i "$(value modem.generic.sim)" -K | sed -n 's/^sim.properties.iccid *: //p')"
mmcli -m "$(modem_path)" --enable >/dev/null 2>&1
expect_equal "its IMEI" 490154203237518 "$(value modem.3gpp.imei)"
wait_for "it is registered" 60 is_value modem.generic.state registered

messages() { mmcli -m "$(modem_path)" --messaging-list-sms 2>/dev/null | grep -o '/org/freedesktop/ModemManager1/SMS/[0-9]*'; }
text_from() {  # NUMBER
  local path
  for path in $(messages); do
    mmcli -s "$path" -K 2>/dev/null | grep -q "^sms.content.number *: $1\$" || continue
    mmcli -s "$path" -K | sed -n 's/^sms.content.text *: //p'
    return
  done
}
has_text() { [ "$(text_from "$1")" = "$2" ]; }
sim "text +12025550123 $short_text" >/dev/null
wait_for "a short text" 30 has_text +12025550123 "$short_text" && pass "a short text"
sim "text +12025550124 $long_text" >/dev/null
wait_for "a text of two parts" 30 has_text +12025550124 "$long_text" && pass "a text of two parts"

made=$(mmcli -m "$(modem_path)" --messaging-create-sms="number=+12025550130,text='$short_text'" 2>&1 |
  grep -o '/org/freedesktop/ModemManager1/SMS/[0-9]*')
mmcli -s "$made" --send >/dev/null 2>&1 && pass "says that it sent"
expect_equal "sends a short text" "message $short_text"$'\n'"ok 1" "$(sim "wait +12025550130 1 30")"
finish
