#!/bin/sh
# Brings the database up to this version; run before the new web servers start, safe to run again.
set -eu
"${GONGYI_PYTHON:-python}" manage.py migrate --no-input
"${GONGYI_PYTHON:-python}" manage.py prepare_site
