#!/bin/sh
# Runs a command with a PostgreSQL server of its own on loopback, durability on; the server ends with the command.
#   bench/postgres.sh COMMAND…    the command finds the server's address in BENCH_POSTGRES, and its process in BENCH_POSTGRES_PID
# With BENCH_POSTGRES_KEEP=FOLDER the databases stay there for the next time: a million tickets take minutes to make.
set -eu
bin=$(command -v initdb >/dev/null && dirname "$(command -v initdb)" || ls -d /usr/lib/postgresql/*/bin | tail -1)
dir=${BENCH_POSTGRES_KEEP:-$(mktemp -d)}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
port=${BENCH_POSTGRES_PORT:-54999}
as=
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root.
  chown nobody "$dir"
  as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
fi
cd "$dir"
end() {
  $as "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1 || true
  [ -n "${BENCH_POSTGRES_KEEP:-}" ] || rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM
if [ ! -s "$dir/data/PG_VERSION" ]; then
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password"
  chmod a+r "$dir/password"
  $as "$bin/initdb" --username=komek --pwfile="$dir/password" --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 -D "$dir/data" >/dev/null
fi
password=$(cat "$dir/password")
$as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$dir -c max_connections=100 -c shared_buffers=256MB -c max_wal_size=4GB" start >/dev/null
cd "$OLDPWD"
BENCH_POSTGRES="postgres://komek:$password@127.0.0.1:$port/postgres" BENCH_POSTGRES_PID=$(head -1 "$dir/data/postmaster.pid") "$@"
