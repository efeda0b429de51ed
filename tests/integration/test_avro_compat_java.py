#!/usr/bin/env python3
"""Avro's own judgement of compatibility against ours: the same pairs of schemas through both, what they find compared.

Half of the pairs are a schema and a variation of it, half have nothing to do with each other but share names; made from
a fixed seed (another: the first argument). Avro's library comes by Maven into a cache directory (TRIBUTARY_CACHE, else
~/.cache/tributary); ours runs in the unit tests' test-wire-avro_compat.
"""
import copy
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.dirname(os.path.abspath(os.environ.get("TRIBUTARY", os.path.join(ROOT, "build/release/tributary"))))
TOOL = os.path.join(BUILD, "tests/test-wire-avro_compat")
CACHE = os.environ.get("TRIBUTARY_CACHE", os.path.expanduser("~/.cache/tributary"))
JAVA = os.path.join(ROOT, "tests/java/avro")
VERSION = "1.12.0"
PAIRS = 2000

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
DEFAULTS = {"null": None, "boolean": True, "int": 1, "long": 2, "float": 0.5, "double": 0.25, "bytes": "x", "string": "y"}
NAMES, SPACES, SYMBOLS = ["R", "S", "T", "E", "F"], ["", "n", "m.k"], ["A", "B", "C", "D"]


class Maker:
    """Random schemas; `defined` are the full names that may be referred to."""

    def __init__(self, rng):
        self.rng, self.defined = rng, []

    def schema(self, depth=0, in_union=False):
        kinds = ["primitive"] * 4 + (["record"] * 3 + ["array", "map", "enum", "fixed", "known"] + ["union"] * (2 * (not in_union)) if depth < 4 else [])
        kind = self.rng.choice(kinds) if depth else self.rng.choice(["record"] * 6 + kinds)
        return getattr(self, kind)(depth)

    def primitive(self, depth):
        name = self.rng.choice(PRIMITIVES)
        return {"type": name, "logicalType": "date"} if name == "int" and self.rng.random() < 0.1 else name

    def known(self, depth):
        return self.rng.choice(self.defined) if self.defined else "int"

    def name(self, schema):
        for _ in range(20):
            space, name = self.rng.choice(SPACES), self.rng.choice(NAMES)
            full = f"{space}.{name}" if space else name
            if full not in self.defined:
                break
        else:
            return None
        self.defined.append(full)
        schema.update({"name": name, "namespace": space})
        if self.rng.random() < 0.2:
            schema["aliases"] = [self.rng.choice(["n.R", "S", "m.k.E", ".F", "T"][:4 if self.rng.random() < 0.9 else 5])]
            schema["aliases"] = [a.lstrip(".") for a in schema["aliases"]]
        return schema

    def record(self, depth):
        schema = self.name({"type": "record"})
        if not schema:
            return "string"
        names = self.rng.sample("abcdef", self.rng.randint(0, 4))
        schema["fields"] = [self.field(n, depth) for n in names]
        return schema

    def field(self, name, depth):
        field = {"name": name, "type": self.schema(depth + 1)}
        first = field["type"]
        if isinstance(first, list) and first:
            first = first[0]
        if isinstance(first, str) and first in DEFAULTS and self.rng.random() < 0.4:
            field["default"] = DEFAULTS[first]
        if self.rng.random() < 0.15:
            field["aliases"] = self.rng.sample("abcdefg", self.rng.randint(1, 2))
        return field

    def enum(self, depth):
        schema = self.name({"type": "enum"})
        if not schema:
            return "string"
        schema["symbols"] = self.rng.sample(SYMBOLS, self.rng.randint(1, 4))
        if self.rng.random() < 0.3:
            schema["default"] = self.rng.choice(schema["symbols"])
        return schema

    def fixed(self, depth):
        schema = self.name({"type": "fixed"})
        return {**schema, "size": self.rng.randint(1, 3)} if schema else "bytes"

    def array(self, depth):
        return {"type": "array", "items": self.schema(depth + 1)}

    def map(self, depth):
        return {"type": "map", "values": self.schema(depth + 1)}

    def union(self, depth):
        return [self.schema(depth + 1, True) for _ in range(self.rng.randint(1, 4))]


def nodes(schema):
    """Every object and list inside, with the schema itself."""
    if isinstance(schema, (dict, list)):
        yield schema
        for inner in schema.values() if isinstance(schema, dict) else schema:
            yield from nodes(inner)


