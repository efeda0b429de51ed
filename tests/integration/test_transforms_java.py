#!/usr/bin/env python3
"""Kafka Connect's own transforms and predicates against ours: the same records through both, the results compared.

The real classes come by Maven into a cache directory (TRIBUTARY_CACHE, else ~/.cache/tributary) and run in
tests/java/TransformReference.java; ours run in the unit tests' test-transforms-apply_tool. Ends with a tally.
"""
import base64
import copy
import decimal
import glob
import json
import os
import shutil
import struct as struct_format
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.dirname(os.path.abspath(os.environ.get("TRIBUTARY", os.path.join(ROOT, "build/release/tributary"))))
TOOL = os.environ.get("APPLY_TOOL", os.path.join(BUILD, "tests/test-transforms-apply_tool"))
CACHE = os.environ.get("TRIBUTARY_CACHE", os.path.expanduser("~/.cache/tributary"))

CONNECT = "org.apache.kafka.connect.data."


# --- schemas and data ---------------------------------------------------------------------------------------------
def s(type_, optional=False, **more):
    return {"type": type_, "optional": optional, **more}


def logical(name, optional=False, **more):
    base = {"Date": "int32", "Time": "int32", "Timestamp": "int64", "Decimal": "bytes"}[name]
    return s(base, optional, name=CONNECT + name, version=1, **more)


def decimal_schema(scale, optional=False, **more):
    return logical("Decimal", optional, parameters={"scale": str(scale)}, **more)


def struct(fields, optional=False, **more):
    return s("struct", optional, fields=[{**schema, "field": name} for name, schema in fields.items()], **more)


def b64(data):
    return base64.b64encode(data).decode()


