# What the tests with real clients share: a folder of their own, a simulated modem with its console, and checks.
# Sourced with the path of pigeon-sim as the script's first argument.
set -u
export LC_ALL=C.UTF-8

sim_program=${1:?usage: $0 PATH-OF-PIGEON-SIM}
work=$(mktemp -d)
modem=$work/modem
failures=0
client_pid=

need() {  # PROGRAM PACKAGE
  command -v "$1" >/dev/null && return
  echo "FAIL: $1 is not installed; this test needs it: apt-get install $2" >&2
  exit 1
}

stop_client() {
  [ -n "$client_pid" ] || return
  kill "$client_pid" 2>/dev/null
  wait "$client_pid" 2>/dev/null
  client_pid=
}

clean_up() {
  stop_client
  if [ -n "${SIM_PID:-}" ]; then
    kill "$SIM_PID" 2>/dev/null
    wait "$SIM_PID" 2>/dev/null
  fi
  rm -rf "$work"
}
trap clean_up EXIT

start_modem() {  # options of pigeon-sim
  coproc SIM { exec "$sim_program" --modem-only --link "$modem" "$@"; }
  exec 8<&"${SIM[0]}" 9>&"${SIM[1]}"  # a coprocess' own descriptors are closed in subshells
  local line
  read -r -t 30 line <&8 || { echo "FAIL: pigeon-sim did not start" >&2; exit 1; }
}

# One console command; prints its output and its last line. The status is that of "ok".
sim() {
  local line
  printf '%s\n' "$1" >&9
  while IFS= read -r -t 120 line <&8; do
    printf '%s\n' "$line"
    case $line in
      ok*) return 0 ;;
      error*) return 1 ;;
    esac
  done
  return 1
}

pass() { echo "ok: $1"; }
fail() {
  echo "FAIL: $1" >&2
  failures=$((failures + 1))
}

expect_equal() {  # WHAT EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1"$'\n'"  expected: $2"$'\n'"  actual:   $3"; fi
}

expect_contains() {  # WHAT PIECE TEXT
  case $3 in
    *"$2"*) pass "$1" ;;
    *) fail "$1"$'\n'"  expected within: $2"$'\n'"  actual: $3" ;;
  esac
}

wait_for() {  # WHAT SECONDS COMMAND…: until the command succeeds
  local what=$1 deadline=$((SECONDS + $2))
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      fail "$what: not within the time allowed"
      return 1
    fi
    sleep 0.1
  done
}

free_ports() {  # COUNT: ports of the loopback that nobody listens at
  python3 -c 'import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*[each.getsockname()[1] for each in held])' "$1"
}

finish() {
  if [ "$failures" -gt 0 ] && [ -f "$work/log" ]; then
    echo "--- the client's log, its end:" >&2
    tail -n 60 "$work/log" >&2
  fi
  exit $((failures > 0))
}

short_text='Hello, is this on?'
long_text=$(printf 'This text is longer than one message can be, number %d. ' 1 2 3 4 5)
long_text=${long_text% }
emoji_text=$(printf 'Grüße 🐦🎉 aus Ñuñoa %d ' 1 2 3 4 5 6)
emoji_text=${emoji_text% }
