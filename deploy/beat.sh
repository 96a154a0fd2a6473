#!/bin/sh
# The scheduler: exactly one in an installation. Two would only do some things twice as often.
set -eu
. "$(dirname "$(readlink -f "$0")")/here.sh"
: "${GONGYI_HOME:?}"
read_settings
mkdir -p "$GONGYI_HOME/run"
exec "$GONGYI_PYTHON" -W ignore::RuntimeWarning -m celery --quiet -A civic beat \
    --loglevel WARNING --pidfile= --schedule "$GONGYI_HOME/run/beat"
