#!/bin/sh
# The worker. On SIGTERM it finishes the tasks in hand and gives the others back to the queue.
set -eu
: "${GONGYI_HOME:?}"
exec "${GONGYI_PYTHON:-python}" -W ignore::RuntimeWarning -m celery --quiet -A civic worker \
    --pool threads --concurrency "${WORKER_THREADS:-4}" --loglevel WARNING \
    --without-gossip --without-mingle --hostname "worker@%h"
