#!/bin/sh
# The worker. On SIGTERM it finishes the tasks in hand and gives the others back to the queue.
set -eu
. "$(dirname "$(readlink -f "$0")")/here.sh"
: "${GONGYI_HOME:?}"
read_settings
exec "$GONGYI_PYTHON" -W ignore::RuntimeWarning -m celery --quiet -A civic worker \
    --pool threads --concurrency "${WORKER_THREADS:-4}" --loglevel WARNING \
    --without-gossip --without-mingle --hostname "worker@%h"
