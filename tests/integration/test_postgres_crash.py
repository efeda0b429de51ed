#!/usr/bin/env python3
"""kill -9 of a tributary that captures a PostgreSQL table by its log: in the snapshot, at the hand-over, in and between
transactions, while other sessions write. Afterwards the table rebuilt from the topic equals the source, row for row, and
no insert came twice (embedded log)."""
import json
import os
import random
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import PATIENCE, Postgres, Tally, Tributary  # noqa: E402

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
KILLS = int(os.environ.get("KILLS", "8"))
JSON = "org.apache.kafka.connect.json.JsonConverter"
tally = Tally()
moments = random.Random(SEED)


def connector(pg):
    return {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput",
            "database.hostname": "127.0.0.1", "database.port": str(pg.port), "database.user": "postgres",
            "database.password": "unused", "database.dbname": "crash", "database.server.name": "crash",
            "slot.name": "crash", "publication.name": "crash", "slot.retry.delay.ms": "200",
            "key.converter": JSON, "value.converter": JSON, "key.converter.schemas.enable": "false",
            "value.converter.schemas.enable": "false"}


def rebuilt(tributary):
    """The table as the topic has it, and the ids in the order in which they were seen first."""
    rows, created = {}, []
    for r in tributary.records("crash.public.t"):
        if r["value"] is None:
            continue
        event = json.loads(r["value"])
        if event["op"] == "d":
            rows.pop(event["before"]["id"], None)
            continue
        rows[event["after"]["id"]] = event["after"]["v"]
        if event["op"] in "rc":
            created.append(event["after"]["id"])
    return rows, created


def write(pg, stop):
    while not stop.is_set():
        n = random.choice([1, 1, 5, 300, 3000])
        pg.sql("crash", f"begin; insert into t(v) select g from generate_series(1, {n}) g; update t set v = -1 where id in "
                        "(select id from t order by random() limit 3); delete from t where id in "
                        "(select id from t order by random() limit 2); commit;")


def crash(pg):
    pg.create("crash")
    pg.sql("crash", "create table t(id serial primary key, v int); insert into t(v) select g from generate_series(1, 20000) g;")
    tributary, stop = Tributary(), threading.Event()
    writer = threading.Thread(target=write, args=(pg, stop))
    writer.start()
    try:
        tributary.put_connector("crash", connector(pg))
        for i in range(KILLS):
            time.sleep(moments.random() * (0.15 if i < 3 else 1.0))
            tributary.kill()
            tributary.start()
    finally:
        stop.set()
        writer.join()
    try:
        source = {int(i): int(v) for i, v in (line.split("|") for line in pg.sql("crash", "select id, v from t").splitlines())}
        end = time.monotonic() + 30 * PATIENCE
        rows, created = rebuilt(tributary)
        while rows != source and time.monotonic() < end:
            time.sleep(0.3)
            rows, created = rebuilt(tributary)
        assert rows == source, f"{len(source)} rows, rebuilt {len(rows)}, of them different: {len(set(source.items()) ^ set(rows.items()))}"
        assert len(created) == len(set(created)), f"{len(created) - len(set(created))} rows came twice"
        idle_slot_moves(pg)
    finally:
        tributary.close()


def idle_slot_moves(pg):
    """Others write, the captured table is quiet: the slot must not hold the log back."""
    pg.sql("crash", "create table if not exists other(x text)")
    pg.sql("postgres", "create table if not exists noise(x text); insert into noise select repeat('x', 100) from generate_series(1, 2000)")
    target = pg.sql("postgres", "select pg_current_wal_lsn()")
    end = time.monotonic() + 30 * PATIENCE
    while time.monotonic() < end:
        if pg.sql("crash", f"select confirmed_flush_lsn >= '{target}' from pg_replication_slots where slot_name = 'crash'") == "t":
            return
        time.sleep(0.3)
    raise AssertionError("the slot stays behind while the captured table is idle")


def main():
    if not Postgres.available():
        tally.skip("kill -9 of the PostgreSQL connector", "PostgreSQL is not installed")
        tally.finish()
    print(f"SEED={SEED} KILLS={KILLS}", flush=True)
    pg = Postgres()
    try:
        tally.run("kill -9 of the PostgreSQL connector", crash, pg)
    finally:
        pg.close()
    tally.finish()


main()
