#!/bin/bash
# Debian's gammu-smsd drives the simulated modem: its RunOnReceive gets what phones text, its outbox reaches them.
. "$(dirname "$0")/lib.sh"
need gammu-smsd gammu-smsd
start_modem

mkdir -p "$work"/{inbox,outbox,sent,errors,received}
cat >"$work/on-receive" <<END
#!/bin/sh
# One file for each text, complete once it has its name. Texts of several parts come decoded, others part by part.
text=\$SMS_1_TEXT
[ "\${DECODED_PARTS:-0}" = 0 ] || text=\$DECODED_1_TEXT
printf '%s' "\$text" >"$work/received/.\$SMS_1_NUMBER"
mv "$work/received/.\$SMS_1_NUMBER" "$work/received/\$SMS_1_NUMBER"
END
chmod +x "$work/on-receive"
cat >"$work/rc" <<END
[gammu]
device=$modem
connection=at115200
use_locking=no

[smsd]
service=files
logfile=$work/log
debuglevel=255
CommTimeout=1
ReceiveFrequency=1
LoopSleep=1
CheckSecurity=0
CheckBattery=0
CheckSignal=0
CheckNetwork=0
RunOnReceive=$work/on-receive
inboxpath=$work/inbox/
outboxpath=$work/outbox/
sentsmspath=$work/sent/
errorsmspath=$work/errors/
END

timeout 240 gammu-smsd -c "$work/rc" >"$work/output" 2>&1 8<&- 9>&- &
client_pid=$!

receives() {  # WHAT NUMBER TEXT
  sim "text $2 $3" >/dev/null
  wait_for "$1" 60 test -e "$work/received/$2" && expect_equal "$1" "$3" "$(cat "$work/received/$2")"
}
receives "a short text" +12025550123 "$short_text"
receives "a text of two parts" +12025550124 "$long_text"
receives "a text with emoji" +12025550125 "$emoji_text"
is_empty() { [ "$(sim stored | cut -d, -f1)" = "ok 0 stored" ]; }
wait_for "every slot is free again" 30 is_empty && pass "every slot is free again"

arrives() {  # WHAT NUMBER TEXT
  expect_equal "$1" "message $3"$'\n'"ok 1" "$(sim "wait $2 1 60")"
}
sends() {  # WHAT NUMBER TEXT
  printf '%s' "$3" >"$work/outbox/.draft"
  mv "$work/outbox/.draft" "$work/outbox/OUT$2.txt"
  arrives "$@"
}
sends "sends a short text" +12025550130 "$short_text"
sends "sends a long text" +12025550131 "$long_text"
# A plain file with emoji goes out as GSM-7 with question marks; this asks for UCS-2.
gammu-smsd-inject -c "$work/rc" TEXT +12025550132 -unicode -autolen 800 -text "$emoji_text" >"$work/injected" 2>&1 ||
  fail "gammu-smsd-inject: $(cat "$work/injected")"
arrives "sends emoji" +12025550132 "$emoji_text"
finish
