#!/usr/bin/env python3
"""./dev bench [query] [--rows N] [--runs N]: tributary, the floor and the reference, side by side, as ratios.

query: a table `seqs` of 1,000,000 rows is polled in mode incrementing into the embedded log and to standard output.
       The floor is the database's own `COPY ... TO STDOUT (FORMAT binary)` of the same table; the reference is Confluent's
       JDBC source 10.9 on Kafka Connect 3.9.1, recorded on a machine of 2 cores (its figures are constants below).

Every figure is of the whole process as the kernel accounts it: CPU is user and system time of all threads, memory is the peak of
the resident set. The median of the runs is shown, with the least and the greatest.
"""
import argparse
import json
import mmap
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
binary = os.path.abspath(sys.argv[1])
os.environ["TRIBUTARY"] = binary
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
from servers import Postgres, Tributary, free_port, temp_dir, wait_for  # noqa: E402

# Polled table of 1,000,000 rows, plain JSON, batch.max.rows=2000, into Kafka on the same machine.
REFERENCE = {"rows_s": 200_500, "cpu_us": 7.5, "rss_mib": 0.65 * 1024, "start_s": 4.5}
TARGET = {"rows_s": 800_000, "cpu_us": 1.2, "rss_mib": 64, "start_s": 0.05}

SEQS = """
create table seqs(id bigint primary key, a int, b text, c numeric(12,2), d timestamp, e boolean);
insert into seqs select i, (i::bigint * 7919) % 100003, 'row number ' || i, (i % 1000000) / 100.0 + 1, timestamp '2020-01-01' + i * interval '1 second', i % 2 = 0
  from generate_series(1, {rows}) i;
vacuum (analyze, freeze) seqs;
checkpoint;
"""
JSON_CONVERTER = "org.apache.kafka.connect.json.JsonConverter"
AVRO_CONVERTER = "io.confluent.connect.avro.AvroConverter"
TICK = os.sysconf("SC_CLK_TCK")


def connector(server, topic, converter="json", schemas=False):
    config = {"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": server.url("bench"),
              "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": "seqs", "topic.prefix": topic,
              "poll.interval.ms": "1000", "batch.max.rows": "2000", "tasks.max": "1"}
    for side in ("key", "value"):
        config[f"{side}.converter"] = JSON_CONVERTER if converter == "json" else AVRO_CONVERTER
        if converter == "json":
            config[f"{side}.converter.schemas.enable"] = str(schemas).lower()
    return config


def cpu_seconds(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0])
        except FileNotFoundError:
            pass
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return max(total / 1e9, (int(fields[11]) + int(fields[12])) / TICK)


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) / 1024


def run_floor(server, rows):
    command = ["psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-d", "bench", "-c",
               "COPY (SELECT * FROM seqs WHERE id > -1 ORDER BY id) TO STDOUT (FORMAT binary)"]
    before, began = os.times(), time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    seconds, after = time.monotonic() - began, os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return {"rows_s": rows / seconds, "cpu_us": cpu / rows * 1e6}


def end_offset(tributary, topic):
    status, info = tributary.rest("GET", f"/topics/{topic}")
    return info["records"] if status == 200 else 0


