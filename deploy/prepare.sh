#!/bin/sh
# Brings the database up to this version; run before the new web servers start, safe to run again.
set -eu
. "$(dirname "$(readlink -f "$0")")/here.sh"
"$GONGYI_PYTHON" manage.py migrate --no-input
"$GONGYI_PYTHON" manage.py prepare_site
