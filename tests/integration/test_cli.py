#!/usr/bin/env python3
"""The commands as a person types them: help, usage errors, up, consume, topics, check, docs.

Everything runs on directories and ports of its own. What needs rows of a database is a counted skip without PostgreSQL.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, PATIENCE, Postgres, Tally, Tributary, free_port, temp_dir, wait_for  # noqa: E402

COMMANDS = ["up", "consume", "topics", "check", "plugins", "docs", "version"]
work = temp_dir("tributary-cli-")
tally = Tally()


def run(*words, cwd=work, timeout=30, **options):
    return subprocess.run([BINARY, *words], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout * PATIENCE, **options)


def expect(done, code, stdout=None, stderr=None):
    """The exit code, and regular expressions that the outputs contain."""
    told = f"exit code {done.returncode}\nstdout: {done.stdout[-2000:]}\nstderr: {done.stderr[-2000:]}"
    assert done.returncode == code, told
    for text, pattern in ((done.stdout, stdout), (done.stderr, stderr)):
        assert pattern is None or re.search(pattern, text), f"not there: {pattern}\n{told}"
    if code:
        assert (done.stderr or done.stdout).strip(), told
    return done


def write(name, text):
    path = os.path.join(work, name)
    with open(path, "w") as f:
        f.write(text)
    return path


class Consumer:
    """A `tributary consume` that follows; lines(n) waits for n lines."""

    def __init__(self, *words):
        self.process = subprocess.Popen([BINARY, "consume", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""

    def lines(self, n, seconds=10):
        def enough():
            self.text += self.process.stdout.read() or b""
            return self.text.count(b"\n") >= n
        wait_for(enough, seconds, f"{n} lines of consume (so far {self.text!r})")
        return self.text.decode().splitlines()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


# ---- without anything running ----

def test_help():
    expect(run("--help"), 0, "Usage: tributary COMMAND")
    expect(run("help", "consume"), 0, "Usage: tributary consume")
    for name in COMMANDS:
        expect(run(name, "--help"), 0, f"Usage: tributary {name} ")
        assert name in run("--help").stdout
    expect(run("version"), 0, r"^tributary \d+\.\d+\.\d+\n$")
    expect(run("--version"), 0, r"^tributary \d+\.\d+\.\d+\n$")


def test_usage_errors():
    expect(run(), 2, stderr="Usage: tributary COMMAND")
    expect(run("consum"), 2, stderr='no command "consum"; did you mean "consume"')
    expect(run("consume"), 2, stderr="write tributary consume TOPIC")
    expect(run("consume", "a", "b"), 2, stderr='"b" is one argument too many')
    expect(run("consume", "a", "--form-beginning"), 2, stderr="did you mean --from-beginning")
    expect(run("consume", "a", "--offset", "soon"), 2, stderr="--offset takes a number, beginning or end")
    expect(run("consume", "a", "--offset=1", "--from-beginning"), 2, stderr="exclude each other")
    expect(run("consume", "a", "--format", "xml"), 2, stderr="one of auto, avro, json, string, hex")
    expect(run("topics", "describe"), 2, stderr="write tributary topics describe TOPIC")
    expect(run("topics", "explain"), 2, stderr="list, describe, create")
    expect(run("topics", "list", "x"), 2, stderr="takes no topic")
    expect(run("check"), 2, stderr="write tributary check FILE")
    expect(run("up", "--rest-port", "65536"), 2, stderr="--rest-port must be from 0 to 65535")
    expect(run("up", "--data"), 2, stderr="--data needs a value: --data DIR")
    expect(run("docs", "qurey"), 2, stderr="no page")


def test_no_log():
    for words in (["consume", "x"], ["topics"], ["topics", "verify"]):
        expect(run(*words), 1, stderr="there is no log in ./tributary-data; start `tributary up`")
    assert not os.path.exists(os.path.join(work, "tributary-data"))


def test_plugins_and_docs():
    expect(run("plugins"), 0, "sources\n.*io.confluent.connect.jdbc.JdbcSourceConnector")
    expect(run("docs"), 0, "worker +Worker properties")
    expect(run("docs", "io.confluent.connect.jdbc.JdbcSourceConnector"), 0, "### `connection.url`")
    expect(run("docs", "worker"), 0, "^# Worker properties")
    expect(run("docs", "./made/reference"), 0)
    pages = os.listdir(os.path.join(work, "made/reference"))
    assert {"README.md", "commands.md", "worker.md", "connector.md", "rest.md", "registry.md"} <= set(pages), pages
    with open(os.path.join(work, "made/reference/README.md")) as f:
        index = f.read()
    assert all(f"({p})" in index for p in pages if p != "README.md"), index


def test_check():
    good = {"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "mode": "bulk", "tasks.max": "1",
            "connection.url": "jdbc:postgresql://127.0.0.1:1/x?password=geheim", "topic.prefix": "p_"}
    file = write("good.json", json.dumps({"name": "good", "config": good}))
    expect(run("check", "--offline", file), 0, "good.json: good: fine")
    bad = {**good, "mode": "incremental", "tasks.max": "none", "pol.interval.ms": "1", "connection.password": "geheim"}
    done = expect(run("check", "--offline", write("bad.json", json.dumps(bad))), 1, "bad.json: bad: 2 errors, 1 warning")
    assert "configuration mode: " in done.stdout and "configuration tasks.max: " in done.stdout, done.stdout
    assert "did you mean poll.interval.ms?" in done.stdout, done.stdout
    done = expect(run("check", file), 1, "error: ")  # asks the database, which is not there
    assert "geheim" not in done.stdout + done.stderr, done.stdout
    expect(run("check", "--offline", write("broken.json", "{"), file), 1, "broken.json: line 1: not valid JSON(.|\n)*good: fine")
    expect(run("check", "none.json"), 1, "cannot open none.json: No such file")
    yaml = write("two.yaml", "apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaConnector\nmetadata: {name: one}\nspec:\n"
                 "  class: io.confluent.connect.jdbc.JdbcSourceConnector\n  tasksMax: 1\n  config: {mode: bulk, "
                 "connection.url: 'jdbc:postgresql://h/d', topic.prefix: p_}\n---\nname: two\nconnector.class: Nothing\n")
    expect(run("check", "--offline", yaml), 1, "two.yaml: one: fine\n(.|\n)*two.yaml: two: [1-9]")


# ---- up and its neighbours ----

def test_up_starts_and_stops():
    data = os.path.join(work, "up")
    process = subprocess.Popen([BINARY, "up", "--data", data, "--rest-port", "0", "--registry-port=0"], cwd=work,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    match = re.fullmatch(r"tributary \S+ is up: REST (http://127\.0\.0\.1:\d+), registry (http://127\.0\.0\.1:\d+), data (\S+) "
                         r"\((\d+) ms\)\n", line)
    assert match, line + process.stderr.read()
    with open(os.path.join(data, "tributary.run")) as f:
        told = json.load(f)
    assert (told["rest"], told["registry"], told["pid"]) == (match[1], match[2], process.pid), told
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20 * PATIENCE) == 0, process.stderr.read()
    assert not os.path.exists(os.path.join(data, "tributary.run"))
    process.communicate()


def test_up_by_properties():
    """The port of the worker properties; what is wrong in them is told."""
    port, data = free_port(), os.path.join(work, "by-properties")
    file = write("worker.properties", f"listeners=http://127.0.0.1:{port}\nkey.converter=json\n")
    process = subprocess.Popen([BINARY, "up", "--data", data, "--registry-port", "0", "--properties", file], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert f"REST http://127.0.0.1:{port}," in process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=20 * PATIENCE)
    file = write("worker.properties", "rest.port=none\ntopic.creation.enable=maybe\n")
    done = expect(run("up", "--data", data, "--rest-port", "0", "--registry-port", "0", "--properties", file), 1)
    assert "rest.port" in done.stderr and "topic.creation.enable" in done.stderr, done.stderr
    expect(run("up", "--properties", "none.properties"), 1, stderr="cannot open none.properties")


def test_up_refuses():
    data = os.path.join(work, "refuses")
    os.makedirs(data)
    t = Tributary(data=data)
    try:
        taken, log = str(t.rest_port), os.path.join(data, "log")
        expect(run("up", "--data", log), 1, stderr=f"in use by process {t.process.pid}")
        other = os.path.join(data, "other")
        expect(run("up", "--data", other, "--rest-port", taken, "--registry-port", "0"), 1,
               stderr=f"--rest-port {taken}.*in use")
        expect(run("up", "--data", other, "--rest-port", "0", "--registry-port", taken), 1,
               stderr=f"--registry-port {taken}.*in use")
        expect(run("up", "--data", "/proc/nothing", "--rest-port", "0", "--registry-port", "0"), 1, stderr="/proc/nothing")
        expect(run("up", "--data", other, "--rest-port", "0", "--registry-port", "0", "none.json"), 1,
               stderr="cannot open none.json")
        bad = write("invalid.json", json.dumps({"connector.class": "Nothing"}))
        expect(run("up", "--data", other, "--rest-port", "0", "--registry-port", "0", bad), 1, stderr="connector invalid: ")
    finally:
        t.close()


def register(t, subject, n):
    schema = {"type": "record", "name": "r", "fields": [{"name": f"f{i}", "type": "int", "default": 0} for i in range(n)]}
    status, answer = t.registry("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema)})
    assert status == 200, answer


def test_topics(t):
    log = ["--data", os.path.join(t.data, "log")]
    expect(run("topics", "create", "a.b", "--partitions=3", "--retention-ms", "3600000", *log), 0)
    expect(run("topics", "create", "a.b", *log), 1, stderr="a.b")
    expect(run("topics", *log), 0, r"a\.b +3 +0 +0 +delete")
    expect(run("topics", "describe", "a.b", *log), 0, r"retention +1 h(.|\n)*partition 2 +offsets 0 to 0")
    expect(run("topics", "create", "c", "--compact", *log), 0)
    expect(run("topics", "compact", "c", *log), 0)
    expect(run("topics", "describe", "c", *log), 0, "cleanup +compact\nretention +unlimited")
    expect(run("topics", "verify", *log), 0, "all sound")
    expect(run("topics", "delete", "c", *log), 0)
    expect(run("topics", "describe", "c", *log), 1, stderr="c")


def test_topics_live(t):
    test_topics(t)
    expect(run("topics", "delete", "_schemas", "--data", os.path.join(t.data, "log")), 1, stderr="memory")
    expect(run("topics", "delete", "a.b", "--data", os.path.join(t.data, "log")), 0)


def test_consume_follows(t):
    """Live, across a restart on other ports, and with nothing running in between."""
    log = ["--data", os.path.join(t.data, "log")]
    register(t, "s", 1)
    before = run("consume", "_schemas", "--from-beginning", "--timeout-ms", "0", *log).stdout.splitlines()
    assert before and all(json.loads(line) is not None for line in before if line != "null"), before
    c = Consumer("_schemas", "--from-beginning", *log)
    late = Consumer("_schemas", "--keys", *log)
    try:
        c.lines(len(before))
        time.sleep(0.3 * PATIENCE)
        register(t, "s", 2)
        began = time.monotonic()
        assert '"version":2' in c.lines(len(before) + 1)[-1]
        assert time.monotonic() - began < 2 * PATIENCE, "the record was not handed on at once"
        key, value = late.lines(1)[0].split("\t")
        assert json.loads(key)["version"] == 2 and json.loads(value)["version"] == 2
        t.stop()
        expect(run("consume", "_schemas", "--offset", str(len(before)), "-n1", *log), 0, '^[^\n]*"version":2[^\n]*\n$')
        t.rest_port, t.registry_port = free_port(), free_port()
        t.start()
        register(t, "s", 3)
        assert '"version":3' in c.lines(len(before) + 2, 20)[-1]
    finally:
        c.close()
        late.close()


def test_consume_ends(t):
    log = ["--data", os.path.join(t.data, "log")]
    register(t, "ends", 1)
    expect(run("consume", "_schemas", "-b", "--max-messages", "1", *log), 0, "^[^\n]*\n$")
    expect(run("consume", "_schemas", "-b", "--max-messages", "1000", "--timeout-ms", "100", *log), 1,
           stderr=r"\d+ of 1000 records came before the time was over")
    expect(run("consume", "_schemas", "--timeout-ms", "100", *log), 0, "^$")
    expect(run("consume", "_schemas", "--offset", "end", "--timeout-ms", "0", *log), 0, "^$")
    expect(run("consume", "_schemas", "-b", "--format=hex", "-n", "1", *log), 0, "^[0-9a-f]+\n$")
    expect(run("consume", "_schemas", "-b", "--format=avro", "-n", "1", *log), 1, stderr="_schemas offset 0: not Avro")
    expect(run("consume", "_schemas", "--partition", "7", *log), 1, stderr="partitions 0 to 0, no 7")
    expect(run("consume", "_schema", "--timeout-ms", "0", *log), 1, stderr="_schema")
    expect(run("consume", "_schema", "--timeout-ms", "200", *log), 0, stderr="no topic _schema yet .did you mean _schemas")
    piped = subprocess.run(f"'{BINARY}' consume _schemas -b -n 1 --data '{log[1]}' | head -c 1", shell=True,
                           capture_output=True, text=True, timeout=20 * PATIENCE, stdin=subprocess.DEVNULL, cwd=work)
    assert piped.stdout == "{" and piped.stderr == "", piped


def test_consume_partitions(t):
    log = ["--data", os.path.join(t.data, "log")]
    expect(run("topics", "create", "several", "-p", "3", *log), 0)
    expect(run("consume", "several", "-b", "--timeout-ms", "200", *log), 0, "^$")
    expect(run("consume", "several", "-b", "--timeout-ms", "0", "--partition", "2", *log), 0, "^$")


def test_consume_waits_for_topic_and_process():
    data = os.path.join(work, "waits")
    os.makedirs(data)
    t = Tributary(data=data)
    c = None
    try:
        log = ["--data", os.path.join(data, "log")]
        t.stop()
        c = Consumer("later", *log)
        time.sleep(0.5 * PATIENCE)
        assert c.process.poll() is None
        t.start()
        expect(run("topics", "create", "later", *log), 0)
        time.sleep(0.5 * PATIENCE)
        assert c.process.poll() is None
    finally:
        if c:
            c.close()
        t.close()


def test_stop_with_a_follower():
    data = os.path.join(work, "second")
    os.makedirs(data)
    t = Tributary(data=data)
    c = Consumer("_schemas", "--data", os.path.join(data, "log"))
    try:
        time.sleep(0.3 * PATIENCE)
        began = time.monotonic()
        assert t.stop() == 0
        assert time.monotonic() - began < 5 * PATIENCE, "a follower holds the server up"
    finally:
        c.close()


# ---- with rows ----

def test_rows(server):
    server.create("cli")
    server.sql("cli", "create table test_table (seq serial primary key, item varchar(20), price int);"
                      "insert into test_table(item, price) values ('apple', 400), ('banana', null)")
    data = os.path.join(work, "rows")
    os.makedirs(data)
    file = write("rows.json", json.dumps({"name": "rows", "config": {
        "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": server.url("cli"),
        "mode": "incrementing", "incrementing.column.name": "seq", "table.whitelist": "test_table", "topic.prefix": "db_",
        "poll.interval.ms": "100", "tasks.max": "1"}}))
    t = Tributary(data=data, args=[file])
    log = ["--data", os.path.join(data, "log")]
    expected = ['{"seq":1,"item":{"string":"apple"},"price":{"int":400}}', '{"seq":2,"item":{"string":"banana"},"price":null}']
    try:
        done = expect(run("consume", "db_test_table", "-b", "-n", "2", "--timeout-ms", "20000", *log), 0)
        assert done.stdout.splitlines() == expected, done.stdout
        expect(run("check", file), 0, "rows: fine")
        t.stop()
        done = expect(run("consume", "db_test_table", "-b", "--timeout-ms=0", "--keys", *log), 0)
        assert done.stdout.splitlines() == ["null\t" + line for line in expected], done.stdout
        expect(run("consume", "db_test_table", "-b", "--format", "hex", "-n1", *log), 0, "^00")
    finally:
        t.close()


def test_rows_of_several_partitions(server):
    data = os.path.join(work, "several")
    os.makedirs(data)
    t, c = Tributary(data=data), None
    log = ["--data", os.path.join(data, "log")]
    try:
        expect(run("topics", "create", "many_test_table", "-p", "3", *log), 0)
        c = Consumer("many_test_table", "-b", "-n", "2", *log)
        t.put_connector("many", {
            "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": server.url("cli"),
            "mode": "incrementing", "incrementing.column.name": "seq", "table.whitelist": "test_table", "topic.prefix": "many_"})
        lines = c.lines(2)
        assert sorted(json.loads(line)["seq"] for line in lines) == [1, 2], lines
        code = c.process.wait(timeout=5 * PATIENCE)
        assert code == 0, (code, c.process.stderr.read())
        done = expect(run("consume", "many_test_table", "-b", "--timeout-ms", "0", *log), 0)
        assert sorted(done.stdout.splitlines()) == sorted(lines), done.stdout
    finally:
        if c:
            c.close()
        t.close()


def test_rows_to_stdout(server):
    file = write("lines.json", json.dumps({"name": "lines", "config": {
        "connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url": server.url("cli"),
        "mode": "incrementing", "incrementing.column.name": "seq", "table.whitelist": "test_table", "topic.prefix": "out_",
        "tasks.max": "1", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "false"}}))
    process = subprocess.Popen([BINARY, "up", "--data", os.path.join(work, "lines"), "--rest-port", "0", "--registry-port", "0",
                                "--sink", "stdout", file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    os.set_blocking(process.stdout.fileno(), False)
    text = b""

    def both():
        nonlocal text
        text += process.stdout.read() or b""
        return text.count(b"\n") >= 2
    try:
        wait_for(both, 20, "two lines on stdout")
        lines = text.decode().splitlines()
        assert '"item":"apple"' in lines[0] and '"item":"banana"' in lines[1], lines
    finally:
        process.terminate()
        code = process.wait(timeout=20 * PATIENCE)
        rest = process.stdout.read()
        process.stdout.close()
    assert code == 0 and not rest, (code, rest)


def main():
    for test in (test_help, test_usage_errors, test_no_log, test_plugins_and_docs, test_check, test_up_starts_and_stops, test_up_by_properties,
                 test_up_refuses, test_consume_waits_for_topic_and_process, test_stop_with_a_follower):
        tally.run(test.__name__, test)
    data = os.path.join(work, "shared")
    os.makedirs(data)
    t = Tributary(data=data)
    for test in (test_topics_live, test_consume_ends, test_consume_partitions, test_consume_follows):
        tally.run(test.__name__, test, t)
    code = t.close()
    tally.ok("clean end") if code == 0 else tally.fail("clean end", f"exit code {code}")
    tally.run("test_topics without a process", test_topics, t)
    rows = (test_rows, test_rows_of_several_partitions, test_rows_to_stdout)
    if not Postgres.available():
        tally.skip("rows of a database", "PostgreSQL is not installed (Debian package postgresql-15)", len(rows))
    else:
        server = Postgres()
        try:
            for test in rows:
                tally.run(test.__name__, test, server)
        finally:
            server.close()
    subprocess.run(["rm", "-rf", work])
    tally.finish()


main()
