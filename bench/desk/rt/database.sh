#!/bin/sh
# Starts or stops the database of Request Tracker.
#   bench/desk/rt/database.sh FOLDER start|stop
set -eu
control="/usr/lib/postgresql/15/bin/pg_ctl -D $1/pg"
case $2 in
  start) su postgres -s /bin/sh -c "$control status" >/dev/null 2>&1 || su postgres -s /bin/sh -c "$control -l $1/pg/log -w start" >/dev/null ;;
  stop) su postgres -s /bin/sh -c "$control -m fast -w stop" >/dev/null ;;
  *) echo "start or stop?" >&2; exit 2 ;;
esac
