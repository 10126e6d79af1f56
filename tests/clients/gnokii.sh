#!/bin/bash
# gnokii drives the simulated modem: it identifies it, reads texts from the SIM's storage and sends.
. "$(dirname "$0")/lib.sh"
need gnokii gnokii-cli
start_modem

cat >"$work/gnokii.conf" <<END
[global]
port = $modem
model = AT
connection = serial
use_locking = no
serial_baudrate = 115200
smsc_timeout = 10
[logging]
debug = off
END
run() { timeout 60 gnokii --config "$work/gnokii.conf" "$@" 2>"$work/log" 8<&- 9>&-; }

about=$(run --identify)
expect_contains "its IMEI" 490154203237518 "$about"
expect_contains "its maker" "Carrier Pigeon" "$about"

sim "text +12025550123 $short_text" >/dev/null
read_text=$(run --getsms SM 1)
expect_contains "a short text" "$short_text" "$read_text"
expect_contains "and its sender" "+12025550123" "$read_text"
run --deletesms SM 1 >/dev/null
expect_equal "a slot is free again" "ok 0 stored" "$(sim stored | cut -d, -f1)"

printf '%s' "$short_text" | run --sendsms +12025550130 >/dev/null
expect_equal "sends a short text" "message $short_text"$'\n'"ok 1" "$(sim "wait +12025550130 1 30")"
printf '%s' "$long_text" | run --sendsms +12025550131 --long 400 >/dev/null
expect_equal "sends a long text" "message $long_text"$'\n'"ok 1" "$(sim "wait +12025550131 1 30")"
finish
