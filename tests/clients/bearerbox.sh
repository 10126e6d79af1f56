#!/bin/bash
# Kannel's bearerbox drives the simulated modem: it unlocks the card, its smsbox hands on what phones text and sends
# what it is asked to over HTTP on the loopback.
. "$(dirname "$0")/lib.sh"
need bearerbox kannel
need smsbox kannel
need curl curl
need python3 python3
start_modem --pin 1234

read -r admin_port box_port send_port < <(free_ports 3)
mkdir "$work/received" "$work/store"
cat >"$work/on-receive" <<END
#!/bin/sh
# One file for each text, complete once it has its name. Both arguments come URL-encoded.
printf '%s' "\$2" >"$work/received/.\$1"
mv "$work/received/.\$1" "$work/received/\$1"
END
chmod +x "$work/on-receive"
# Kannel tries the modems that it has definitions of, and stops where there are none.
cat >"$work/kannel.conf" <<END
group = core
admin-port = $admin_port
admin-interface = 127.0.0.1
admin-password = here
smsbox-port = $box_port
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
store-type = spool
store-location = $work/store
log-file = $work/log
log-level = 0
dlr-storage = internal
sms-combine-concatenated-mo = true

group = modems
id = generic
name = "Generic Modem"

group = smsc
smsc = at
smsc-id = pigeon
modemtype = auto
device = $modem
speed = 115200
pin = 1234
my-number = +12025550100

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = $send_port
sendsms-interface = 127.0.0.1
global-sender = +12025550100
log-file = $work/smsbox-log
log-level = 0

group = sendsms-user
username = here
password = here
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
exec = "$work/on-receive %p %b"
END

smsbox_pid=
stop_both() {
  [ -z "$smsbox_pid" ] || { kill "$smsbox_pid" 2>/dev/null; wait "$smsbox_pid" 2>/dev/null; }
  clean_up
}
trap stop_both EXIT
timeout 240 bearerbox "$work/kannel.conf" >"$work/output" 2>&1 8<&- 9>&- &
client_pid=$!
status() { curl -s "http://127.0.0.1:$admin_port/status.txt?password=here"; }
is_listening() { status >/dev/null; }
wait_for "bearerbox is there" 30 is_listening || finish
timeout 240 smsbox "$work/kannel.conf" >"$work/smsbox" 2>&1 8<&- 9>&- &
smsbox_pid=$!
is_online() { status | grep -q 'AT2.*(online'; }
wait_for "the card is unlocked" 60 is_online && pass "the card is unlocked" || finish
expect_contains "asks what it is" "<-- Manufacturer: Carrier Pigeon" "$(cat "$work/log")"
has_smsbox() { status | grep -q 'smsbox.*on-line'; }
wait_for "smsbox is there" 30 has_smsbox || finish

decoded() { python3 -c 'import sys, urllib.parse; print(urllib.parse.unquote_plus(sys.stdin.read()), end="")' <"$1"; }
from() { ls "$work"/received/*"${1#+}" 2>/dev/null; }
has_from() { [ -n "$(from "$1")" ]; }
receives() {  # WHAT NUMBER TEXT
  sim "text $2 $3" >/dev/null
  wait_for "$1" 60 has_from "$2" && expect_equal "$1" "$3" "$(decoded "$(from "$2")")"
}
receives "a short text" +12025550123 "$short_text"
receives "a text of two parts" +12025550124 "$long_text"

sends() {  # WHAT NUMBER TEXT [CURL-ARGUMENT]…
  curl -s -G "http://127.0.0.1:$send_port/cgi-bin/sendsms" -d username=here -d password=here -d charset=UTF-8 \
    --data-urlencode "to=$2" --data-urlencode "text=$3" "${@:4}" >"$work/answer"
  expect_contains "$1: is taken" "Accepted" "$(cat "$work/answer")"
  expect_equal "$1" "message $3"$'\n'"ok 1" "$(sim "wait $2 1 60")"
}
sends "sends a short text" +12025550130 "$short_text"
sends "sends a long text" +12025550131 "$long_text"
sends "sends emoji" +12025550132 "$emoji_text" -d coding=2
finish
