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
from servers import BINARY, PATIENCE, ROOT, Postgres, Tally, Tributary  # noqa: E402

PAGES = ["registry.md", "rest-api.md"]
ROLE = "CREATE USER connectuser WITH PASSWORD 'connectuser'; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO connectuser;"


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


def sql_of(page):
    """What the blocks marked `sql` say."""
    with open(page) as f:
        return "".join(re.findall(r"^```sql\n(.*?)^```", f.read(), re.DOTALL | re.MULTILINE))


def run(ports, command, expected):
    for written, real in ports.items():
        command = command.replace(f"localhost:{written}", f"127.0.0.1:{real}")
    done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60 * PATIENCE)
    actual = done.stdout
    for written, real in ports.items():
        actual = actual.replace(f"127.0.0.1:{real}", f"127.0.0.1:{written}")
    if not matches(expected, actual):
        raise AssertionError(f"{command}\nprints   {actual.strip()}\nexpected {expected.strip()}\n{done.stderr.strip()}")


def run_page(tally, name):
    page = os.path.join(ROOT, "docs", name)
    sql, all_examples = sql_of(page), examples(page)
    if sql and not Postgres.available():
        tally.skip(f"docs/{name}", "PostgreSQL is not installed (Debian package postgresql-15)", len(all_examples))
        return
    database = Postgres() if sql else None
    server = None
    try:
        if database:
            database.create("testdb")
            database.sql("testdb", ROLE + sql)
        server = Tributary()
        ports = {8083: server.rest_port, 8081: server.registry_port, 5432: database.port if database else 5432}
        for number, command, expected in all_examples:
            tally.run(f"docs/{name}:{number}", run, ports, command, expected)
    finally:
        for started in (server, database):
            if started:
                started.close()


def main():
    tally = Tally()
    for name in PAGES:
        if os.path.exists(BINARY):
            run_page(tally, name)
        else:
            tally.fail(f"docs/{name}", f"{BINARY} is not built")
    tally.finish()


main()
