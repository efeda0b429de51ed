#!/usr/bin/env python3
"""AvroConverter with a schema registry in another process: one tributary's connector, another tributary's registry."""
import json
import os
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, SQLite, Tally, Tributary, free_port, wait_for  # noqa: E402

TABLE = "create table fruit (id integer not null primary key, item text, price integer);"


def registry(server, path, method="GET", body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{server.registry_port}{path}", method=method,
                                     data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"} if body else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def create(worker, database, name, settings):
    config = {"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": database.url("shop"),
              "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": "fruit", "topic.prefix": name + "_",
              "poll.interval.ms": "50", "table.poll.interval.ms": "50",
              "key.converter": "org.apache.kafka.connect.storage.StringConverter",
              "value.converter": "io.confluent.connect.avro.AvroConverter",
              **{f"value.converter.{key}": value for key, value in settings.items()}}
    status, body = worker.rest("PUT", f"/connectors/{name}/config", config)
    assert status in (200, 201), (status, body)


def state(worker, name):
    status, body = worker.rest("GET", f"/connectors/{name}/status")
    return body["tasks"][0] if status == 200 and body["tasks"] else {"state": "NONE"}


def registers_there(there, here, database):
    dead = f"http://127.0.0.1:{free_port()}"
    url = f"{dead},http://127.0.0.1:{there.registry_port}"
    create(here, database, "far", {"schema.registry.url": url, "retries.wait.ms": "10"})
    wait_for(lambda: "far_fruit-value" in registry(there, "/subjects"), 20, "the subject in the other registry")
    assert registry(here, "/subjects") == [], registry(here, "/subjects")
    schema = json.loads(registry(there, "/subjects/far_fruit-value/versions/1")["schema"])
    assert [f["name"] for f in schema["fields"]] == ["id", "item", "price"], schema


def keeps_own_by_its_address(there, here, database):
    create(here, database, "near", {"schema.registry.url": f"http://localhost:{here.registry_port}"})
    wait_for(lambda: registry(here, "/subjects") == ["near_fruit-value"], 20, "the subject in the own registry")


def refuses_what_the_level_forbids(there, here, database):
    registry(there, "/subjects/strict_fruit-value/versions", "POST",
             {"schema": json.dumps({"type": "record", "name": "fruit", "fields": [{"name": "id", "type": "string"}]})})
    create(here, database, "strict", {"schema.registry.url": f"http://127.0.0.1:{there.registry_port}"})
    task = wait_for(lambda: (lambda t: t["state"] == "FAILED" and t)(state(here, "strict")), 20, "the task to fail")
    for part in ("strict_fruit-value", "incompatible", "40901"):
        assert part in task["trace"], task["trace"]
    registry(there, "/config/strict_fruit-value", "PUT", {"compatibility": "NONE"})
    here.rest("POST", "/connectors/strict/restart?includeTasks=true")
    wait_for(lambda: registry(there, "/subjects/strict_fruit-value/versions") == [1, 2], 20, "the second version")


def names_the_field_of_the_own_registry(there, here, database):
    registry(here, "/subjects/own_fruit-value/versions", "POST",
             {"schema": json.dumps({"type": "record", "name": "fruit", "fields": [{"name": "id", "type": "string"}]})})
    create(here, database, "own", {})
    task = wait_for(lambda: (lambda t: t["state"] == "FAILED" and t)(state(here, "own")), 20, "the task to fail")
    for part in ('field "id"', "BACKWARD", "/config/own_fruit-value"):
        assert part in task["trace"], task["trace"]


TESTS = [registers_there, keeps_own_by_its_address, refuses_what_the_level_forbids, names_the_field_of_the_own_registry]


def main():
    tally = Tally()
    if not os.path.exists(BINARY):
        tally.fail("registry elsewhere", f"{BINARY} is not built")
        tally.finish()
    database = SQLite()
    database.create("shop")
    database.sql("shop", TABLE + "insert into fruit values (1, 'apple', 400);")
    there, here = Tributary(), Tributary()
    try:
        for test in TESTS:
            tally.run(test.__name__.replace("_", " "), test, there, here, database)
    finally:
        for started in (here, there, database):
            started.close()
    tally.finish()


main()
