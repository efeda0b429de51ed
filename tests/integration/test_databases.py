#!/usr/bin/env python3
"""The query source over every driver: SQLite, MariaDB, and ODBC in front of SQLite.

Where the reference stops (bigint unsigned above 2^63, bit(n), SQLite's decimals and blobs) the value must arrive.
Last line: N passed, N failed, N skipped.
"""
import base64
import json
import os
import sys
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import MariaDB, SQLite, Tally, Tributary, wait_for  # noqa: E402

CONNECTOR = "io.confluent.connect.jdbc.JdbcSourceConnector"
JSON = {"value.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter": "org.apache.kafka.connect.json.JsonConverter"}


def payloads(tributary, topic):
    return [json.loads(r["value"])["payload"] for r in tributary.records(topic)]


def decimal(text, scale):
    return int.from_bytes(base64.b64decode(text), "big", signed=True) / Fraction(10 ** scale)


def follow(tributary, name, url, more, **options):
    """Puts a connector that polls, and returns a function that waits for n rows of a topic."""
    config = {"connector.class": CONNECTOR, "connection.url": url, "topic.prefix": name + ".", "poll.interval.ms": "50", **JSON,
              **more, **options}
    tributary.put_connector(name, config)

    def rows(topic, n):
        def enough():
            state = tributary.status(name)
            for part in [state["connector"], *state["tasks"]]:
                if part["state"] == "FAILED":
                    raise AssertionError(part.get("trace"))
            found = payloads(tributary, f"{name}.{topic}")
            return found if len(found) >= n else None
        return wait_for(enough, 20, f"{n} rows of {topic}")
    return rows


def sqlite_timestamps(tributary, server):
    """Timestamps as text, as SQLite's own CURRENT_TIMESTAMP writes them: rows of the same second are all seen."""
    server.create("ts.db")
    server.sql("ts.db", "create table t(id integer primary key autoincrement not null, ts timestamp not null, v text);"
               "insert into t(ts, v) values ('2020-01-01 00:00:00', 'a'), ('2020-01-01 00:00:00', 'b')")
    rows = follow(tributary, "sl_ts", server.url("ts.db"), {"mode": "timestamp+incrementing", "timestamp.column.name": "ts",
                                                           "incrementing.column.name": "id"})
    rows("t", 2)
    server.sql("ts.db", "insert into t(ts, v) values ('2020-01-01 00:00:00', 'c'), ('2020-01-02 00:00:00', 'd');"
               "update t set ts = '2020-01-03 00:00:00', v = 'A' where id = 1")
    found = rows("t", 5)
    assert [r["v"] for r in found] == ["a", "b", "c", "d", "A"], found
    assert found[0]["ts"] == 1577836800000, found


def sqlite_widening(tributary, server):
    server.create("wide.db")
    server.sql("wide.db", "create table t(id integer primary key autoincrement not null, n integer, d decimal(5,2), b blob);"
               "insert into t(n, d, b) values (1, 1.25, x'00ff')")
    rows = follow(tributary, "sl_wide", server.url("wide.db"), {"mode": "incrementing", "incrementing.column.name": "id"})
    first = rows("t", 1)[0]
    assert first["n"] == 1 and decimal(first["d"], 2) == 1.25 and first["b"] == "AP8=", first
    server.sql("wide.db", "insert into t(n, d) values (5000000000, 1)")
    second = rows("t", 2)[1]
    assert second["n"] == 5000000000 and decimal(second["d"], 2) == 1, second
    server.sql("wide.db", "insert into t(n, d) values ('text', 7.125)")
    found = rows("t", 3)
    assert [r["id"] for r in found] == [1, 2, 3], found
    assert found[2]["n"] == "text" and decimal(found[2]["d"], 127) == 7.125, found


