#!/usr/bin/env python3
"""Every test of the project: run_all.py BUILD [--only unit,conformance,integration].

Each part prints its own story and ends with `N passed, N failed, N skipped`; the last line here adds them up.
"""
import glob
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
build = os.path.abspath(sys.argv[1])
only = sys.argv[sys.argv.index("--only") + 1].split(",") if "--only" in sys.argv else ["unit", "conformance", "integration"]
environment = {**os.environ, "TRIBUTARY": os.path.join(build, "tributary")}
if "san" in os.path.basename(build):
    environment.setdefault("PATIENCE", "4")

parts = []
if "unit" in only:
    parts.append(("unit tests", [sys.executable, os.path.join(HERE, "run_unit.py"), os.path.join(build, "tests")]))
if "conformance" in only:
    parts.append(("conformance", [os.path.join(HERE, "conformance", "run")]))
if "integration" in only:
    for f in sorted(glob.glob(os.path.join(HERE, "integration", "test_*"))):
        parts.append((f"integration: {os.path.basename(f)}", [sys.executable, f] if f.endswith(".py") else ["bash", f]))

total = [0, 0, 0]
for title, command in parts:
    print(f"==> {title}", flush=True)
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=environment, text=True, errors="replace")
    tally = None
    for line in process.stdout:
        match = re.match(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", line)
        tally = [int(n) for n in match.groups()] if match else tally
        print("    " + line, end="", flush=True)
    code = process.wait()
    if tally is None or (code != 0 and tally[1] == 0):
        print(f"    {title} ended with status {code} and no tally of its own: counted as a failure")
        tally = [*(tally or [0, 0, 0])]
        tally[1] += 1
    total = [a + b for a, b in zip(total, tally)]
    print(f"    ({time.monotonic() - began:.0f} s)", flush=True)
print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
sys.exit(1 if total[1] else 0)
