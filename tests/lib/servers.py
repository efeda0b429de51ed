"""What integration tests share: free ports, a throw-away PostgreSQL, a running tributary, a tally.

Everything binds to loopback, lives in a directory of its own, and is ended by the pid it was started with.
"""
import base64
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BINARY = os.path.abspath(os.environ.get("TRIBUTARY", os.path.join(ROOT, "build/release/tributary")))
# The sanitizers make everything slower; waits are multiplied by this.
PATIENCE = float(os.environ.get("PATIENCE", "1"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, seconds, what, interval=0.01):
    """The first true result of condition(), or TimeoutError."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds * PATIENCE:.0f} s for {what}")
        time.sleep(interval)


def temp_dir(prefix="tributary-"):
    """A directory that a server running as another user may enter."""
    d = tempfile.mkdtemp(prefix=prefix)
    os.chmod(d, 0o755)
    return d


class Postgres:
    """A PostgreSQL of our own. `url(db)` is its JDBC URL."""

    name = "PostgreSQL"

    @staticmethod
    def available():
        return any(os.path.exists(f"/usr/lib/postgresql/{v}/bin/initdb")
                   for v in (os.listdir("/usr/lib/postgresql") if os.path.isdir("/usr/lib/postgresql") else []))

    def __init__(self):
        self.dir = temp_dir("tributary-pg-")
        self.port = free_port()
        self.start()

    def _script(self, *args):
        # Not through pipes: the server would inherit and hold them.
        with tempfile.TemporaryFile() as out:
            done = subprocess.run([os.path.join(HERE, "postgres.sh"), *args], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                out.seek(0)
                raise RuntimeError(f"postgres.sh {args[0]}: {out.read().decode()}")

    def start(self):
        self._script("start", self.dir, str(self.port))

    def kill(self):
        self._script("kill", self.dir)

    def close(self):
        try:
            self._script("stop", self.dir)
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)

    def sql(self, db, text, *options):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
                               "-U", "postgres", "-d", db, *options], input=text, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def create(self, db):
        self.sql("postgres", f'drop database if exists "{db}";\ncreate database "{db}";')

    def url(self, db):
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{db}?user=postgres&password=postgres"


class MariaDB:
    """A MariaDB of our own; it also stands in for MySQL where there is none. `url(db)` is its JDBC URL."""

    name = "MariaDB"

    @staticmethod
    def available():
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        return all(shutil.which(program, path=path) for program in ("mariadbd", "mariadb", "mariadb-install-db"))

    def __init__(self):
        self.dir = temp_dir("tributary-maria-")
        self.port = free_port()
        self._script("start", self.dir, str(self.port))

    def _script(self, *args):
        with tempfile.TemporaryFile() as out:
            done = subprocess.run([os.path.join(HERE, "mariadb.sh"), *args], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                out.seek(0)
                raise RuntimeError(f"mariadb.sh {args[0]}: {out.read().decode()}")

    def close(self):
        try:
            self._script("stop", self.dir)
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)

    def sql(self, db, text):
        done = subprocess.run(["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.port}", "-ucdc", "-pcdc", "-NB", "-D", db],
                              input=text, text=True, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"mariadb: {done.stderr.strip()}")
        return done.stdout.strip()

    def create(self, db):
        self.sql("mysql", f"drop database if exists `{db}`; create database `{db}`;")

    def url(self, db):
        return f"jdbc:mysql://127.0.0.1:{self.port}/{db}?user=cdc&password=cdc"


class SQLite:
    """A directory of SQLite files; a database is a file's name, whatever folder stands in front of it."""

    name = "SQLite"

    @staticmethod
    def available():
        return True

    def __init__(self):
        self.dir = temp_dir("tributary-sqlite-")

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, db):
        return os.path.join(self.dir, os.path.basename(db))

    def create(self, db):
        for suffix in ("", "-wal", "-shm", "-journal"):
            if os.path.exists(self.path(db) + suffix):
                os.remove(self.path(db) + suffix)

    def sql(self, db, text):
        connection = sqlite3.connect(self.path(db))
        try:
            connection.executescript(text)
        finally:
            connection.close()

    def url(self, db):
        return f"jdbc:sqlite:{self.path(db)}"


class Tributary:
    """A `tributary up` of our own."""

    def __init__(self, data=None, args=(), env=None):
        self.data = data or temp_dir()
        self.owns_data = data is None
        self.log_path = os.path.join(self.data, "up.log")
        self.rest_port, self.registry_port = free_port(), free_port()
        self.args, self.env = list(args), {**os.environ, **(env or {})}
        self.process = None
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "up", "--data", os.path.join(self.data, "log"), "--rest-port", str(self.rest_port), "--registry-port",
                 str(self.registry_port), *self.args], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        wait_for(self.answers, 20, "the REST API to answer")

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"tributary ended with status {self.process.returncode}:\n{self.log()[-3000:]}")
        try:
            return self.rest("GET", "/")[0] == 200
        except OSError:
            return False

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30 * PATIENCE)
        return self.process.returncode

    def close(self):
        try:
            code = self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
            code = "not stopped by SIGTERM"
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)
        return code

    def rest(self, method, path, body=None, port=None):
        """(status, parsed body) of a REST call."""
        request = urllib.request.Request(f"http://127.0.0.1:{port or self.rest_port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30 * PATIENCE) as answer:
                text, status = answer.read(), answer.status
        except urllib.error.HTTPError as e:
            text, status = e.read(), e.code
        return status, json.loads(text) if text else None

    def registry(self, method, path, body=None):
        return self.rest(method, path, body, self.registry_port)

    def put_connector(self, name, config):
        status, answer = self.rest("PUT", f"/connectors/{name}/config", config)
        if status not in (200, 201):
            raise RuntimeError(f"connector {name} was refused ({status}): {answer}")
        return answer

    def status(self, name):
        return self.rest("GET", f"/connectors/{name}/status")[1]

    def topics(self):
        """Names of the topics that hold records of connectors."""
        return [t["name"] for t in self.rest("GET", "/topics")[1] if not t["name"].startswith(("connect-", "_schemas"))]

    def records(self, topic, offset=0):
        """Every record of a topic's partition 0: {"offset", "timestamp", "key", "value", "headers"}, bytes or None."""
        out = []
        while True:
            status, page = self.rest("GET", f"/topics/{topic}/partitions/0/records?offset={offset}&limit=1000")
            if status == 404:
                return out
            if status != 200:
                raise RuntimeError(f"reading {topic}: {status} {page}")
            for r in page["records"]:
                decode = lambda s: None if s is None else base64.b64decode(s)
                out.append({**r, "key": decode(r["key"]), "value": decode(r["value"])})
                offset = r["offset"] + 1
            if not page["records"]:
                return out


class Tally:
    """Counts what passed; the last line printed is what the runners read."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def ok(self, name):
        with self.lock:
            self.passed += 1
        print(f"ok      {name}", flush=True)

    def fail(self, name, why):
        with self.lock:
            self.failed += 1
        print(f"FAILED  {name}\n        " + str(why).replace("\n", "\n        "), flush=True)

    def skip(self, name, why, count=1):
        self.skipped += count
        print(f"skipped {name}: {why}", flush=True)

    def run(self, name, function, *args):
        try:
            function(*args)
            self.ok(name)
        except Exception as e:  # noqa: BLE001 - any failure of a test is a failure of that test only
            self.fail(name, f"{type(e).__name__}: {e}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        sys.exit(1 if self.failed else 0)
