#!/usr/bin/env bash
# ./dev demo: a PostgreSQL table becomes an Avro topic. Everything runs on loopback in a directory of its own,
# which is gone at the end, and so is everything that was started.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/common.sh
need build postgres test
build release
PATH=$root/build/release:$PATH

dir=$(mktemp -d)
chmod 755 "$dir"
tributary_pid='' consumer_pid=''
clean_up() {
    local status=$?
    for pid in $consumer_pid $tributary_pid; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    [ -e "$dir/postgres/data/postmaster.pid" ] && tests/lib/postgres.sh stop "$dir/postgres" >/dev/null 2>&1
    [ $status -ne 0 ] && [ -e "$dir/tributary.log" ] && tail -20 "$dir/tributary.log" >&2
    rm -rf "$dir"
    exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

port_or_free() { # the wanted port, or a free one
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then free_port; else echo "$1"; fi
}
show() { printf '\033[32m$ %s\033[0m\n' "$*"; }
sql() { # shows and runs statements as user postgres
    printf '\033[32mtestdb=# %s\033[0m\n' "$1"
    psql -X -q -h 127.0.0.1 -p "$pg_port" -U postgres -d testdb -v ON_ERROR_STOP=1 -c "$1"
}
records() { # how many records the topic holds by now
    tributary consume db_test_table --data "$dir/data" --from-beginning --timeout-ms 0 2>/dev/null | wc -l
}
wait_records() { # N
    for _ in $(seq 300); do
        [ "$(records)" -ge "$1" ] && return 0
        sleep 0.1
    done
    die "the topic did not reach $1 records within 30 s"
}

say "starting a throw-away PostgreSQL"
pg_port=$(port_or_free 5432) rest_port=$(port_or_free 8083) registry_port=$(port_or_free 8081)
tests/lib/postgres.sh start "$dir/postgres" "$pg_port" >/dev/null
psql -X -q -h 127.0.0.1 -p "$pg_port" -U postgres -d postgres -c 'CREATE DATABASE testdb'
sql "CREATE TABLE test_table (
    seq SERIAL PRIMARY KEY,
    ts timestamp NOT NULL DEFAULT now(),
    item varchar(256),
    price integer,
    category varchar(256)
)"
sql "CREATE FUNCTION set_update_time() RETURNS trigger AS '
  begin
    new.ts := ''now'';
    return new;
  end;
' LANGUAGE 'plpgsql'"
sql "CREATE TRIGGER update_tri BEFORE UPDATE ON test_table FOR EACH ROW
  EXECUTE PROCEDURE set_update_time()"
sql "CREATE USER connectuser WITH password 'connectuser'"
sql "GRANT ALL ON test_table TO connectuser"

say "starting tributary"
show "tributary up --data $dir/data"
tributary up --data "$dir/data" --rest-port "$rest_port" --registry-port "$registry_port" >"$dir/tributary.log" 2>&1 &
tributary_pid=$!
for _ in $(seq 100); do
    curl -sf "http://localhost:$rest_port/connectors" >/dev/null && break
    kill -0 $tributary_pid 2>/dev/null || exit 1
    sleep 0.05
done

say "the connector of Kafka Connect's JDBC source, unchanged"
cat >"$dir/test_db.json" <<JSON
{
  "name": "load-test-table",
  "config": {
    "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", 
    "connection.url" : "jdbc:postgresql://localhost:$pg_port/testdb",
    "connection.user" : "connectuser",
    "connection.password" : "connectuser",
    "mode" : "timestamp+incrementing",
    "incrementing.column.name" : "seq",
    "timestamp.column.name" : "ts",
    "table.whitelist" : "test_table",
    "topic.prefix" : "db_",
    "tasks.max" : "1"
  }
}
JSON
cat "$dir/test_db.json"
cd "$dir"
show "curl -X POST -H \"Content-Type: application/json\" http://localhost:$rest_port/connectors -d @test_db.json"
curl -sS -f -X POST -H "Content-Type: application/json" "http://localhost:$rest_port/connectors" -d @test_db.json
echo
show "curl http://localhost:$rest_port/connectors"
curl -sS -f "http://localhost:$rest_port/connectors"
echo
cd "$root"

say "rows come and change (the connector polls every 5 s, as the reference does, and sees what stands there then)"
sql "INSERT INTO test_table(item, price, category) VALUES ('apple', 400, 'fruit')"
sql "INSERT INTO test_table(item, price, category) VALUES ('banana', 160, 'fruit')"
wait_records 2
sql "UPDATE test_table SET item='orange', price=100 where seq = 2"
sql "INSERT INTO test_table(item, price, category) VALUES ('banana', 200, 'fruit')"
sql "INSERT INTO test_table(item, price, category) VALUES ('pork', 400, 'meet')"
sql "INSERT INTO test_table(item, price, category) VALUES ('beef', 800, 'meet')"
sql "SELECT * FROM test_table ORDER BY seq"

say "the topic, as kafka-avro-console-consumer would print it"
show "tributary consume db_test_table --from-beginning --max-messages 6"
tributary consume db_test_table --data "$dir/data" --from-beginning --max-messages 6 --timeout-ms 30000 &
consumer_pid=$!
wait $consumer_pid || die "the six records did not arrive"
consumer_pid=''

say "the schema that the registry keeps for it"
show "curl http://localhost:$registry_port/subjects/db_test_table-value/versions/latest"
curl -sS -f "http://localhost:$registry_port/subjects/db_test_table-value/versions/latest"
echo

say "done; everything that was started is stopped again"
cat <<TEXT

Try next:
    build/release/tributary up                       REST on 127.0.0.1:8083, schema registry on 127.0.0.1:8081
    curl -X POST -H "Content-Type: application/json" http://localhost:8083/connectors -d @your-connector.json
    build/release/tributary consume YOUR_TOPIC --from-beginning
    build/release/tributary check your-connector.json
Read: README.md, docs/query-source.md (every option), docs/operations.md (running it)
TEXT