def vary(rng, schema):
    """A copy with a few things changed."""
    schema = copy.deepcopy(schema)
    for _ in range(rng.randint(1, 3)):
        node = rng.choice(list(nodes(schema)) or [{}])
        if isinstance(node, list):
            rng.shuffle(node)
            if node and rng.random() < 0.5:
                node.pop()
            continue
        change = rng.choice(["type", "fields", "default", "name", "symbols", "size", "aliases", "items"])
        if change == "type" and isinstance(node.get("type"), str) and node["type"] in PRIMITIVES:
            node["type"] = rng.choice(PRIMITIVES)
            node.pop("default", None)
        elif change == "fields" and isinstance(node.get("fields"), list):
            taken = {f["name"] for f in node["fields"]}
            node["fields"].append(Maker(rng).field(rng.choice([n for n in "abcdefgh" if n not in taken]), 4))
        elif change == "default":
            node.pop("default", None)
        elif change == "name" and "name" in node and rng.random() < 0.5:
            node["name"] = rng.choice(NAMES + list("abc"))
        elif change == "symbols" and "symbols" in node:
            node["symbols"] = rng.sample(SYMBOLS, rng.randint(1, 4))
            node.pop("default", None)
        elif change == "size" and "size" in node:
            node["size"] = rng.randint(1, 3)
        elif change == "aliases" and "name" in node:
            node["aliases"] = [rng.choice(["a", "b", "R", "S", "E"])]
        elif change == "items" and "items" in node:
            node["items"] = rng.choice(PRIMITIVES)
    return schema


def pairs(seed):
    rng = random.Random(seed)
    for i in range(PAIRS):
        one = Maker(rng).schema()
        other = vary(rng, one) if i % 2 else Maker(rng).schema()
        for reader, writer in ((one, other), (other, one)):
            yield json.dumps(reader) + "\t" + json.dumps(writer)


def skip(reason):
    print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
    sys.exit(0)


def fetch_classes():
    target = os.path.join(CACHE, f"avro-reference-{VERSION}")
    if not glob.glob(os.path.join(target, "avro-*.jar")):
        if not shutil.which("mvn"):
            skip("no mvn here to fetch Avro's library with")
        os.makedirs(CACHE, exist_ok=True)
        staging = tempfile.mkdtemp(prefix="fetch-", dir=CACHE)
        done = subprocess.run(["mvn", "-q", "-B", "-f", os.path.join(JAVA, "pom.xml"), "dependency:copy-dependencies",
                               f"-DoutputDirectory={staging}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode:
            shutil.rmtree(staging)
            skip("Maven cannot fetch Avro's library: " + " ".join(done.stdout.split())[:300])
        try:
            os.rename(staging, target)
        except OSError:  # somebody else has fetched it meanwhile
            shutil.rmtree(staging)
    return os.path.join(target, "*")


def answers(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.split("\n")[:-1]


def main():
    if not shutil.which("java"):
        skip("no java here to run Avro's library with")
    if not os.path.exists(TOOL):
        skip(f"{os.path.relpath(TOOL, ROOT)} is not built")
    lines = list(pairs(int(sys.argv[1]) if len(sys.argv) > 1 else 4))
    text = "".join(line + "\n" for line in lines)
    ours = answers([TOOL, "tool"], text)
    java = answers(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", fetch_classes(), os.path.join(JAVA, "AvroCompat.java")], text)
    passed = failed = newer = 0
    kinds = {"compatible": 0, "incompatible": 0, "not judged": 0, "not parsed": 0}
    for line, theirs, own in zip(lines, java, ours, strict=True):
        kinds[{"!": "not judged", "?": "not parsed", "": "compatible"}.get(theirs, "incompatible")] += 1
        if own == "?" != theirs:  # Avro 1.12 takes names that are defined further on, or twice; earlier releases do not
            newer += 1
            continue
        passed += theirs == own
        failed += theirs != own
        if theirs != own and failed <= 20:
            print(f"reader and writer {line}\n  Avro: {theirs}\n  ours: {own}")
    print(", ".join(f"{n} {kind}" for kind, n in kinds.items()) + f"; {newer} more only by Avro 1.12's parser")
    if newer > len(lines) // 100:
        print(f"{newer} pairs could not be parsed here")
        failed += 1
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


main()