def dec(unscaled):
    return b64(unscaled.to_bytes((unscaled if unscaled >= 0 else ~unscaled).bit_length() // 8 + 1, "big", signed=True))


def data(schema, payload):
    return {"schema": schema, "payload": payload}


def loose(payload):
    return data(None, payload)


ROW = {
    "i8": s("int8"), "i16": s("int16"), "i32": s("int32"), "i64": s("int64"), "f32": s("float"), "f64": s("double"),
    "b": s("boolean"), "s": s("string"), "by": s("bytes"), "dec": decimal_schema(2), "date": logical("Date"),
    "time": logical("Time"), "ts": logical("Timestamp"), "arr": s("array", items=s("int32")),
    "map": s("map", keys=s("string"), values=s("int32")),
    "inner": struct({"x": s("int32"), "y": s("string", True)}),
}
FULL = {
    "i8": -7, "i16": 300, "i32": 70000, "i64": 1580650272065, "f32": 1.5, "f64": -2.75, "b": True, "s": "42",
    "by": b64(b"\x00\xff\x10"), "dec": dec(-12345), "date": 18294, "time": 49890123, "ts": 1580650272065, "arr": [1, 2],
    "map": {"k": 1}, "inner": {"x": 5, "y": None},
}
DEFAULTS = {
    "i8": 1, "i16": 2, "i32": 3, "i64": 4, "f32": 0.5, "f64": 0.25, "b": True, "s": "17", "by": b64(b"dd"),
    "dec": dec(150), "date": 1, "time": 1000, "ts": 86400000, "arr": [9], "map": {"d": 8}, "inner": {"x": 6, "y": "z"},
}


def options(optional=True, defaults=False):
    return {name: {**schema, "optional": optional, **({"default": DEFAULTS[name]} if defaults else {})}
            for name, schema in ROW.items()}


FLAT = {name: schema for name, schema in ROW.items() if name not in ("map", "inner")}
DEEP = {
    "id": s("int32"),
    "a": struct({"x": s("int32"), "b": struct({"y": s("string"), "z": s("int64", True)}), "n": s("int8", True)}),
    "o": struct({"x": s("int32"), "d": s("string", default="dflt"), "in": struct({"q": s("boolean")})}, True),
    "f": struct({"x": s("int32"), "w": s("string", True)}),
    "arr": s("array", items=struct({"e": s("int8")})),
    "ts": logical("Timestamp", True, doc="when", parameters={"p": "q"}),
}
DEEP_FULL = {"id": 1, "a": {"x": 2, "b": {"y": "yy", "z": None}, "n": 3},
             "o": {"x": 4, "d": "dd", "in": {"q": True}}, "f": {"x": 5, "w": None}, "arr": [{"e": 6}], "ts": 7}

NAMED = dict(name="com.example.Row", version=3, doc="a row", parameters={"k": "v", "l": "w"})
LOOSE_MAP = {"i": 7, "s": "42", "f": 1.25, "b": False, "n": None, "list": [1, "x"], "ts": 1580650272065,
             "m": {"x": 1, "m": {"y": "z", "e": {}}}, "text": "2020-02-02 13:31:12", "neg": -129.9}


def without(row, *names):
    return {k: v for k, v in row.items() if k not in names}


def values():
    """Everything that the transforms get as key and value, by name."""
    nulls = {name: None for name in ROW}
    yield "full row", data(struct(ROW), FULL)
    yield "full row, named", data(struct(ROW, **NAMED), FULL)
    yield "optional row of nulls", data(struct(options(), True, **NAMED), nulls)
    yield "optional row, full", data(struct(options(), True), FULL)
    plain, full = options(True, True), without(FULL, "inner")
    del plain["inner"]
    yield "defaults, nulls", data(struct(plain), without(nulls, "inner"))
    yield "defaults, full", data(struct(plain), full)
    yield "required with defaults", data(struct({k: {**v, "optional": False} for k, v in plain.items()}), full)
    yield "flat row", data(struct(FLAT, **NAMED), {k: FULL[k] for k in FLAT})
    yield "flat optional nulls", data(struct({k: v for k, v in options().items() if k in FLAT}), {k: None for k in FLAT})
    yield "deep row", data(struct(DEEP, **NAMED), DEEP_FULL)
    yield "deep row, nulls", data(struct(DEEP), {**DEEP_FULL, "o": None, "ts": None})
    yield "deep optional row", data(struct(DEEP, True), DEEP_FULL)
    yield "deep row with a default inside", data(
        struct({**DEEP, "f": {**DEEP["f"], "default": {"x": 11, "w": "ww"}}}), DEEP_FULL)
    yield "deep default", data(struct({"id": s("int32"), "t": struct({"u": struct({"v": s("int32")})}, True,
                                                                  default={"u": {"v": 3}})}), {"id": 1, "t": None})
    yield "struct with a default", data(struct({"ts": s("int64"), "s": s("string")}, True,
                                               default={"ts": 5, "s": "6"}), {"ts": 1580650272065, "s": "8"})
    yield "row null", data(struct(ROW, True, **NAMED), None)
    yield "empty struct", data(struct({}), {})
    yield "tombstone", None
    yield "loose map", loose(LOOSE_MAP)
    yield "loose empty map", loose({})
    for v in (5, "text", "17", True, 2.5, [1, 2], 1580650272065, "2020-02-02 13:31:12"):
        yield f"loose {json.dumps(v)}", loose(v)
    for name, schema in ROW.items():
        yield f"bare {name}", data({**schema, "doc": "d", "parameters": {**schema.get("parameters", {}), "p": "q"}}, FULL[name])
        yield f"bare optional {name} null", data({**schema, "optional": True}, None)
        yield f"bare {name} with default", data({**schema, "optional": True, "default": DEFAULTS[name]}, None)
    yield "bare named int", data(s("int32", name="my.Int", version=2), 5)
    for text in ("true", "TRUE", "+5", "-0", "128", "-32769", "2147483648", "9223372036854775807", "9223372036854775808", "",
                 " 5", "1.5", "1e3", "NaN", "-Infinity", " 0x1.8p1 ", "1f", "1e400", "0x10", "1__0"):
        yield f"bare string {text!r}", data(s("string"), text)
    for number in (0.0, -0.5, 0.999, 127.5, 128.0, -129.9, 3e9, -3e19, 1e300, 5e-324, 1.0E10, 123456.789):
        yield f"bare double {number}", data(s("double"), number)
    for number in (0.5, 300.25, 3.0e38, 1.0E-5):
        yield f"bare float {number}", data(s("float"), number)
    for number in (0, 255, 65536, 4294967297, -2**63, 2**63 - 1):
        yield f"bare long {number}", data(s("int64"), number)
    for scale, unscaled in ((0, 5), (2, 150), (5, -1), (-3, 7), (10, 10**30), (2, 2**70), (0, 256), (3, -999), (40, 1)):
        yield f"bare decimal {unscaled} scale {scale}", data(decimal_schema(scale), dec(unscaled))
    for ms in (0, 86399999, 86400000, 172800000, -1, -86400000, 253402300799999, 951782400000):
        yield f"bare timestamp {ms}", data(logical("Timestamp"), ms)
    for days in (0, 1, -1, 2932896):
        yield f"bare date {days}", data(logical("Date"), days)


VALUES = dict(values())


# --- the transforms' settings ---------------------------------------------------------------------------------------
def cases():
    """(class, settings): with all VALUES as value; the $Key forms get them as key."""
    keep = {"replace.null.with.default": "false"}
    for config in ({"exclude": "i8,s"}, {"include": "i8,s,ts"}, {"include": "i8,s", "exclude": "s"}, {"renames": "i8:eight,s:i16x"},
                   {"renames": "s:i8,i8:s"}, {"renames": "i8:i16"}, {"blacklist": "i8"}, {"whitelist": "i8,i"}, {},
                   {"include": "nothing"}, {"exclude": "i", "renames": "s:t,m:mm"}, {"renames": "bad"}, {"renames": "a:b:c"},
                   {"renames": "i8:"}, {"renames": " i8 : x "}, {"renames": "i8:a,i8:b"}, {**keep, "exclude": "b"}):
        yield "ReplaceField$Value", config
    yield "ReplaceField$Key", {"include": "i8,i"}
    for config in ({"topic.field": "topic"}, {"topic.field": "topic!"}, {"partition.field": "p?"}, {"partition.field": "p!"},
                   {"timestamp.field": "when"}, {"timestamp.field": "when!"}, {"offset.field": "o"},
                   {"static.field": "st", "static.value": "v w"}, {"static.field": "st!", "static.value": "v"},
                   {"topic.field": "a", "partition.field": "b", "timestamp.field": "c", "static.field": "d", "static.value": "e"},
                   {"topic.field": "s"}, {}, {"static.field": "x"}, {"static.value": "x"}, {**keep, "topic.field": "topic"}):
        yield "InsertField$Value", config
    yield "InsertField$Key", {"topic.field": "topic", "timestamp.field": "t"}
    for field in (*ROW, "i", "f", "n", "list", "m", "absent", "x"):
        yield "MaskField$Value", {"fields": field}
        yield "MaskField$Value", {"fields": field, "replacement": "123"}
    for config in ({"fields": "i8,i16,i32,i64,f32,f64", "replacement": "1000.75"}, {"fields": "i8,i64", "replacement": "1e30"},
                   {"fields": "i64", "replacement": "99999999999999999999"}, {"fields": "f32,f64", "replacement": "1e39"},
                   {"fields": "i8", "replacement": "abc"}, {"fields": "s", "replacement": "***"}, {"fields": "i32", "replacement": " 5 "},
                   {"fields": ""}, {}, {"fields": "s", "replacement": ""}, {"fields": "dec", "replacement": "1.25"},
                   {"fields": "dec", "replacement": "7"}, {**keep, "fields": "s"}, {"fields": "i64", "replacement": "-.5e1"},
                   {"fields": "i64", "replacement": "1e-3"}, {"fields": "i64", "replacement": "1e"}, {"fields": "i64", "replacement": "0x1"}):
        yield "MaskField$Value", config
    yield "MaskField$Key", {"fields": "s,i"}
    for to in ("int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string"):
        yield "Cast$Value", {"spec": to}
        for field in (*ROW, "i", "f", "n", "list", "neg"):
            yield "Cast$Value", {"spec": f"{field}:{to}"}
    for config in ({"spec": "i8:string,s:int32,ts:string,date:string,time:string"}, {"spec": "i:STRING, s : Int64"}, {"spec": ""}, {},
                   {"spec": "int8,int16"}, {"spec": "a:int8,int16"}, {"spec": "bytes"}, {"spec": "a:bytes"}, {"spec": "a:b:c"},
                   {"spec": "a:nothing"}, {"spec": "i8:"}, {"spec": "i8:int8,i8:string"}, {**keep, "spec": "i8:string"}, {"spec": "absent:int8"}):
        yield "Cast$Value", config
    yield "Cast$Key", {"spec": "string"}
    yield "Cast$Key", {"spec": "i8:string,i:string"}
    form = "yyyy-MM-dd HH:mm:ss"
    for target in ("string", "unix", "Date", "Time", "Timestamp"):
        yield "TimestampConverter$Value", {"target.type": target, "format": form}
        for field in ("i64", "ts", "date", "time", "s", "text", "i32", "absent", "n", "dec", "i"):
            yield "TimestampConverter$Value", {"target.type": target, "format": form, "field": field}
        for precision in ("seconds", "microseconds", "nanoseconds", "milliseconds"):
            yield "TimestampConverter$Value", {"target.type": target, "format": form, "unix.precision": precision}
            yield "TimestampConverter$Value", {"target.type": target, "format": form, "field": "ts", "unix.precision": precision}
        yield "TimestampConverter$Value", {"target.type": target}
        yield "TimestampConverter$Value", {"target.type": target, "field": "ts", "format": form, **keep}
    yield "TimestampConverter$Key", {"target.type": "string", "format": form, "field": "ts"}
    for config in ({}, {"target.type": "date"}, {"target.type": "unix", "unix.precision": "days"}, {"target.type": "string", "format": " "},
                   {"target.type": "string", "format": "yyyy-bb"}, {"target.type": "string", "format": "'open"}):
        yield "TimestampConverter$Value", config
    for config in ({"field": "f"}, {"field": "a b"}, {}):
        yield "HoistField$Value", config
        yield "HoistField$Key", config
    for config in ({"schema.name": "a.B"}, {"schema.version": "7"}, {"schema.name": "a.B", "schema.version": "-2"}, {}, {"schema.version": "x"},
                   {"schema.name": "n", **keep}, {"schema.version": "2147483648"}):
        yield "SetSchemaMetadata$Value", config
    yield "SetSchemaMetadata$Key", {"schema.name": "a.B"}
    for config in ({}, {"delimiter": "_"}, {"delimiter": ""}, {"delimiter": "::"}):
        yield "Flatten$Value", config
    yield "Flatten$Key", {}
    yield "Filter", {}
    for config in ({"headers": "h1"}, {"headers": "h1,h2"}, {"headers": "none"}, {"headers": ""}, {}):
        yield "DropHeaders", config
    for operation in ("move", "copy"):
        for fields, headers in (("i8", "a"), ("i8,s", "a,b"), ("i8,i8", "a,b"), ("absent", "a"), ("i,n,m", "a,b,c"), ("inner,ts,dec", "x,y,z"),
                                ("a", "a,b"), ("", "")):
            yield "HeaderFrom$Value", {"fields": fields, "headers": headers, "operation": operation}
        yield "HeaderFrom$Value", {"fields": "s", "headers": "a", "operation": operation, **keep}
        yield "HeaderFrom$Key", {"fields": "s", "headers": "a", "operation": operation}
    yield "HeaderFrom$Value", {"fields": "s", "headers": "a", "operation": "Move"}
    yield "HeaderFrom$Value", {"fields": "s", "headers": "a"}


def record(value, key=None, **more):
    return {"topic": "shop.public.orders", "partition": None, "timestamp": 1580650272065, "key": key, "value": value, "headers": [], **more}


def fresh(value):
    return copy.deepcopy(value)


def lines():
    """(what it is, the line for both programs, a name for each of its records)."""
    for name, config in cases():
        records = [record(None, fresh(v)) if name.endswith("$Key") else record(fresh(v)) for v in VALUES.values()]
        names = list(VALUES)
        for title, more in (("partition 3", {"partition": 3}), ("no timestamp", {"timestamp": None})):
            records.append(record(VALUES["flat row"], VALUES["loose map"], **more))
            names.append(title)
        headers = [{"key": k, **data(s("string"), k)} for k in ("h1", "h2", "h1", "h3")] + [{"key": "h2", **loose(None)}]
        records.append(record(VALUES["flat row"], headers=headers))
        names.append("with headers")
        yield f"{name} {json.dumps(config)}", {"class": name, "config": config, "records": records}, names
    yield from routers()
    yield from literals()
    yield from dates()
    yield from predicates()


TOPICS = ["shop.public.orders", "orders", "a", "a-b", "a-b-c", "", "x.y", "ünï.public.t", "ORDERS", "orders\n", "$1"]


def routers():
    for regex, replacement in ((".*", "all"), ("shop\\.public\\.(.*)", "$1"), ("(?<db>[^.]+)\\..*", "${db}-x"), ("(.*)-(.*)", "$2-$1"),
                               ("orders", "\\$x\\\\"), ("(.)(.*)", "$2$1$1"), ("o(x)?rders", "[$1]"), ("(?i)orders", "o"), ("[", "x"),
                               ("(a)|(b)", "$1"), ("\\p{L}+", "L"), ("^o.*s$", "x"), ("(\\w+)\\.(\\w+)\\.?(\\w*)", "$3_$2_$1$11")):
        config = {"regex": regex, "replacement": replacement}
        yield f"RegexRouter {json.dumps(config)}", {"class": "RegexRouter", "config": config, "records": [
            record(loose(1), topic=t) for t in TOPICS]}, TOPICS
    for config in ({"regex": "a"}, {"replacement": "b"}, {}):
        yield f"RegexRouter {json.dumps(config)}", {"class": "RegexRouter", "config": config, "records": []}, []
    stamps = [0, 1580650272065, -1, -62135596800000, 253402300800000, None]
    for config in ({}, {"timestamp.format": "yyyy-MM"}, {"topic.format": "x"}, {"topic.format": "${timestamp}/${topic}/${topic}"},
                   {"topic.format": "${other}${topic"}, {"timestamp.format": "YYYY-ww HH'h'"}, {"topic.format": "${topic}", "timestamp.format": "'$1'"}):
        records = [record(loose(1), timestamp=t, topic=topic) for t in stamps for topic in ("t", "${timestamp}", "a$1")]
        yield f"TimestampRouter {json.dumps(config)}", {"class": "TimestampRouter", "config": config, "records": records}, [
            f"{r['topic']} at {r['timestamp']}" for r in records]


LITERALS = [
    "1", "127", "128", "-128", "-129", "32768", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "+5", "1.0", "1.5", "1e3", "1e30", "1e39", "1.7e308", "1e400", "123456789.123456789", "-.5", "5.", ".5", "1e", "--1", "0x10", "1_000",
    "true", "false", "TRUE", "null", "NULL", " true ", "true}", "truely", "nullable", "text", "two words", "a,b", "a:b", "1:2", "1,2", "1 2",
    "12 monkeys", "\"quoted\"", "\"1\"", "it's", "back\\slash", "2020-02-30", "2020-1-1", "2020-02-02", "2020-02-02x", "13:31:12.065Z",
    "25:61:61.065Z", "13:31:12.06Z", "2020-02-02T13:31:12.065Z", "2020-02-02T13\\:31\\:12.065Z", "2020-02-02T13:31:12.065X", "1234567890",
    "1234567890123", "[1,2,3]", "[1, 2.5]", "[1,300,70000]", "[\"a\",\"b\"]", "[true,false]", "[2020-02-02]", "[\"2020-02-02\"]", "[1,]", "[1", "[,1]",
    "[1 2]", "[[1],[2]]", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":1 \"b\":2}", "{1:2}", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":[1,2]}",
    "{\"a\":1,\"a\":2}", "[1] trailing", "]", "}", ":", ",", "\"", "{\"x\":\"12:00:00.000Z\"}", "[\"a b , c\"]", "[ \"  \" ]", "[1, -1e2, 3.25]",
    "2147483647", "-2147483649", "1E+2", "00012", "-0", "0.0", "1.10", "ünï", "日本", "{\"a\":true}", "[true, 1x]", "12:34", "2020-02-02T13:31",
]


def literals():
    for text in LITERALS:
        config = {"header": "h", "value.literal": text}
        yield f"InsertHeader {text!r}", {"class": "InsertHeader", "config": config, "records": [
            record(loose(1)), record(None, headers=[{"key": "h", **loose(1)}])]}, ["plain", "second of a name"]
    for config in ({"header": "h"}, {"value.literal": "x"}, {}):
        yield f"InsertHeader {json.dumps(config)}", {"class": "InsertHeader", "config": config, "records": []}, []


MOMENTS = [0, 1, 999, 1000, 59999, 3600000, 43200000, 86399999, 86400000, 951782399999, 951782400000, 1580650272065, 1609459199999,
           1609459200000, 1609545600000, 4102444800000, -1, -86400000, -2208988800000, -12219292800001, -12219292800000, -12219379200000,
           -14831769600000, -30610224000000, -62135596800000, -62135596800001, -62167219200000, -65000000000000, 253402300799999,
           253402300800000, 32503680000000, 1582934400000, 1583020799999, 1577664000000, 1577750400000]

PATTERNS = ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "yyyy-MM-dd HH:mm:ss", "yyyyMMdd", "yyyyMMddHHmmss", "yyyyMMddHHmmssSSS", "yy-M-d H:m:s.S", "dd/MM/yyyy", "MM/dd/yy",
            "EEE, dd MMM yyyy HH:mm:ss z", "EEEE, MMMM d, yyyy h:mm a", "yyyy-MM-dd'T'HH:mm:ssX", "yyyy-MM-dd'T'HH:mm:ssXX",
            "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd HH:mm:ss Z", "hh:mm:ss a", "KK:mm a", "kk:mm", "D yyyy", "DDD/yyyy", "w YYYY", "YYYY-'W'ww-u",
            "W F E", "G yyyy", "y yy yyy yyyyy", "S SS SSS SSSS SSSSSS", "''yyyy''", "'o''clock' H", "LLLL LLL LL L", "u", "zzzz", "yyyy.MM.dd G 'at' HH:mm:ss z",
            "HH", "ss", "yyyy", "MMM", "yyyy-MM", "MM-yyyy w", "E u", "yyyy ww", "yyyy MM W E", "yyyy MM F E", "yyyy-MM-dd hh:mm:ss a", "a h", "H K a", "yMd"]
BAD_PATTERNS = ["yyyy-MM-dd'T", "b", "yyyy-QQ", "XXXX", "t", "é", "n", "{}[]#", "yyyy ''' x"]

TEXTS = ["2020-02-02 13:31:12", "2020-2-2 3:1:2", " 2020-02-02 13:31:12", "2020-02-02  13:31:12", "2020-02-02 13:31:12 and more", "2020-02-02", "2020-02-02T13:31:12Z",
         "2020-02-02T13:31:12.065Z", "2020-02-02T13:31:12+01", "2020-02-02T13:31:12+0130", "2020-02-02T13:31:12-01:30", "2020-02-02T13:31:12+24:00",
         "2020-02-02 13:31:12 +0200", "2020-02-02 13:31:12 -02:00", "2020-02-02 13:31:12 UTC", "2020-02-02 13:31:12 GMT+3:15", "20200202", "20200202133112",
         "20200202133112065", "2020020213311", "02/02/2020", "02/02/20", "12/31/99", "1/1/1", "31/12/1969", "Sun, 02 Feb 2020 13:31:12 UTC",
         "Sun, 02 feb 2020 13:31:12 GMT", "Mon, 02 Feb 2020 13:31:12 GMT-08:00", "Sunday, February 2, 2020 1:31 PM", "SUNDAY, FEBRUARY 2, 2020 12:31 am",
         "01:31:12 PM", "12:00:00 AM", "12:00:00 PM", "13:00:00 AM", "00:59 PM", "24:00", "25:61", "45 2020", "366/2020", "366/2021", "400/2020", "5 2020", "2020-W05-7",
         "2020-W01-1", "2019-W53-3", "2 1 Sun", "5 -1 Mon", "AD 2020", "BC 44", "ad 5", "2020 20 2020 2020", "1 2 3 4 5", "'2020'", "o'clock 5", "May May 05 5", "7", "",
         "  ", "x", "2020-13-45 25:61:61", "-2020-02-02 13:31:12", "2020--2-02 13:31:12", "1582-10-10 00:00:00", "1582-10-15 00:00:00", "1500-02-29 00:00:00",
         "0001-01-01 00:00:00", "0000-01-01 00:00:00", "99999-01-01 00:00:00", "2020-02-30 00:00:00", "20 20-02-02", "Coordinated Universal Time", "5", "59", "Dec", "dezember",
         "2020-05", "05-2020 9", "Tue 2", "2020 07", "2020 02 2 Tue", "2020 02 3 Tue", "2020 02 -1 Tue", "2020-02-02 01:31:12 pm", "PM 5", "17 5 PM", "202022",
         "2020-02-02 13:31:12.9", "+2020-02-02 13:31:12", "1e3", "9999999999999999999-01-01 00:00:00"]


def dates():
    moments = [record(data(logical("Timestamp"), ms)) for ms in MOMENTS]
    texts = [record(data(s("string"), text)) for text in TEXTS]
    for pattern in PATTERNS + BAD_PATTERNS:
        for target, records, names in (("string", moments, MOMENTS), ("unix", texts, TEXTS)):
            config = {"target.type": target, "format": pattern}
            yield f"TimestampConverter$Value {json.dumps(config)}", {"class": "TimestampConverter$Value", "config": config,
                                                                     "records": records}, names


def predicates():
    headers = [{"key": "h1", **loose(1)}, {"key": "h2", **loose(None)}]
    records = [record(loose(1)), record(None), record(loose(None)), record(data(s("int8", True), None)), record(loose(1), headers=headers)]
    records += [record(None, topic=t) for t in TOPICS]
    names = [json.dumps(r) for r in records]
    for name, configs in (("RecordIsTombstone", [{}]), ("HasHeaderKey", [{"name": "h1"}, {"name": "h2"}, {"name": "x"}, {"name": ""}, {}]),
                          ("TopicNameMatches", [{"pattern": p} for p in ("orders", "shop.*", "", "(", ".*\\.public\\..*", "(?i)ORDERS", "o", "\\w+")])):
        for config in configs:
            yield f"{name} {json.dumps(config)}", {"predicate": name, "config": config, "records": records}, names


# --- comparing ------------------------------------------------------------------------------------------------------
# What differs on purpose. Java fails and ours goes on: (transform, what Java's error says, the reason).
GOES_ON = [
    ("", "Mismatching schema.", "a struct has a default value, which JsonConverter cannot write"),
    ("", "Struct schemas do not match.", "a struct has a default value, which Struct.put does not take"),
    ("Cast", "does not support casting from STRUCT", "a struct has a default value, which Cast tries to cast to a struct"),
    ("Cast", "Invalid type for ", "Cast leaves the name of a logical type on what is none any more, which JsonConverter cannot write"),
    ("MaskField", "mismatching scale", "MaskField makes 0 or the replacement, but not in the scale of the decimal's schema"),
    ("TimestampConverter", "java.util.Date does not have", "schemaless data has no dates, which JsonConverter cannot write"),
    ("SetSchemaMetadata", "Cannot list fields on non-struct", "SetSchemaMetadata asks data that is no struct for its fields"),
    ("InsertHeader", "Time type should not have any date", "a literal time of more than a day, which JsonConverter cannot write"),
    ("ReplaceField", "is not a valid field name", "a field has the new name of another one that is not there"),
]


# Java goes on with what has overflowed and ours fails: (transform, what our error says, the reason).
STOPS = [
    ("TimestampConverter", "beyond what a Date can hold", "a Date so far off that Java's days overflow"),
    ("TimestampConverter", "beyond what milliseconds since 1970 can count", "a year so far off that Java's milliseconds overflow"),
]


def failed(result):
    return isinstance(result, dict) and "error" in result


def on_purpose(title, java, ours):
    rows = GOES_ON if failed(java) else STOPS
    text = java["error"] if failed(java) else ours["error"]
    for transform, part, reason in rows:
        if title.startswith(transform) and part in text:
            return reason
    return None


def short_float(x):
    return len(decimal.Decimal(repr(x)).normalize().as_tuple().digits) <= 9 and abs(x) < 3.4e38


def same(a, b):
    """Equal, and of equal types; a map has no order. Floats of 32 bits are printed in two ways, as of Java 19 in the shorter."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, float) and isinstance(b, float) and a != b and short_float(a) and short_float(b):
        return struct_format.pack("f", a) == struct_format.pack("f", b)
    return type(a) is type(b) and a == b


def compare(title, names, java, ours, tally, differences, show):
    if failed(java) or failed(ours):
        pairs = [("its settings", java, ours)]
    else:
        pairs = list(zip(names, java["results"], ours["results"], strict=True))
    for name, j, o in pairs:
        if failed(j) and j.get("kind") == "read":
            raise RuntimeError(f"{title}, {name}: Java cannot read the input: {j['error']}")
        reason = on_purpose(title, j, o) if failed(j) != failed(o) else None
        if reason:
            differences[reason] = differences.get(reason, 0) + 1
        if reason or (failed(j) and failed(o)) or same(j, o):
            tally["passed"] += 1
            continue
        tally["failed"] += 1
        if tally["failed"] <= show:
            print(f"{title}\n  {name}\n    java {json.dumps(j, ensure_ascii=False)[:1500]}\n    ours {json.dumps(o, ensure_ascii=False)[:1500]}")


# --- the two programs -----------------------------------------------------------------------------------------------
def skip(reason):
    print(f"skipped: {reason}")
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)


def fetch_classes():
    """The class path, fetched once; or a skip."""
    pom = os.path.join(ROOT, "tests/java/pom.xml")
    target = os.path.join(CACHE, "connect-reference-3.9.1")
    if not glob.glob(os.path.join(target, "connect-transforms-*.jar")):
        if not shutil.which("mvn"):
            skip("no mvn here to fetch Kafka Connect's classes with")
        os.makedirs(CACHE, exist_ok=True)
        staging = tempfile.mkdtemp(prefix="fetch-", dir=CACHE)
        command = ["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={staging}"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
            trouble = " ".join(done.stdout.split())[:300] if done.returncode else None
        except subprocess.TimeoutExpired:
            trouble = "it took longer than 180 s"
        if trouble is not None:
            shutil.rmtree(staging)
            skip(f"Maven cannot fetch Kafka Connect's classes: {trouble}")
        try:
            os.rename(staging, target)
        except OSError:  # somebody else has fetched them meanwhile
            shutil.rmtree(staging)
    return os.path.join(target, "*")


def answers(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    if not shutil.which("java"):
        skip("no java here to run Kafka Connect's classes with")
    if not os.path.exists(TOOL):
        skip(f"{os.path.relpath(TOOL, ROOT)} is not built")
    show = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    todo = list(lines())
    text = "".join(json.dumps(line) + "\n" for _, line, _ in todo)
    java = answers(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.timezone=UTC", "-Duser.language=en", "-Duser.country=US",
                    "-cp", fetch_classes(), os.path.join(ROOT, "tests/java/TransformReference.java")], text)
    ours = answers([TOOL, "--filter"], text)
    tally, differences = {"passed": 0, "failed": 0}, {}
    for (title, _, names), j, o in zip(todo, java, ours, strict=True):
        compare(title, names, j, o, tally, differences, show)
    for reason, n in differences.items():
        print(f"{n} results differ on purpose: {reason}")
    print(f"{len(todo)} settings of transforms and predicates, on as many as {len(VALUES)} values each")
    print(f"{tally['passed']} passed, {tally['failed']} failed, 0 skipped")
    sys.exit(1 if tally["failed"] else 0)


if __name__ == "__main__":
    main()
