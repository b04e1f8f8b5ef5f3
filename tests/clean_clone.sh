#!/usr/bin/env bash
# What a new user does: `make run` in a clean clone, then the first page. The folder is given; it stops what it started,
# and fails if that does not stop within STOP_SECONDS of being asked.
set -euo pipefail
cd "$1"
export MARKET_HOME="$PWD/.home"
log="$PWD/run.log"
STOP_SECONDS=40
setsid make run >"$log" 2>&1 </dev/null &
group=$!

stop() {
	kill -TERM -- "-$group" 2>/dev/null || return 0
	for _ in $(seq "$STOP_SECONDS"); do
		kill -0 "$group" 2>/dev/null || return 0
		sleep 1
	done
	echo "did not stop within $STOP_SECONDS s of SIGTERM:" >&2
	ps -eo pid,ppid,pgid,stat,ignored,blocked,args | grep -F market >&2 || true
	pkill -KILL -g "$(pgrep -P "$(pgrep -d, -g "$group")" -d, || echo "$group")" || true
	kill -KILL -- "-$group" 2>/dev/null || true
	return 1
}

for _ in $(seq 300); do
	if curl -fsS -m 10 -o "$PWD/page.html" http://127.0.0.1:8000/ 2>/dev/null; then
		grep -q '<h1' "$PWD/page.html"
		echo "first page after ${SECONDS} s"
		stop
		exit
	fi
	if ! kill -0 "$group" 2>/dev/null; then break; fi
	sleep 1
done
stop || true
cat "$log"
echo "no first page" >&2
exit 1
