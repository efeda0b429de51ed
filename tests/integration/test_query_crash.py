#!/usr/bin/env python3
"""kill -9 of a tributary that polls a table, again and again, in every mode: nothing is lost, nothing comes twice.

A table is captured while the process is killed at random and at chosen moments and started again, and while other sessions
write to the table. Afterwards the topic is compared with what the table says. What the modes promise:

  incrementing            every row once, in order
  timestamp               every row once, rows of the same timestamp included, whatever the size of their group
  timestamp+incrementing  every row's last version; no version twice, no version after a later one
  bulk                    every row at least once (each poll reads everything)
"""
import json
import os
import random
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, PATIENCE, Postgres, Tally, Tributary, wait_for  # noqa: E402

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
KILLS = int(os.environ.get("KILLS", "12"))
PREFIX = "crash."
tally = Tally()
moments = random.Random(SEED)


def config(db_url, **settings):
    return {
        "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": db_url, "topic.prefix": PREFIX,
        "poll.interval.ms": "20", "tasks.max": "1", "connection.backoff.ms": "50", "table.types": "TABLE",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
        "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
        **{k.replace("__", "."): v for k, v in settings.items()}}


def values(worker, topic):
    """Every value of the topic, in order."""
    done = subprocess.run([BINARY, "consume", topic, "--from-beginning", "--timeout-ms", "0", "--format", "json", "--data",
                           os.path.join(worker.data, "log")], capture_output=True, text=True, timeout=120 * PATIENCE)
    if done.returncode:
        raise RuntimeError(f"consume: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Writer(threading.Thread):
    """Runs statements in a session of its own until it is told to stop."""

    def __init__(self, pg, db, statements):
        super().__init__(daemon=True)
        self.pg, self.db, self.statements, self.enough, self.error = pg, db, statements, threading.Event(), None

    def run(self):
        try:
            while not self.enough.is_set():
                self.pg.sql(self.db, next(self.statements))
        except Exception as e:  # noqa: BLE001 - told by finish()
            self.error = e

    def finish(self):
        self.enough.set()
        self.join()
        if self.error:
            raise self.error


def crash(pg, name, setup, settings, writers=(), topic="t"):
    """Captures `name`.t under kills; returns (values of the topic, connector's database)."""
    pg.create(name)
    pg.sql(name, setup)
    worker = Tributary()
    threads = [Writer(pg, name, w) for w in writers]
    try:
        worker.put_connector("crash", config(pg.url(name), **settings))
        for t in threads:
            t.start()
        for i in range(KILLS):
            # the first moments after a start are the busy ones; a few kills come before anything happened
            time.sleep(moments.choice([0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.2, 0.3]) * moments.uniform(0.5, 1.5))
            worker.kill()
            worker.start()
        for t in threads:
            t.finish()
        last = settle(worker, PREFIX + topic if topic else PREFIX.rstrip("."))
        state = worker.status("crash")
        assert state["tasks"][0]["state"] == "RUNNING", state
        return last
    finally:
        for t in threads:
            t.enough.set()
        code = worker.close()
        assert code == 0, f"tributary ended with {code}"


def settle(worker, topic):
    """The topic's values, once no more come."""
    previous = []

    def quiet():
        before = len(previous[-1]) if previous else -1
        previous.append(values(worker, topic))
        return before == len(previous[-1]) > 0
    wait_for(quiet, 60, "the topic to come to rest", interval=1.5)
    return previous[-1]


def expect_ids(got, wanted):
    """Every id once."""
    seen, twice = set(), []
    for i in got:
        (twice.append(i) if i in seen else seen.add(i))
    missing = sorted(set(wanted) - seen)
    assert not missing and not twice and len(got) == len(wanted), (
        f"{len(missing)} lost (first: {missing[:5]}), {len(twice)} twice (first: {twice[:5]}), {len(got)} of {len(wanted)}")


def table_ids(pg, db):
    return [int(x) for x in pg.sql(db, "select id from t order by id").split()]


def inserts(text):
    while True:
        yield text


def incrementing(pg):
    got = crash(pg, "crash_inc",
                "create table t (id bigserial primary key, b text); insert into t(b) select 'row ' || i from "
                "generate_series(1, 150000) i;",
                {"mode": "incrementing", "incrementing__column__name": "id"},
                [inserts("insert into t(b) select 'late' from generate_series(1, 500); select pg_sleep(0.02);")])
    wanted = table_ids(pg, "crash_inc")
    expect_ids([v["id"] for v in got], wanted)
    assert [v["id"] for v in got] == wanted, "out of order"


def query(pg):
    got = crash(pg, "crash_query",
                "create table t (id bigserial primary key, b text); insert into t(b) select 'row ' || i from "
                "generate_series(1, 100000) i;",
                {"mode": "incrementing", "incrementing__column__name": "nr", "topic__prefix": "crash",
                 "query": "select id as nr, upper(b) as b from t where id % 2 = 0"}, topic="")
    assert [v["nr"] for v in got] == [i for i in table_ids(pg, "crash_query") if i % 2 == 0]


# Groups of the same timestamp: small ones, then some that a sink commits in several parts if it is let; more come later.
TIES = """
create table t (id bigserial primary key, ts timestamp not null, b text);
insert into t(ts, b) select timestamp '2020-01-01' + (i / 7) * interval '1 us', 'a' from generate_series(1, 20000) i;
insert into t(ts, b) select timestamp '2020-01-02' + (i / 90000) * interval '1 us', repeat('x', 250) from generate_series(1, 269999) i;
insert into t(ts, b) select timestamp '2020-01-03' + (i / 2) * interval '1 ms', 'two' from generate_series(1, 20000) i;
create index on t(ts);
"""


def timestamp(pg):
    got = crash(pg, "crash_ts", TIES, {"mode": "timestamp", "timestamp__column__name": "ts", "timestamp__granularity": "micros_long",
                                       "timestamp__delay__interval__ms": "300"},
                [inserts("insert into t(ts, b) select timezone('UTC', now()), "
                         "'now' from generate_series(1, 700); select pg_sleep(0.02);")])
    expect_ids([v["id"] for v in got], table_ids(pg, "crash_ts"))
    times = [v["ts"] for v in got]
    assert times == sorted(times), "out of order"


def updates(pg):
    setup = """
create table t (id bigserial primary key, ts timestamptz not null default clock_timestamp(), version int not null default 1);
insert into t(ts) select timestamptz '2020-01-01' + (i / 100) * interval '1 us' from generate_series(1, 50000) i;
create index on t(ts, id);
"""
    def changes():
        pick = random.Random(SEED)
        while True:
            low = pick.randrange(1, 50000)
            yield (f"update t set version = version + 1, ts = clock_timestamp() where id between {low} and {low + 300};"
                   "insert into t(ts) select clock_timestamp() from generate_series(1, 50); select pg_sleep(0.01);")
    got = crash(pg, "crash_upd", setup,
                {"mode": "timestamp+incrementing", "timestamp__column__name": "ts", "incrementing__column__name": "id",
                 "timestamp__delay__interval__ms": "1000"}, [changes()])
    last = {}
    for v in got:
        assert v["version"] > last.get(v["id"], 0), f"row {v['id']}: version {v['version']} after {last[v['id']]}"
        last[v["id"]] = v["version"]
    table = dict(tuple(map(int, line.split("|"))) for line in pg.sql("crash_upd", "select id, version from t").splitlines())
    stale = [i for i in table if last.get(i) != table[i]]
    assert not stale, f"{len(stale)} rows without their last version, such as {stale[:5]}"


def bulk(pg):
    got = crash(pg, "crash_bulk",
                "create table t (id bigserial primary key, b text); insert into t(b) select 'row ' || i from "
                "generate_series(1, 30000) i;",
                {"mode": "bulk", "poll__interval__ms": "3600000"})
    assert {v["id"] for v in got} == set(table_ids(pg, "crash_bulk"))


def main():
    if not Postgres.available():
        tally.skip("kill -9 in every mode", "PostgreSQL is not installed", 5)
        tally.finish()
    print(f"SEED={SEED} KILLS={KILLS}", flush=True)
    pg = Postgres()
    try:
        for test in (incrementing, timestamp, updates, query, bulk):
            tally.run(f"kill -9, {test.__name__}", test, pg)
    finally:
        pg.close()
    tally.finish()


main()
