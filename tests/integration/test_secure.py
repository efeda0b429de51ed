#!/usr/bin/env python3
"""HTTPS and passwords of both servers, as curl and Python see them, and the commands that find their way in all the same."""
import base64
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
from servers import BINARY, PATIENCE, Tally, Tributary, temp_dir  # noqa: E402

work = temp_dir("tributary-secure-")
tally = Tally()
PEM, USERS, PROPERTIES = (os.path.join(work, name) for name in ("server.pem", "users", "worker.properties"))


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


def make_certificate():
    key, certificate = os.path.join(work, "key"), os.path.join(work, "certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", certificate, "-days", "2", "-nodes",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    with open(key) as k, open(certificate) as c:
        write(PEM, k.read() + c.read())


class Secured(Tributary):
    def __init__(self, scheme):
        self.scheme = scheme
        try:
            super().__init__(args=["--properties", PROPERTIES])
        except Exception:
            self.close()
            raise

    def ask(self, method, path, port=None, user="ann:s3cret"):
        request = urllib.request.Request(f"{self.scheme}://127.0.0.1:{port or self.rest_port}{path}", method=method)
        if user:
            request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
        context = ssl.create_default_context(cafile=PEM) if self.scheme == "https" else None
        try:
            with urllib.request.urlopen(request, timeout=30 * PATIENCE, context=context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()
        except urllib.error.URLError as e:
            raise OSError(e)

    def rest(self, method, path, body=None, port=None):
        return self.ask(method, path, port)


def command(*words):
    return subprocess.run([BINARY, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60 * PATIENCE)


def up_fails(properties, pattern):
    done = command("up", "--data", os.path.join(work, "never"), "--rest-port", "0", "--registry-port", "0", "--properties",
                   write(os.path.join(work, "bad.properties"), properties))
    assert done.returncode, done.stdout
    assert re.search(pattern, done.stderr), done.stderr


def both_servers_ask_for_a_password(server):
    for port, path in ((server.rest_port, "/connectors"), (server.rest_port, "/topics"), (server.registry_port, "/subjects")):
        assert server.ask("GET", path, port)[0] == 200, path
        for user in (None, "ann:wrong", "bob:s3cret", "ann"):
            assert server.ask("GET", path, port, user)[0] == 401, (path, user)


def commands_find_their_way_in(server):
    data = os.path.join(server.data, "log")
    assert command("topics", "create", "notes", "--data", data).returncode == 0
    done = command("topics", "--data", data)
    assert done.returncode == 0 and "notes" in done.stdout, done.stdout + done.stderr
    done = command("consume", "notes", "--from-beginning", "--max-messages", "0", "--data", data)
    assert "401" not in done.stderr, done.stderr
    run_file = os.path.join(data, "tributary.run")
    assert stat.S_IMODE(os.stat(run_file).st_mode) == 0o600
    with open(run_file) as f:
        password = re.search(r"http://local:([0-9a-f]{32})@127\.0\.0\.1:", f.read()).group(1)
    assert password not in server.log()
    assert server.ask("GET", "/connectors", user=f"local:{password}")[0] == 401  # that one is for the second door alone


def plain_http_is_not_answered(server):
    for port in (server.rest_port, server.registry_port):
        with socket.create_connection(("127.0.0.1", port), timeout=30 * PATIENCE) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            try:
                answer = s.recv(4096)
            except ConnectionError:
                answer = b""
        assert not answer.startswith(b"HTTP/"), answer


def no_secret_is_shown(server):
    assert "s3cret" not in server.log()
    assert "s3cret" not in command("docs", "worker").stdout


def with_passwords_alone():
    write(PROPERTIES, f"rest.basic.auth.file={USERS}\n")
    server = Secured("http")
    try:
        tally.run("passwords: both servers ask for one", both_servers_ask_for_a_password, server)
        tally.run("passwords: commands find their way in", commands_find_their_way_in, server)
    finally:
        server.close()


def with_https():
    write(PROPERTIES, f"listeners=https://127.0.0.1:0\nssl.keystore.location={PEM}\nssl.keystore.type=PEM\n"
                      f"rest.basic.auth.file={USERS}\n")
    server = Secured("https")
    try:
        tally.run("https: both servers ask for a password", both_servers_ask_for_a_password, server)
        tally.run("https: plain HTTP is not answered", plain_http_is_not_answered, server)
        tally.run("https: commands find their way in", commands_find_their_way_in, server)
        tally.run("https: no secret is shown", no_secret_is_shown, server)
    finally:
        server.close()


def what_cannot_be_is_told():
    up_fails("listeners=https://127.0.0.1:0\n", "needs ssl.keystore.location")
    up_fails(f"listeners=https://127.0.0.1:0\nssl.keystore.location={PEM}\nssl.keystore.type=JKS\n", "only PEM files are read")
    up_fails("listeners=https://127.0.0.1:0\nssl.keystore.location=/nowhere.pem\n", "/nowhere.pem")
    up_fails("listeners=https://127.0.0.1:0\nssl.client.auth=required\n", "client certificates are not asked for")
    up_fails("rest.basic.auth.file=/nowhere\n", "rest.basic.auth.file.*nowhere")
    up_fails(f"rest.basic.auth.file={write(os.path.join(work, 'nobody'), '')}\n", "there is no user")


def main():
    write(USERS, "# who may enter\nann=s3cret\n")
    tally.run("what cannot be is told", what_cannot_be_is_told)
    with_passwords_alone()
    if shutil.which("openssl"):
        make_certificate()
        with_https()
    else:
        tally.skip("https", "openssl is not installed", 4)
    shutil.rmtree(work, ignore_errors=True)
    tally.finish()


main()
