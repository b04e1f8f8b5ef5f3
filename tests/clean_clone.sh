#!/usr/bin/env bash
# What a new user does: `make run` in a clean clone, then the first page. The folder is given; it stops what it started.
set -euo pipefail
cd "$1"
export MARKET_HOME="$PWD/.home"
log="$PWD/run.log"
setsid make run >"$log" 2>&1 &
group=$!
trap 'kill -TERM -- "-$group" 2>/dev/null || true; wait "$group" 2>/dev/null || true' EXIT
for _ in $(seq 300); do
	if curl -fsS -o "$PWD/page.html" http://127.0.0.1:8000/ 2>/dev/null; then
		grep -q '<h1' "$PWD/page.html"
		echo "first page after ${SECONDS} s"
		exit 0
	fi
	if ! kill -0 "$group" 2>/dev/null; then break; fi
	sleep 1
done
cat "$log"
echo "no first page" >&2
exit 1
