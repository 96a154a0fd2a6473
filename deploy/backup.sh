#!/bin/sh
# One backup into a folder named by the time, and the oldest ones away. Run by gongyi-backup.timer or by cron.
set -eu
. "$(dirname "$(readlink -f "$0")")/here.sh"
folder="${BACKUP_DIR:-/var/backups/gongyi}"
keep="${BACKUP_KEEP:-14}"
"$GONGYI_PYTHON" manage.py backup "$folder/$(date -u +%Y%m%dT%H%M%SZ)"
# Names sort by time; only what looks like ours is counted.
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '20??????T??????Z' | sort | head -n "-$keep" | xargs -r rm -rf --