def mariadb_beyond_the_reference(tributary, server):
    server.create("tributary_types")
    server.sql("tributary_types", "create table t(id int auto_increment primary key, bu bigint unsigned, b4 bit(4), b64 bit(64), t time);"
               "insert into t(bu, b4, b64, t) values (1, b'1010', b'1', '10:00:00')")
    rows = follow(tributary, "my_types", server.url("tributary_types"), {"mode": "incrementing", "incrementing.column.name": "id"})
    first = rows("t", 1)[0]
    assert first["bu"] == 1 and first["b4"] == 10 and decimal(first["b64"], 0) == 1 and first["t"] == 36000000, first
    server.sql("tributary_types", "insert into t(bu, b4, b64, t) values (18446744073709551615, b'1111', ~0, '-30:00:00')")
    found = rows("t", 2)
    assert [r["id"] for r in found] == [1, 2], found
    assert decimal(found[1]["bu"], 0) == 18446744073709551615 and found[1]["b4"] == 15, found
    assert decimal(found[1]["b64"], 0) == 18446744073709551615 and found[1]["t"] == "-30:00:00", found


def mariadb_query(tributary, server):
    server.create("tributary_query")
    server.sql("tributary_query", "create table a(id int primary key, v varchar(9)); create table b(id int, w varchar(9));"
               "insert into a values (1, 'x'), (2, 'y'); insert into b values (1, 'p'), (2, 'q')")
    rows = follow(tributary, "my_query", server.url("tributary_query"),
                  {"mode": "incrementing", "incrementing.column.name": "id", "topic.prefix": "my_query.q",
                   "query": "select a.id, v, w from a join b on a.id = b.id -- both"})
    assert rows("q", 2) == [{"id": 1, "v": "x", "w": "p"}, {"id": 2, "v": "y", "w": "q"}]
    server.sql("tributary_query", "insert into b values (3, 'r'); insert into a values (3, 'z')")
    assert rows("q", 3)[2] == {"id": 3, "v": "z", "w": "r"}


def mariadb_kill(tributary, server):
    """kill -9 of the program in the middle: on the embedded log nothing is lost, and nothing comes twice."""
    server.create("tributary_kill")
    server.sql("tributary_kill", "create table t(id int auto_increment primary key, v int); insert into t(v) select seq from seq_1_to_300000")
    rows = follow(tributary, "my_kill", server.url("tributary_kill"), {"mode": "incrementing"}, **{"value.converter.schemas.enable": "true"})
    wait_for(lambda: tributary.records("my_kill.t", 0)[:1], 20, "the first rows")
    tributary.kill()
    tributary.start()
    found = rows("t", 300000)
    assert [r["id"] for r in found] == list(range(1, 300001)), f"{len(found)} rows, {len(set(r['id'] for r in found))} distinct"


def odbc_sqlite(tributary, server):
    server.create("odbc.db")
    server.sql("odbc.db", "create table t(id integer primary key autoincrement not null, v varchar(5), n numeric(6,2));"
               "insert into t(v, n) values ('caf\u00e9', 1.25), ('a text that is longer than its type says', 7)")
    rows = follow(tributary, "od", f"odbc:Driver=SQLite3;Database={server.path('odbc.db')}",
                  {"mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": "t", "validate.non.null": "false"})
    found = rows("t", 2)
    assert [r["v"] for r in found] == ["caf\u00e9", "a text that is longer than its type says"], found
    server.sql("odbc.db", "insert into t(v) values ('x')")
    assert rows("t", 3)[2]["v"] == "x"


def has_odbc_driver(name):
    return os.path.exists("/etc/odbcinst.ini") and f"[{name}]" in open("/etc/odbcinst.ini").read().splitlines()


def main():
    tally = Tally()
    sqlite, tributary = SQLite(), Tributary()
    mariadb = None
    try:
        for test in (sqlite_timestamps, sqlite_widening):
            tally.run(test.__name__, test, tributary, sqlite)
        if has_odbc_driver("SQLite3"):
            tally.run("odbc_sqlite", odbc_sqlite, tributary, sqlite)
        else:
            tally.skip("odbc_sqlite", "no ODBC driver SQLite3 (Debian package libsqliteodbc)")
        tests = (mariadb_beyond_the_reference, mariadb_query, mariadb_kill)
        if MariaDB.available():
            mariadb = MariaDB()
            for test in tests:
                tally.run(test.__name__, test, tributary, mariadb)
        else:
            tally.skip("mariadb", "MariaDB is not installed (Debian package mariadb-server-core)", len(tests))
    finally:
        tributary.close()
        sqlite.close()
        if mariadb:
            mariadb.close()
    tally.finish()


main()