def run_log(server, rows, converter="json", schemas=False, count_allocations=False):
    data, env = temp_dir("tributary-bench-"), {}
    if count_allocations:
        library, counter = os.path.join(data, "alloc_count.so"), os.path.join(data, "allocations")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", os.path.join(HERE, "bench", "alloc_count.c"), "-o", library], check=True)
        with open(counter, "wb") as f:
            f.write(bytes(8))
        env = {"LD_PRELOAD": library, "ALLOC_COUNT": counter}
    tributary = Tributary(data=data, env=env)
    try:
        pid = tributary.process.pid
        cpu, began = cpu_seconds(pid), time.monotonic()
        tributary.put_connector("bench", connector(server, "bench_", converter, schemas))

        def done():
            state = tributary.status("bench")
            if any(t["state"] == "FAILED" for t in state["tasks"]):
                raise RuntimeError(state)
            return end_offset(tributary, "bench_seqs") >= rows

        marks = []
        if count_allocations:
            # The steady state: from a fifth of the rows to the end, so that buffers have seen their largest content.
            with open(os.path.join(data, "allocations"), "rb") as f:
                counter = mmap.mmap(f.fileno(), 8, prot=mmap.PROT_READ)
                read = lambda: int.from_bytes(counter[:8], "little")
                wait_for(lambda: end_offset(tributary, "bench_seqs") >= rows // 5, 120, "a fifth of the rows", 0.002)
                marks.append((end_offset(tributary, "bench_seqs"), read()))
                wait_for(lambda: end_offset(tributary, "bench_seqs") >= rows * 0.8, 120, "four fifths of the rows", 0.05)
                marks.append((end_offset(tributary, "bench_seqs"), read()))
        wait_for(done, 300, "all rows in the topic", 0.02)
        seconds = time.monotonic() - began
        result = {"rows_s": rows / seconds, "cpu_us": (cpu_seconds(pid) - cpu) / rows * 1e6, "rss_mib": peak_mib(pid)}
        if count_allocations:
            (r0, a0), (r1, a1) = marks
            result["allocations"] = (a1 - a0) / max(1, r1 - r0)
        return result
    finally:
        tributary.close()
        subprocess.run(["rm", "-rf", data])


def run_stdout(server, rows):
    with tempfile.TemporaryDirectory(prefix="tributary-bench-") as data:
        config = os.path.join(data, "bench.json")
        with open(config, "w") as f:
            json.dump({"name": "bench", "config": connector(server, "bench_")}, f)
        began = time.monotonic()
        process = subprocess.Popen([binary, "up", "--data", os.path.join(data, "log"), "--rest-port", "0", "--registry-port", "0",
                                    "--sink", "stdout", config], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lines = 0
        while lines < rows:
            block = os.read(process.stdout.fileno(), 1 << 20)
            if not block:
                raise RuntimeError(f"tributary ended after {lines} lines")
            lines += block.count(b"\n")
        seconds = time.monotonic() - began
        result = {"rows_s": rows / seconds, "cpu_us": cpu_seconds(process.pid) / rows * 1e6, "rss_mib": peak_mib(process.pid)}
        process.terminate()
        while os.read(process.stdout.fileno(), 1 << 20):
            pass
        process.wait()
        return result


def run_start():
    data, port = temp_dir("tributary-bench-"), free_port()
    try:
        began = time.monotonic()
        process = subprocess.Popen([binary, "up", "--data", os.path.join(data, "log"), "--rest-port", str(port), "--registry-port", "0"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        import http.client
        while True:
            try:
                probe = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                probe.request("GET", "/connectors")
                if probe.getresponse().status == 200:
                    break
            except OSError:
                if time.monotonic() - began > 20:
                    raise RuntimeError("the REST API does not answer") from None
                time.sleep(0.0005)
        seconds = time.monotonic() - began
        process.terminate()
        process.wait()
        return {"start_s": seconds}
    finally:
        subprocess.run(["rm", "-rf", data])


def show(name, figures, floor=None):
    def spread(key, scale=1.0, digits=0):
        v = [f[key] * scale for f in figures]
        return statistics.median(v), f"{statistics.median(v):,.{digits}f} ({min(v):,.{digits}f} to {max(v):,.{digits}f})"
    if "rows_s" in figures[0]:
        rate, text = spread("rows_s")
        row = f"{name:<34} {text + ' rows/s':<44}"
        row += f" {spread('cpu_us', digits=2)[1] + ' us CPU a row':<36}"
        if "rss_mib" in figures[0]:
            row += f" {spread('rss_mib')[1] + ' MiB':<22}"
        if floor:
            row += f" {rate / floor:.2f} of the floor, {rate / REFERENCE['rows_s']:.1f} x the reference"
        print(row, flush=True)
    return figures


def verdict(name, measured, target, smaller):
    met = measured <= target if smaller else measured >= target
    print(f"    {'met   ' if met else 'MISSED'} {name}: {measured:,.2f}, target {'at most' if smaller else 'at least'} {target:,}")
    return met


def bench_query(options):
    server = Postgres()
    try:
        print(f"{options.rows:,} rows of seqs, {options.runs} runs each; {os.cpu_count()} cores; database, tributary and this script share them")
        server.create("bench")
        server.sql("bench", SEQS.format(rows=options.rows))
        server.sql("bench", "select count(*), sum(length(b)) from seqs")
        floor = show("floor: COPY binary, psql", [run_floor(server, options.rows) for _ in range(options.runs + 1)][1:])
        base = statistics.median(f["rows_s"] for f in floor)
        log = show("embedded log, JSON plain", [run_log(server, options.rows) for _ in range(options.runs)], base)
        out = show("stdout, JSON plain", [run_stdout(server, options.rows) for _ in range(options.runs)], base)
        show("embedded log, JSON with schemas", [run_log(server, options.rows, schemas=True) for _ in range(options.runs)], base)
        show("embedded log, Avro", [run_log(server, options.rows, "avro") for _ in range(options.runs)], base)
        print(f"{'reference: JDBC source 10.9, Kafka':<34} {REFERENCE['rows_s']:,} rows/s, {REFERENCE['cpu_us']} us CPU a row, "
              f"{REFERENCE['rss_mib']:,.0f} MiB, {REFERENCE['start_s']} to 7.5 s to start (recorded)")
        allocations = run_log(server, options.rows, count_allocations=True)["allocations"]
        print(f"heap allocations a record, steady state: {allocations:.5f}")
        starts = [run_start()["start_s"] for _ in range(5)]
        print(f"start to REST answering: {statistics.median(starts) * 1000:.1f} ms ({min(starts) * 1000:.1f} to {max(starts) * 1000:.1f})")
        middle = lambda figures, key: statistics.median(f[key] for f in figures)
        results = [verdict("rows/s into the embedded log", middle(log, "rows_s"), TARGET["rows_s"], False),
                   verdict("rows/s to stdout", middle(out, "rows_s"), TARGET["rows_s"], False),
                   verdict("us CPU a row, embedded log", middle(log, "cpu_us"), TARGET["cpu_us"], True),
                   verdict("us CPU a row, stdout", middle(out, "cpu_us"), TARGET["cpu_us"], True),
                   verdict("MiB resident, embedded log", middle(log, "rss_mib"), TARGET["rss_mib"], True),
                   verdict("allocations a record", allocations, 0.01, True),
                   verdict("s to REST answering", statistics.median(starts), TARGET["start_s"], True)]
        return all(results)
    finally:
        server.close()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("binary")
    parser.add_argument("name", nargs="?", default="query", choices=["query"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if not {"query": bench_query}[options.name](options):
        print("a target was missed: see above; profile with `perf record -g -p PID`")


main()
