#!/usr/bin/env python3
"""Confluent's own Python client (confluent-kafka from PyPI) against the schema registry.

It registers, looks up and reads back schemas, and sends records through AvroSerializer and AvroDeserializer. The client
is installed once, into a virtual environment under the user's cache directory; without PyPI everything is skipped.
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, PATIENCE, Tally, Tributary  # noqa: E402

PACKAGE = "confluent-kafka[avro,schemaregistry]==2.11.1"
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "tributary", "registry-clients-2.11.1")
INSIDE = "TRIBUTARY_REGISTRY_CLIENTS"
TEST_PROGRAM = os.path.join(os.path.dirname(BINARY), "tests", "test-registry-server")

RECORD = """{"type": "record", "name": "test_table", "namespace": "db", "fields": [
  {"name": "seq", "type": "int"}, {"name": "ts", "type": {"type": "long", "logicalType": "timestamp-millis"}},
  {"name": "item", "type": ["null", "string"], "default": null}, {"name": "price", "type": ["null", "int"], "default": null}]}"""
RECORD_V2 = RECORD.replace('"fields": [', '"fields": [{"name": "id", "type": "long", "default": 0},')


def install():
    """None, or why the client cannot be had."""
    if os.path.exists(os.path.join(CACHE, "complete")):
        return None
    commands = [[sys.executable, "-m", "venv", CACHE],
                [os.path.join(CACHE, "bin", "python"), "-m", "pip", "install", "-q", "--retries", "1", "--timeout", "20", PACKAGE]]
    for command in commands:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            return f"{' '.join(command[1:4])} took longer than 300 s"
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines() or ["no output"]
            return f"{' '.join(command[1:4])} failed: {lines[-1][:200]}"
    open(os.path.join(CACHE, "complete"), "w").close()
    return None


class TestProgram:
    """The unit test's program in its other role: only the registry, on an embedded log."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="tributary-registry-")
        self.start()

    def start(self):
        self.process = subprocess.Popen([TEST_PROGRAM, "serve", self.dir.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.registry_port = int(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=30 * PATIENCE)
        self.process.stdout.close()
        return code

    def close(self):
        self.stop()
        self.dir.cleanup()


def client(server):
    from confluent_kafka.schema_registry import SchemaRegistryClient
    return SchemaRegistryClient({"url": f"http://127.0.0.1:{server.registry_port}"})


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: {actual!r}, expected {wanted!r}")


def expect_error(call, status, code):
    from confluent_kafka.schema_registry.error import SchemaRegistryError
    try:
        result = call()
    except SchemaRegistryError as e:
        expect((e.http_status_code, e.error_code), (status, code), str(e))
        return
    raise AssertionError(f"no error, but {result!r}")


def registers_and_looks_up(server):
    from confluent_kafka.schema_registry import Schema
    c = client(server)
    first, second = Schema(RECORD, "AVRO"), Schema(RECORD_V2, "AVRO")
    one = c.register_schema("first-value", first)
    two = c.register_schema("first-value", second)
    expect(two, one + 1, "the second id")
    expect(c.register_schema("other-value", first), one, "the id of the same schema elsewhere")
    expect(c.get_subjects()[:2], ["first-value", "other-value"], "subjects")
    expect(c.get_versions("first-value"), [1, 2], "versions")
    expect(c.lookup_schema("first-value", second).version, 2, "the version that is looked up")
    latest = c.get_latest_version("first-value")
    expect((latest.schema_id, latest.version, latest.subject), (two, 2, "first-value"), "the latest version")
    expect(client(server).get_version("first-value", 1).schema_id, one, "the id of version 1")
    expect("test_table" in client(server).get_schema(one).schema_str, True, "the text holds the name")
    expect(sorted(r.subject for r in client(server).get_schema_versions(one)) if hasattr(c, "get_schema_versions")
           else ["first-value", "other-value"], ["first-value", "other-value"], "subjects with the id")


def tells_errors_by_code(server):
    from confluent_kafka.schema_registry import Schema
    c = client(server)
    expect_error(lambda: c.get_latest_version("none-value"), 404, 40401)
    expect_error(lambda: c.get_version("first-value", 99), 404, 40402)
    expect_error(lambda: c.get_schema(99999), 404, 40403)
    expect_error(lambda: c.lookup_schema("first-value", Schema('"bytes"', "AVRO")), 404, 40403)
    expect_error(lambda: c.register_schema("bad-value", Schema('{"type":"nonsense"}', "AVRO")), 422, 42201)
    expect_error(lambda: c.set_compatibility("first-value", "SIDEWAYS"), 422, 42203)
    expect_error(lambda: c.register_schema("first-value", Schema('"bytes"', "AVRO")), 409, 40901)


def checks_compatibility(server):
    from confluent_kafka.schema_registry import ConfigCompatibilityLevel, Schema, ServerConfig
    c = client(server)
    narrow, wide = Schema('"int"', "AVRO"), Schema('"long"', "AVRO")
    expect(c.get_compatibility(), "BACKWARD", "the level where none is set")
    expect_error(lambda: c.get_compatibility("level-value"), 404, 40408)
    c.register_schema("level-value", narrow)
    expect(c.test_compatibility("level-value", wide), True, "long reads int")
    expect(c.test_compatibility("level-value", Schema('"boolean"', "AVRO"), 1), False, "boolean reads int")
    expect(c.set_compatibility("level-value", "FORWARD_TRANSITIVE")["compatibility"], "FORWARD_TRANSITIVE", "the answer")
    expect(c.get_compatibility("level-value"), "FORWARD_TRANSITIVE", "the level set")
    expect(c.test_compatibility("level-value", wide), False, "int reads long")
    expect_error(lambda: c.register_schema("level-value", wide), 409, 40901)
    answer = c.set_config("level-value", ServerConfig(compatibility=ConfigCompatibilityLevel.BACKWARD, compatibility_group="major"))
    expect(answer, {"compatibility": "BACKWARD", "compatibilityGroup": "major"}, "the config set")
    read = c.get_config("level-value")
    expect((str(read.compatibility_level), read.compatibility_group), ("BACKWARD", "major"), "the config read")
    expect(c.set_config("level-value", read), answer, "what was read, set again")
    expect_error(lambda: c.set_config(config=ServerConfig(default_metadata={"properties": {"a": "b"}})), 501, 50101)
    expect(client(server).register_schema("level-value", wide) > 0, True, "the id of the wider schema")


def serializes(server):
    from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext
    import datetime
    context = SerializationContext("db_test_table", MessageField.VALUE)
    when = datetime.datetime(2020, 2, 2, 1, 34, 32, 65000, tzinfo=datetime.timezone.utc)
    row = {"seq": 1, "ts": when, "item": "apple", "price": None}
    sent = AvroSerializer(client(server), RECORD)(row, context)
    expect(sent[0], 0, "the magic byte")
    expect(int.from_bytes(sent[1:5], "big"), client(server).get_latest_version("db_test_table-value").schema_id, "the id")
    expect(AvroDeserializer(client(server))(sent, context), row, "the row read back")
    server.stop()
    server.start()
    expect(AvroDeserializer(client(server))(sent, context), row, "the row read back after a restart")
    expect(AvroSerializer(client(server), RECORD)(row, context), sent, "the bytes written after a restart")


def serializes_with_references(server):
    from confluent_kafka.schema_registry import Schema, SchemaReference
    from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext
    c = client(server)
    c.register_schema("address", Schema('{"type":"record","name":"n.Address","fields":[{"name":"city","type":"string"}]}', "AVRO"))
    person = Schema('{"type":"record","name":"n.Person","fields":[{"name":"at","type":"n.Address"}]}', "AVRO",
                    [SchemaReference("n.Address", "address", 1)])
    context = SerializationContext("persons", MessageField.VALUE)
    sent = AvroSerializer(c, person)({"at": {"city": "Bern"}}, context)
    expect(AvroDeserializer(client(server))(sent, context), {"at": {"city": "Bern"}}, "the row read back")
    expect_error(lambda: c.delete_version("address", 1), 422, 42206)


def keeps_other_types(server):
    from confluent_kafka.schema_registry import Schema, SchemaReference
    c = client(server)
    plain = Schema('{"type": "object", "properties": {"a": {"type": "integer"}}}', "JSON")
    one = c.register_schema("order-json", plain)
    expect(c.register_schema("order-json", plain), one, "the id of the same schema")
    read = client(server).get_schema(one)
    expect((read.schema_type, read.schema_str), ("JSON", plain.schema_str.replace(" ", "")), "the schema read")
    source = 'syntax = "proto3"; message A { int32 a = 1; }'
    c.register_schema("a.proto", Schema(source, "PROTOBUF"))
    user = Schema('syntax = "proto3"; import "a.proto"; message B { A a = 1; }', "PROTOBUF", [SchemaReference("a.proto", "a.proto", 1)])
    read = client(server).get_schema(c.register_schema("b-value", user))
    expect((read.schema_str, read.references[0].subject), (user.schema_str, "a.proto"), "the schema with its reference")
    expect_error(lambda: c.register_schema("order-json", Schema("true", "JSON")), 501, 50101)
    c.set_compatibility("order-json", "NONE")
    expect(c.register_schema("order-json", Schema("true", "JSON")) > one, True, "the second version")


def deletes(server):
    c = client(server)
    expect(c.delete_subject("other-value"), [1], "versions deleted")
    expect("other-value" in c.get_subjects(), False, "still listed")
    expect(client(server).get_schema(client(server).get_version("first-value", 1).schema_id) is None, False, "the schema stays")
    expect_error(lambda: c.delete_subject("first-value", permanent=True), 404, 40405)
    expect(c.delete_subject("first-value"), [1, 2], "versions deleted")
    expect(c.delete_subject("first-value", permanent=True), [1, 2], "versions deleted for good")
    expect_error(lambda: c.get_versions("first-value"), 404, 40401)


TESTS = [registers_and_looks_up, tells_errors_by_code, checks_compatibility, serializes, serializes_with_references, keeps_other_types, deletes]


def main():
    tally = Tally()
    if not os.path.exists(BINARY) and not os.path.exists(TEST_PROGRAM):
        tally.fail("schema registry", f"neither {BINARY} nor {TEST_PROGRAM} is built")
        tally.finish()
    if not os.environ.get(INSIDE):
        reason = install()
        if reason:
            tally.skip("Confluent's Python client", reason, len(TESTS))
            tally.finish()
        sys.stdout.flush()
        python = os.path.join(CACHE, "bin", "python")
        os.execve(python, [python, os.path.abspath(__file__)], {**os.environ, INSIDE: "1", "PYTHONWARNINGS": "ignore"})
    server = Tributary() if os.path.exists(BINARY) else TestProgram()
    try:
        for test in TESTS:
            tally.run(test.__name__.replace("_", " "), test, server)
    finally:
        server.close()
    tally.finish()


main()
