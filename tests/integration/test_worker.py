"""The worker with a real PostgreSQL: kill -9 while rows come in, an orderly stop, a database that goes away and returns.

Nothing may be lost, and on the embedded log nothing may come twice, whatever the moment.
"""
import json
import os
import random
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import Postgres, Tally, Tributary, temp_dir, wait_for  # noqa: E402

KILLS = int(os.environ.get("KILLS", "15"))
JSON = {"key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}


def config(server, db, mode, **more):
    return {"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": server.url(db), "mode": mode,
            "incrementing.column.name": "id", "topic.prefix": f"{db}_", "poll.interval.ms": "20", "table.whitelist": "t",
            **JSON, **more}


def make_table(server, db):
    server.create(db)
    server.sql(db, "create table t(id bigserial primary key, n bigint not null, ts timestamp not null default clock_timestamp());")


class Writer(threading.Thread):
    """Inserts rows until told to stop; n counts them."""

    def __init__(self, server, db):
        super().__init__()
        self.server, self.db, self.n, self.ending = server, db, 0, threading.Event()
        self.start()

    def run(self):
        while not self.ending.is_set():
            k = random.choice([1, 3, 200])
            self.server.sql(self.db, f"insert into t(n) select i from generate_series({self.n + 1}, {self.n + k}) i;")
            self.n += k

    def end(self):
        self.ending.set()
        self.join()
        return self.n


def values(t, topic):
    return [json.loads(r["value"])["n"] for r in t.records(topic)]


def compare(found, n):
    if found == list(range(1, n + 1)):
        return
    seen, twice = set(), set()
    for v in found:
        (twice if v in seen else seen).add(v)
    lost = sorted(set(range(1, n + 1)) - seen)
    raise AssertionError(f"{n} rows: {len(lost)} lost {lost[:5]}, {len(twice)} twice {sorted(twice)[:5]}, in order: {found == sorted(found)}")


def killed(server, mode, more):
    db = "crash_" + mode.replace("+", "_")
    make_table(server, db)
    t = Tributary()
    try:
        t.put_connector("c", config(server, db, mode, **more))
        writer = Writer(server, db)
        for _ in range(KILLS):
            time.sleep(random.uniform(0.01, 0.25))
            t.kill()
            t.start()
        n = writer.end()
        wait_for(lambda: len(t.records(f"{db}_t")) >= n, 30, f"{n} rows")
        time.sleep(0.2)
        compare(values(t, f"{db}_t"), n)
    finally:
        t.close()


def stopped(server):
    make_table(server, "orderly")
    t = Tributary()
    try:
        t.put_connector("c", config(server, "orderly", "incrementing"))
        writer = Writer(server, "orderly")
        for _ in range(4):
            time.sleep(0.2)
            began = time.monotonic()
            assert t.stop() == 0, f"exit status {t.process.returncode}"
            assert time.monotonic() - began < 5, "the stop took too long"
            t.start()
        n = writer.end()
        wait_for(lambda: len(t.records("orderly_t")) >= n, 30, f"{n} rows")
        compare(values(t, "orderly_t"), n)
    finally:
        t.close()


def task_state(t):
    tasks = t.status("c")["tasks"]
    return (tasks[0]["state"], tasks[0].get("trace", "")) if tasks else (None, "")


def outage(server):
    make_table(server, "outage")
    t = Tributary()
    try:
        t.put_connector("c", config(server, "outage", "incrementing", **{"task.restart.backoff.max.ms": "1000",
                                                                         "connection.attempts": "1"}))
        server.sql("outage", "insert into t(n) select i from generate_series(1, 100) i;")
        wait_for(lambda: len(t.records("outage_t")) == 100, 20, "100 rows")
        server.kill()
        state, trace = wait_for(lambda: (lambda s: s if s[0] == "FAILED" else None)(task_state(t)), 30, "the task to fail")
        for part in ("in connector c, task 0", "tries at once", str(server.port)):
            assert part in trace, f"{part!r} is missing in the trace: {trace}"
        server.start()
        server.sql("outage", "insert into t(n) select i from generate_series(101, 150) i;")
        wait_for(lambda: task_state(t)[0] == "RUNNING", 30, "the task to run again by itself")
        wait_for(lambda: len(t.records("outage_t")) >= 150, 20, "150 rows")
        compare(values(t, "outage_t"), 150)
        assert "trace" not in t.status("c")["tasks"][0]
    finally:
        t.close()


def remembered(server):
    """Connectors, states, positions and their REST answers are the same in the next process."""
    make_table(server, "memory")
    data = temp_dir()
    server.sql("memory", "insert into t(n) select i from generate_series(1, 10) i;")
    t = Tributary(data)
    try:
        for name in ("running", "paused", "stopped"):
            t.put_connector(name, config(server, "memory", "incrementing", **{"topic.prefix": f"{name}_"}))
            wait_for(lambda: len(t.records(f"{name}_t")) == 10, 20, "10 rows")
        assert t.rest("PUT", "/connectors/paused/pause")[0] == 202
        assert t.rest("PUT", "/connectors/stopped/stop")[0] == 204
        wait_for(lambda: t.status("paused")["connector"]["state"] == "PAUSED", 10, "PAUSED")
        names = ("running", "paused", "stopped")
        before = {n: (t.rest("GET", f"/connectors/{n}/config")[1], t.rest("GET", f"/connectors/{n}/offsets")[1]) for n in names}
        assert before["running"][1]["offsets"][0]["offset"] == {"incrementing": 10}, before["running"][1]
        t.stop()
        server.sql("memory", "insert into t(n) values (11);")
        t.start()
        wait_for(lambda: len(t.records("running_t")) == 11, 20, "the eleventh row")
        assert t.status("paused")["connector"]["state"] == "PAUSED"
        assert t.status("stopped")["connector"]["state"] == "STOPPED"
        for n in names:
            assert t.rest("GET", f"/connectors/{n}/config")[1] == before[n][0], n
        assert t.rest("GET", "/connectors/paused/offsets")[1] == before["paused"][1]
        assert len(t.records("paused_t")) == len(t.records("stopped_t")) == 10
        assert t.rest("PUT", "/connectors/paused/resume")[0] == 202
        wait_for(lambda: len(t.records("paused_t")) == 11, 20, "the eleventh row after resume")
        assert t.rest("DELETE", "/connectors/stopped/offsets")[0] == 200
        assert t.rest("PUT", "/connectors/stopped/resume")[0] == 202
        wait_for(lambda: len(t.records("stopped_t")) == 21, 20, "all rows once more after the reset of its offsets")
        assert t.rest("DELETE", "/connectors/running")[0] == 204
        assert sorted(t.rest("GET", "/connectors")[1]) == ["paused", "stopped"]
    finally:
        t.close()


def main():
    tally = Tally()
    if not Postgres.available():
        tally.skip("the worker", "PostgreSQL is not installed", 6)
        tally.finish()
    server = Postgres()
    try:
        tally.run("connectors and positions outlive the process", remembered, server)
        tally.run("an orderly stop loses and repeats nothing", stopped, server)
        tally.run(f"{KILLS} x kill -9, incrementing", killed, server, "incrementing", {})
        tally.run(f"{KILLS} x kill -9, timestamp+incrementing", killed, server, "timestamp+incrementing",
                  {"timestamp.column.name": "ts"})
        tally.run(f"{KILLS} x kill -9, timestamp", killed, server, "timestamp", {"timestamp.column.name": "ts"})
        tally.run("a database that goes away and returns", outage, server)
    finally:
        server.close()
    tally.finish()


main()
