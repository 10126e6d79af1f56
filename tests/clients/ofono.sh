#!/bin/bash
# oFono drives the simulated modem with its phonesim driver, on a bus of the test's own: it identifies it, registers,
# hands on what phones text and sends. That driver wants a TCP port and never turns echo off, so that is done first,
# and socat joins a port of the loopback to the modem's line.
. "$(dirname "$0")/lib.sh"
need ofonod ofono
need gdbus libglib2.0-bin
need dbus-daemon dbus
need socat socat
need python3 python3
start_modem

read -r port < <(free_ports 1)
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

export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$work/bus
dbus-daemon --session --nofork --nopidfile --address="$DBUS_SYSTEM_BUS_ADDRESS" >"$work/dbus" 2>&1 8<&- 9>&- &
helpers+=($!)
wait_for "the bus is there" 20 test -S "$work/bus"
is_silent() {  # no echo any more
  local line
  printf 'ATE0\r' >&7
  while IFS= read -r -t 2 line <&7; do [ "$line" != $'OK\r' ] || return 0; done
  return 1
}
exec 7<>"$modem"
wait_for "echo is off" 20 is_silent
exec 7>&-
socat -d -d "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "GOPEN:$modem,rawer,echo=0" >"$work/socat" 2>&1 8<&- 9>&- &
helpers+=($!)
wait_for "the port is there" 20 grep -q 'listening on' "$work/socat"
printf '[phonesim]\nAddress=127.0.0.1\nPort=%s\n' "$port" >"$work/phonesim.conf"
# What it keeps of a card is in a folder that cannot be chosen; only root can write there, and root can hide it.
private=()
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
  private=(unshare -m sh -c 'mount -t tmpfs none /var/lib/ofono && exec "$@"' sh)
fi
OFONO_PHONESIM_CONFIG=$work/phonesim.conf OFONO_AT_DEBUG=1 timeout 240 "${private[@]}" ofonod -n -d -P 'udev,udevng,bluez*,hfp*' \
  >"$work/log" 2>&1 8<&- 9>&- &
client_pid=$!
call() {  # PATH METHOD ARGUMENT…
  timeout 60 gdbus call --system --dest org.ofono --object-path "$1" --method "org.ofono.$2" "${@:3}" 2>&1
}
has_modem() { call / Manager.GetModems | grep -q /phonesim; }
wait_for "oFono knows the modem" 30 has_modem || finish
call /phonesim Modem.SetProperty Powered '<true>' >/dev/null
has() { call /phonesim "$1.GetProperties" | grep -qF -- "$2"; }  # INTERFACE PIECE
wait_for "its IMEI" 30 has Modem "'Serial': <'490154203237518'>" && pass "its IMEI"
wait_for "its maker" 30 has Modem "'Manufacturer': <'Carrier Pigeon'>" && pass "its maker"
# The radio can be turned on once the card is read; that is refused before.
is_online() { call /phonesim Modem.SetProperty Online '<true>' >/dev/null; has Modem "'Online': <true>"; }
wait_for "it goes online" 60 is_online || finish
wait_for "it is registered" 60 has NetworkRegistration "'Status': <'registered'>" && pass "it is registered"
wait_for "it has messages" 60 has MessageManager "'ServiceCenterAddress': <'+12025550199'>" || finish

timeout 240 gdbus monitor --system --dest org.ofono --object-path /phonesim >"$work/signals" 2>&1 8<&- 9>&- &
helpers+=($!)
wait_for "signals are heard" 20 grep -q 'owned by' "$work/signals" || finish
has_text() { grep -F "IncomingMessage ('$2'," "$work/signals" | grep -qF "'Sender': <'$1'>"; }
receives() {  # WHAT NUMBER TEXT
  sim "text $2 $3" >/dev/null
  wait_for "$1" 60 has_text "$2" "$3" && pass "$1"
}
receives "a short text" +12025550123 "$short_text"
receives "a text of two parts" +12025550124 "$long_text"

sends() {  # WHAT NUMBER TEXT
  expect_contains "$1: is taken" "/phonesim/message_" "$(call /phonesim MessageManager.SendMessage "$2" "$3")"
  expect_equal "$1" "message $3"$'\n'"ok 1" "$(sim "wait $2 1 60")"
}
sends "sends a short text" +12025550130 "$short_text"
sends "sends a long text" +12025550131 "$long_text"
finish
