#!/usr/bin/env python3
"""What a compiler does not check: room borders (ROOMS), layout (clang-format), lengths, banned functions, texts.

Prints every finding as FILE:LINE: what; the last line is `N passed, N failed, N skipped` (checks, not findings).
"""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.chdir(ROOT)
FUNCTION_LINES, FILE_LINES = 120, 1000  # beyond these a reader is lost; most are far below
BANNED = {"strcpy": "memcpy with a checked length", "strcat": "struct buf", "sprintf": "snprintf or buf_printf",
          "vsprintf": "buf_vprintf", "gets": "read", "strtok": "str_split", "atoi": "str_to_int64", "atol": "str_to_int64",
          "atof": "str_to_double", "strncpy": "memcpy", "asprintf": "mem_printf", "alloca": "an arena"}


def sources():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "src"], capture_output=True, text=True, check=True).stdout.split()
    return [f for f in sorted(set(listed)) if f.endswith((".c", ".h")) and os.path.exists(f)]


def rooms():
    """{room: rooms it may include, itself and the transitive ones included}; 'sources/*' is the pattern as written."""
    direct = {}
    with open("ROOMS") as f:
        for line in f:
            match = re.match(r"^([a-z/*]+): *([^|]*)", line)
            if match:
                direct[match.group(1)] = match.group(2).split()
    def reach(room, seen):
        for other in direct[room]:
            if other not in direct:
                sys.exit(f"ROOMS: room {room} names {other}, which is not a room")
            if other not in seen:
                seen.add(other)
                reach(other, seen)
        return seen
    return {room: reach(room, {room}) for room in direct}


def room_of(path, known):
    """'src/sources/query/plan.c' -> ('sources/*', 'sources/query')"""
    parts = path.split("/")[1:] if path.startswith("src/") else path.split("/")
    pattern = parts[0] + "/*"
    if pattern in known:
        return pattern, "/".join(parts[:2])
    return parts[0], parts[0]


def check_rooms(files):
    known = rooms()
    for path in files:
        room, own = room_of(path, known)
        if room not in known:
            yield path, 1, f"stands in no room of ROOMS ({room})"
            continue
        is_test = "/test/" in path or "/fuzz/" in path
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            other, other_own = room_of(match.group(1), known)
            if "/" not in match.group(1):
                yield path, number, f'include "{match.group(1)}" by its path from src/'
            elif other_own == own:
                continue
            elif other.endswith("/*") or other not in known[room] and not (is_test and other == "api"):
                yield path, number, f"room {own} may not know {other_own} (ROOMS)"


def check_layout(files):
    out = subprocess.run(["clang-format", "--dry-run", "--Werror", *files], capture_output=True, text=True)
    for line in out.stderr.splitlines():
        match = re.match(r"^(.*?):(\d+):\d+: error: (.*)$", line)
        if match:
            yield os.path.relpath(match.group(1)), int(match.group(2)), "layout: run ./dev format"


def check_lengths(files):
    for path in files:
        lines = open(path, encoding="utf-8").read().split("\n")
        if len(lines) > FILE_LINES:
            yield path, 1, f"{len(lines)} lines; split it by idea ({FILE_LINES} at most)"
        start = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start > FUNCTION_LINES:
                    yield path, start, f"a function of {number - start} lines ({FUNCTION_LINES} at most)"
                start = None


def check_banned(files):
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in files:
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            match = pattern.search(re.sub(r'"(\\.|[^"\\])*"|//.*|/\*.*', "", line))
            if match and not line.lstrip().startswith("*"):
                yield path, number, f"{match.group(1)} is banned; use {BANNED[match.group(1)]}"


def check_texts(files):
    for path in files:
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                yield path, number, "unfinished work belongs in an issue"
            if re.search(r"/(home|root|work|tmp)/[a-z]", line) and "/test/" not in path and "/tmp/" not in line:
                yield path, number, "a path of some machine"


def check_guards(files):
    for path in files:
        if path.endswith(".h"):
            guard = re.sub(r"[/.]", "_", path[len("src/"):]).upper()
            if f"#ifndef {guard}\n#define {guard}\n" not in open(path, encoding="utf-8").read():
                yield path, 1, f"include guard {guard} expected"


failed = passed = 0
files = sources()
for check in (check_rooms, check_layout, check_lengths, check_banned, check_texts, check_guards):
    findings = list(check(files))
    for path, number, text in findings:
        print(f"{path}:{number}: {text}")
    passed, failed = passed + (not findings), failed + bool(findings)
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(1 if failed else 0)
