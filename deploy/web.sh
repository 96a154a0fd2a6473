#!/bin/sh
# The web server. On SIGTERM it first says "draining" at /readyz, so that a load balancer sends nobody here any
# more, then lets granian finish what it has in hand.
set -eu
. "$(dirname "$(readlink -f "$0")")/here.sh"
: "${GONGYI_HOME:?}"
read_settings
drain="${DRAIN_FILE:-$GONGYI_HOME/run/draining}"
mkdir -p "$(dirname "$drain")"
rm -f "$drain"

"$GONGYI_PYTHON" -m granian --interface wsgi --no-ws \
    --host "${HOST:-127.0.0.1}" --port "${PORT:-8000}" \
    --workers "${WEB_WORKERS:-2}" --blocking-threads "${WEB_THREADS:-2}" \
    --respawn-failed-workers --workers-kill-timeout 30 --workers-max-rss 400 \
    --log-level warning --log-config deploy/granian-log.json \
    civic.wsgi:application &
server=$!

stop() {
    trap '' TERM INT
    : > "$drain"
    sleep "${DRAIN_SECONDS:-5}"
    kill -TERM "$server" 2>/dev/null || true
}
trap stop TERM INT

# A signal interrupts the first wait; the second one is for the server's own end.
status=0
wait "$server" || status=$?
if kill -0 "$server" 2>/dev/null; then
    status=0
    wait "$server" || status=$?
fi
rm -f "$drain"
exit "$status"
