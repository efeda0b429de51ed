#!/usr/bin/env python3
"""A disk that fills up while rows come in: one clear error, nothing lost, nothing twice, and it goes on when there is room."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from servers import Postgres, Tally, Tributary, temp_dir, wait_for  # noqa: E402

ROWS = 200_000


def fill_and_free(server, disk):
    server.create("full")
    server.sql("full", "create table t(id bigint primary key, b text);"
                       f"insert into t select i, md5(i::text) || md5((i * 7)::text) from generate_series(1, {ROWS}) i;")
    tributary = Tributary(data=disk)
    try:
        tributary.put_connector("c", {"connector.class": "jdbc", "connection.url": server.url("full"), "mode": "incrementing",
                                      "incrementing.column.name": "id", "table.whitelist": "t", "topic.prefix": "full_",
                                      "value.converter": "json", "value.converter.schemas.enable": "false"})

        def trace():
            return (tributary.status("c")["tasks"] or [{}])[0].get("trace")

        told = wait_for(trace, 30, "the task to say that the disk is full")
        assert "no space left on the disk" in told and "nothing acknowledged is lost" in told, told
        before = len(tributary.records("full_t"))
        assert before < ROWS, before
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        wait_for(lambda: tributary.rest("GET", "/topics/full_t")[1]["records"] >= ROWS, 60, "the rest of the rows")
        ids = [json.loads(r["value"])["id"] for r in tributary.records("full_t")]
        assert ids == list(range(1, ROWS + 1)), f"{len(ids)} records, {len(set(ids))} of them different"
    finally:
        tributary.close()


def main():
    tally = Tally()
    disk = temp_dir("tributary-disk-")
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], capture_output=True).returncode == 0
    if not mounted or not Postgres.available():
        tally.skip("full disk", "no tmpfs can be mounted here (root is needed)" if not mounted else "PostgreSQL is not installed")
    else:
        server = Postgres()
        try:
            tally.run("full disk", fill_and_free, server, disk)
        finally:
            server.close()
    if mounted:
        subprocess.run(["umount", disk])
    shutil.rmtree(disk, ignore_errors=True)
    tally.finish()


main()
