#!/usr/bin/env python3
"""`./dev demo` as a newcomer runs it: it shows the seed's six records and leaves nothing behind."""
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, ROOT, Postgres, Tally, temp_dir  # noqa: E402

# The seed's records, as kafka-avro-console-consumer prints them; `ts` is when the row was written.
EXPECTED = [(1, "apple", 400, "fruit"), (2, "banana", 160, "fruit"), (2, "orange", 100, "fruit"),
            (3, "banana", 200, "fruit"), (4, "pork", 400, "meet"), (5, "beef", 800, "meet")]


def running_in(directory):
    """Command lines of the processes that name the directory."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as f:
                line = f.read().replace("\0", " ")
        except OSError:
            continue
        if directory in line:
            found.append((pid, line))
    return found


def main():
    tally = Tally()
    if not Postgres.available():
        tally.skip("demo", "PostgreSQL is not installed (Debian package postgresql-15)")
        tally.finish()
    if "release" not in BINARY:
        tally.skip("demo", "the demo runs the release build")
        tally.finish()
    directory = temp_dir("tributary-demo-")
    began = time.monotonic()
    done = subprocess.run([os.path.join(ROOT, "dev"), "demo"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "TMPDIR": directory})
    seconds = time.monotonic() - began

    def succeeds():
        assert done.returncode == 0, f"status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"

    def prints_records():
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"seq":')]
        for line, (seq, item, price, category) in zip(lines, EXPECTED):
            want = (r'\{"seq":%d,"ts":\d{13},"item":\{"string":"%s"\},"price":\{"int":%d\},"category":\{"string":"%s"\}\}'
                    % (seq, item, price, category))
            assert re.fullmatch(want, line), line
        assert len(lines) == len(EXPECTED), lines

    def shows_schema():
        line = next(line for line in done.stdout.splitlines() if '"subject":"db_test_table-value"' in line)
        schema = json.loads(json.loads(line)["schema"])
        assert [f["name"] for f in schema["fields"]] == ["seq", "ts", "item", "price", "category"], schema

    def leaves_nothing():
        assert not running_in(directory), running_in(directory)
        assert not os.listdir(directory), os.listdir(directory)

    def is_quick():
        assert seconds < 120, f"{seconds:.0f} s"

    for test in (succeeds, prints_records, shows_schema, leaves_nothing, is_quick):
        tally.run("demo " + test.__name__.replace("_", " "), test)
    shutil.rmtree(directory, ignore_errors=True)
    tally.finish()


main()
