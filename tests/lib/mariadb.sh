#!/usr/bin/env bash
# A throw-away MariaDB (Debian's package) on loopback, for tests and benchmarks.
#
#   mariadb.sh start DIR PORT     initialise DIR when it is empty, start, wait until it answers, print READY
#   mariadb.sh stop DIR
#   mariadb.sh kill DIR           as if the machine had lost power: no clean shutdown
#
# Users root (no password) and cdc (password cdc), both from loopback with all rights.
set -euo pipefail
command=${1:-} dir=${2:-}
[ -n "$command" ] && [ -n "$dir" ] || { sed -n '2,8p' "$0"; exit 2; }
server=$(command -v mariadbd || ls /usr/sbin/mariadbd 2>/dev/null || true)
[ -n "$server" ] || { echo "mariadb is not installed (Debian package mariadb-server-core)" >&2; exit 1; }
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
user=$(id -un)
client=(mariadb --no-defaults -uroot -S "$dir/s")

end() {
    pid=$(cat "$dir/pid")
    kill "$1" "$pid" 2>/dev/null || true
    for _ in $(seq 1 300); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    rm -f "$dir/pid"
}

case $command in
start)
    port=${3:?PORT}
    if [ ! -e "$dir/data/mysql" ]; then
        mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --skip-test-db --skip-name-resolve \
            --auth-root-authentication-method=normal >"$dir/install.log" 2>&1 || { tail -5 "$dir/install.log" >&2; exit 1; }
    fi
    "$server" --no-defaults --user="$user" --datadir="$dir/data" --port="$port" --bind-address=127.0.0.1 --socket="$dir/s" \
        --pid-file="$dir/server.pid" --log-error="$dir/server.log" --skip-name-resolve --server-id=1 --log-bin="$dir/data/binlog" \
        --binlog-format=ROW --binlog-row-image=FULL --character-set-server=utf8mb4 --innodb-buffer-pool-size=128M \
        --innodb-flush-log-at-trx-commit=2 >/dev/null 2>&1 </dev/null &
    echo $! >"$dir/pid"
    for _ in $(seq 1 300); do
        "${client[@]}" -e 'select 1' >/dev/null 2>&1 && break
        kill -0 "$(cat "$dir/pid")" 2>/dev/null || { tail -5 "$dir/server.log" >&2; exit 1; }
        sleep 0.1
    done
    "${client[@]}" -e "create user if not exists cdc@127.0.0.1 identified by 'cdc'; grant all on *.* to cdc@127.0.0.1;
        create user if not exists root@127.0.0.1; grant all on *.* to root@127.0.0.1 with grant option;" >&2
    echo "READY 127.0.0.1:$port pid $(cat "$dir/pid")" ;;
stop) end -TERM && echo STOPPED ;;
kill) end -KILL && echo KILLED ;;
*) sed -n '2,8p' "$0"; exit 2 ;;
esac
