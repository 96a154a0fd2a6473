#!/bin/sh
# A management command with the site's settings and as the site's user: deploy/manage.sh prove
set -eu
. "$(dirname "$(readlink -f "$0")")/here.sh"
set -a
. "${GONGYI_ENV_FILE:-/etc/gongyi/env}"
set +a
export GONGYI_ENV=production GONGYI_HOME="${GONGYI_HOME:-/var/lib/gongyi}"
if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=gongyi --regid=gongyi --init-groups "$GONGYI_PYTHON" manage.py "$@"
fi
exec "$GONGYI_PYTHON" manage.py "$@"
