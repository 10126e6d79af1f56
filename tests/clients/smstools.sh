#!/bin/bash
# smstools' smsd drives the simulated modem: texts land in its incoming folder, its outgoing folder reaches phones.
. "$(dirname "$0")/lib.sh"
need smsd smstools
start_modem

mkdir -p "$work"/{incoming,outgoing,checked,failed,sent,stats}
cat >"$work/smsd.conf" <<END
devices = SIM
outgoing = $work/outgoing
checked = $work/checked
incoming = $work/incoming
failed = $work/failed
sent = $work/sent
stats = $work/stats
logfile = $work/log
loglevel = 7
pidfile = $work/smsd.pid
infofile = $work/smsd.working
delaytime = 1
blocktime = 5
errorsleeptime = 1
receive_before_send = no
autosplit = 3
incoming_utf8 = yes
validity = 255

[SIM]
device = $modem
incoming = high
check_memory_method = 31
rtscts = no
baudrate = 115200
END

timeout 240 smsd -t -c"$work/smsd.conf" >"$work/output" 2>&1 8<&- 9>&- &
client_pid=$!

from() { grep -ls "^From: ${1#+}\$" "$work"/incoming/* | head -n 1; }
has_from() { [ -n "$(from "$1")" ]; }
body() {  # FILE: headers end at the first empty line; what came as UCS-2 is stored as it is
  if grep -aq '^Alphabet: UCS2' "$1"; then
    LC_ALL=C sed '1,/^$/d' "$1" | iconv -f UTF-16BE -t UTF-8
  else
    sed '1,/^$/d' "$1"
  fi
}
receives() {  # WHAT NUMBER TEXT
  sim "text $2 $3" >/dev/null
  wait_for "$1" 90 has_from "$2" && expect_equal "$1" "$3" "$(body "$(from "$2")")"
}
receives "a short text" +12025550123 "$short_text"
receives "a text of two parts" +12025550124 "$long_text"
receives "a text with emoji" +12025550125 "$emoji_text"
is_empty() { [ "$(sim stored | cut -d, -f1)" = "ok 0 stored" ]; }
wait_for "every slot is free again" 30 is_empty && pass "every slot is free again"

sends() {  # WHAT NUMBER ALPHABET TEXT
  printf 'To: %s\nAlphabet: %s\n\n%s' "${2#+}" "$3" "$4" >"$work/draft"
  mv "$work/draft" "$work/outgoing/to${2#+}"
  expect_equal "$1" "message $4"$'\n'"ok 1" "$(sim "wait $2 1 90")"
}
sends "sends a short text" +12025550130 ISO "$short_text"
sends "sends a long text" +12025550131 ISO "$long_text"
sends "sends what needs UCS-2" +12025550132 UTF-8 "Grüße aus Łódź ☎"
finish
