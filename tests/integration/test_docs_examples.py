#!/usr/bin/env python3
"""The examples of docs/*.md, run as a reader would run them.

A block marked `console` holds commands (`$ ...`) and, below each, what it prints; `...` stands for what differs from
run to run. The blocks of a page run in order, in a tributary of their own.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, PATIENCE, ROOT, Tally, Tributary  # noqa: E402

PAGES = ["registry.md", "rest-api.md"]


def examples(page):
    """(line number, command, expected output) of each example."""
    found, inside = [], False
    with open(page) as f:
        for number, line in enumerate(f, 1):
            if line.startswith("```"):
                inside = line.strip() == "```console"
            elif inside and line.startswith("$ "):
                found.append([number, line[2:].rstrip("\n"), ""])
            elif inside and found:
                found[-1][2] += line
    return found


def matches(expected, actual):
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, actual.strip(), re.DOTALL)


def run(server, command, expected):
    for written, real in ((8083, server.rest_port), (8081, server.registry_port)):
        command = command.replace(f"localhost:{written}", f"127.0.0.1:{real}")
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60 * PATIENCE)
    actual = done.stdout.replace(f"127.0.0.1:{server.rest_port}", "127.0.0.1:8083")
    if not matches(expected, actual):
        raise AssertionError(f"{command}\nprints   {actual.strip()}\nexpected {expected.strip()}\n{done.stderr.strip()}")


def main():
    tally = Tally()
    for name in PAGES:
        page = os.path.join(ROOT, "docs", name)
        if not os.path.exists(BINARY):
            tally.fail(f"docs/{name}", f"{BINARY} is not built")
            continue
        server = Tributary()
        try:
            for number, command, expected in examples(page):
                tally.run(f"docs/{name}:{number}", run, server, command, expected)
        finally:
            server.close()
    tally.finish()


main()
