#!/usr/bin/env bash
# A throw-away PostgreSQL (Debian's package) on loopback, for tests, the demo and the benchmarks.
#
#   postgres.sh start DIR PORT    initialise DIR when it is empty, start, wait until it answers, print READY
#   postgres.sh stop DIR
#   postgres.sh kill DIR          as if the machine had lost power: no clean shutdown
#
# User postgres, any password. Logical decoding is on. As root the server runs as user postgres.
set -euo pipefail
command=${1:-} dir=${2:-}
[ -n "$command" ] && [ -n "$dir" ] || { sed -n '2,9p' "$0"; exit 2; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "postgresql is not installed (Debian package postgresql-15)" >&2; exit 1; }
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

as_server() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

case $command in
start)
    port=${3:?PORT}
    [ "$(id -u)" = 0 ] && chown postgres "$dir"
    if [ ! -e "$dir/data/PG_VERSION" ]; then
        as_server "$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --no-sync >/dev/null
        as_server tee -a "$dir/data/postgresql.conf" >/dev/null <<CONF
wal_level = logical
max_replication_slots = 20
max_wal_senders = 20
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 256MB
max_wal_size = 4GB
CONF
    fi
    as_server "$bin/pg_ctl" -D "$dir/data" -o "-p $port" -l "$dir/data/server.log" -w start >/dev/null ||
        { tail -5 "$dir/data/server.log" >&2; exit 1; }
    echo "READY 127.0.0.1:$port pid $(head -1 "$dir/data/postmaster.pid")" ;;
stop) as_server "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null && echo STOPPED ;;
kill) as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null && echo KILLED ;;
*) sed -n '2,9p' "$0"; exit 2 ;;
esac
