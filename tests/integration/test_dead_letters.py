#!/usr/bin/env python3
"""Dead letters end to end: rows of SQLite that a transform cannot take, kill -9 in between, each of them once in the topic."""
import base64
import json
import os
import shutil
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, Tally, Tributary, temp_dir, wait_for  # noqa: E402

work = temp_dir("tributary-dead-")
tally = Tally()
DATABASE = os.path.join(work, "shop.db")
CONFIG = {
    "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector",
    "connection.url": f"jdbc:sqlite:{DATABASE}",
    "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": "orders", "topic.prefix": "shop-",
    "poll.interval.ms": "50", "batch.max.rows": "7",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
    "transforms": "cast", "transforms.cast.type": "org.apache.kafka.connect.transforms.Cast$Value",
    "transforms.cast.spec": "price:int32",
    "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "shop-dead",
    "errors.deadletterqueue.context.headers.enable": "true",
}


def insert(first, last):
    """Every tenth price is no number."""
    connection = sqlite3.connect(DATABASE, timeout=30)
    with connection:
        connection.executemany("insert into orders values (?, ?)",
                               [(i, f"free {i}" if i % 10 == 0 else str(i)) for i in range(first, last + 1)])
    connection.close()


def ids(server, topic):
    return [json.loads(r["value"])["id"] for r in server.records(topic)]


def each_row_is_in_one_topic_once(server, last):
    good = [i for i in range(1, last + 1) if i % 10]
    bad = [i for i in range(1, last + 1) if i % 10 == 0]
    wait_for(lambda: len(ids(server, "shop-orders")) >= len(good) and len(ids(server, "shop-dead")) >= len(bad), 30, "all rows")
    assert ids(server, "shop-orders") == good
    assert ids(server, "shop-dead") == bad


def letters_tell_why(server):
    letter = server.records("shop-dead")[0]
    assert json.loads(letter["value"]) == {"id": 10, "price": "free 10"}, letter
    headers = {h["key"]: base64.b64decode(h["value"]).decode() for h in letter["headers"]}
    assert headers["__connect.errors.topic"] == "shop-orders"
    assert headers["__connect.errors.connector.name"] == "shop"
    assert headers["__connect.errors.stage"] == "TRANSFORMATION"
    assert headers["__connect.errors.class.name"] == "org.apache.kafka.connect.transforms.Cast$Value"
    assert headers["__connect.errors.exception.class.name"] == "org.apache.kafka.connect.errors.DataException", headers
    assert "free 10" in headers["__connect.errors.exception.message"], headers


def kill_in_between(server):
    for first in range(201, 600, 100):
        insert(first, first + 99)
        server.kill()
        server.start()
    each_row_is_in_one_topic_once(server, 600)


def main():
    if not os.path.exists(BINARY):
        tally.fail("dead letters", f"{BINARY} is not built")
        tally.finish()
    connection = sqlite3.connect(DATABASE)
    connection.execute("create table orders (id integer not null primary key, price text not null)")
    connection.commit()
    connection.close()
    insert(1, 200)
    server = Tributary()
    try:
        server.put_connector("shop", CONFIG)
        tally.run("each row is in one topic, once", each_row_is_in_one_topic_once, server, 200)
        tally.run("letters tell why", letters_tell_why, server)
        tally.run("kill -9 in between", kill_in_between, server)
    finally:
        server.close()
        shutil.rmtree(work, ignore_errors=True)
    tally.finish()


main()
