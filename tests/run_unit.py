#!/usr/bin/env python3
"""Runs the unit test programs of a build: run_unit.py BUILD/tests [FILTER]. Last line: N passed, N failed, N skipped."""
import os
import re
import subprocess
import sys
import time

directory, pattern = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
passed = failed = skipped = 0
limit = 300 * float(os.environ.get("PATIENCE", "1"))
programs = sorted(f for f in os.listdir(directory) if f.startswith("test-") and pattern in f)
for program in programs:
    began = time.monotonic()
    try:
        done = subprocess.run([os.path.join(directory, program)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit)
        code, output = done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        code, output = "time-out", (e.stdout or b"").decode(errors="replace")
    ok = len(re.findall(r"^\[       OK \]", output, re.M))
    bad = len(re.findall(r"^\[  FAILED  \] [a-z]\w*(?:\s|$)", output, re.M)) // 2 or (0 if code == 0 else 1)
    skips = len(re.findall(r"^\[  SKIPPED \] [a-z]\w*\s*$", output, re.M)) // 2
    if code == 0 and ok + skips == 0:
        bad, output = 1, output + "\n(the program ran no test)"
    passed, failed, skipped = passed + ok, failed + bad, skipped + skips
    print(f"{'ok     ' if code == 0 else 'FAILED '} {program}: {ok} tests, {time.monotonic() - began:.1f} s", flush=True)
    for line in output.splitlines():
        if code != 0 or "skip" in line.lower() and not line.startswith("[  SKIPPED ] "):
            if not re.match(r"^\[(==| RUN  |       OK)", line):
                print("        " + line)
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
