#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""schema_judge.py REPORT SCHEMAS CAPTURES VMLINUX: judges --json by the schemas and --csv by --json, a line a test.

CAPTURES has a directory a case, with its files. VMLINUX has the build-id of one; its lines are taken for the others nevertheless.
"""
import csv
import glob
import io
import json
import os
import re
import subprocess
import sys
import unicodedata

import jsonschema

# Keys that no golden capture has a value of: those with stacks do not say where their kernel was.
STACK = ("file", "line", "inlined", "inlined.func", "inlined.file", "inlined.line", "verified")
NEVER = {"events": {"no_id", *(f"stack.{key}" for key in STACK)}, "paths": set(), "drops": set(), "groups": set()}
# Columns that stand for something inside of a line of JSON.
TUPLE = ("src", "dst", "sport", "dport", "l4")
INSIDE = {"paths": {key: lambda line, key=key: named(line).get(key) for key in TUPLE}}
INSIDE["paths"]["parent"] = lambda line: line["parent"] and str(int(line["parent"]["packet"], 16))
INSIDE["drops"] = {"before": lambda line: " ".join(named_func(func) for func in line["before"])}
# What only JSON tells; a line of JSON as rows, where it is more than one.
JSON_ONLY = {"events": {"cb", "raw_skb", "stack", "caller_inlined"}, "paths": {"parent", "culprit_inlined"},
             "drops": {"culprit_inlined", "usually", "look", "before_packets", "flows_not_kept"}}
ROWS = {"drops": lambda line: [{**{k: v for k, v in line.items() if k not in flow}, **flow} for flow in line["flows"]]}
# Views that have nothing to tell of many captures.
FEW = {"drops": 10}

failed = False


def named_func(func):
    return func["func"] + (f" [{func['module']}]" if func["module"] else "")


def named(line):
    """The tuple that a path is called by."""
    return {} if line["header"] is None else line["tuples"][line["header"]]


def say(name, why=None):
    global failed
    if why is None:
        print(f"ok schema: {name}")
        return
    failed = True
    print(f"not ok schema: {name}: " + str(why).replace("\n", " | ")[:600])


def test(name, judge, *arguments):
    try:
        say(name, judge(*arguments))
    except (ValueError, KeyError, IndexError, jsonschema.exceptions.SchemaError) as error:
        say(name, f"{type(error).__name__}: {error}")


def run(report, *arguments):
    return subprocess.run([*report, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def views(report):
    told = run(report, "--help").stdout.decode()
    return re.findall(r"^  (\w+) {2,}", told.split("Views:", 1)[1].split("Exit status", 1)[0], re.MULTILINE)


# ---- the schemas ----


def lenient(schema, at="$"):
    """What a schema leaves open: where, and what; None."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return f"{at} lets keys through that it does not name"
        if sorted(schema.get("required", ())) != sorted(schema["properties"]):
            return f"{at} has keys that may be missing"
        for key, value in schema["properties"].items():
            if not value.get("description"):
                return f"{at}.{key} is not described"
    inner = [(f".{key}", value) for key, value in schema.get("properties", {}).items()]
    inner += [("", value) for key in ("anyOf", "oneOf") for value in schema.get(key, ())]
    inner += [("[]", schema["items"])] if "items" in schema else []
    for name, value in inner:
        why = lenient(value, at + name)
        if why:
            return why
    if "array" in str(schema.get("type")) and "items" not in schema:
        return f"{at} does not say what is in it"
    return None


def judge_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return lenient(schema)


# ---- JSON ----


def values(value, at=""):
    """The keys that have a value, as a.b."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner is not None and inner is not False:
                yield at + key
            yield from values(inner, f"{at}{key}.")
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner, at)


def keys_of(schema, at=""):
    for key, value in schema.get("properties", {}).items():
        yield at + key
        yield from keys_of(value, f"{at}{key}.")
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from keys_of(inner, at)


def json_lines(report, view, options, files):
    done = run(report, view, "--json", *options, *files)
    if done.returncode not in (0, 3):
        raise ValueError(f"exit status {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def judge_json(report, view, schema, cases, options, seen):
    validator, count = jsonschema.Draft202012Validator(schema), 0
    for name, files in cases.items():
        for line in json_lines(report, view, options, files):
            count += 1
            seen.update(values(line))
            for error in validator.iter_errors(line):
                return f"{name}: {error.json_path}: {error.message}"
    return None if count >= FEW.get(view, len(cases)) else f"only {count} lines"


# ---- CSV ----


def unsafe(char):
    return unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in "\u061c\u200e\u200f" or \
        char == "\ufeff" or "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"


def cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    shown = "".join("\ufffd" if unsafe(char) else char for char in value)
    return "'" + shown if value[:1] in tuple("=+-@\t\r") else shown


def judge_csv(report, view, cases, options):
    inside, count = INSIDE.get(view, {}), 0
    for name, files in cases.items():
        done = run(report, view, "--csv", *options, *files)
        if done.returncode == 2:
            line = done.stderr.decode().splitlines()
            return None if len(line) == 1 and not done.stdout else f"refused in {len(line)} lines: {done.stderr.decode()}"
        rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline=""), strict=True))
        header, lines = rows.pop(0), json_lines(report, view, options, files)
        lines = [row for line in lines for row in ROWS.get(view, lambda one: [one])(line)]
        if len(rows) != len(lines):
            return f"{name}: {len(rows)} rows, {len(lines)} lines of JSON"
        scalar = [key for key, value in (lines or [{}])[0].items() if not isinstance(value, (list, dict))]
        if lines and [key for key in header if key in scalar and key not in inside] != \
                [key for key in scalar if key in header and key not in inside]:
            return f"{name}: columns in another order than the keys"
        for row, line in zip(rows, lines):
            count += 1
            if len(row) != len(header):
                return f"{name}: {len(row)} values in {len(header)} columns"
            for key, got in zip(header, row):
                want = cell(inside[key](line) if key in inside else line[key])
                if got != want:
                    return f"{name}: {key} is {got!r}, in JSON {want!r}"
            missing = {key for key, value in line.items() if not isinstance(value, (list, dict))} - set(header)
            if missing - JSON_ONLY.get(view, set()):
                return f"{name}: no columns {missing - JSON_ONLY.get(view, set())}"
    return None if count >= FEW.get(view, len(cases)) else f"only {count} rows"


def main(program, schemas, captures, vmlinux):
    report = (program, "--vmlinux", vmlinux, "--allow-mismatch")
    cases = {os.path.basename(case): sorted(glob.glob(f"{case}/*.pcapng")) for case in sorted(glob.glob(f"{captures}/*"))}
    found = views(report)
    files = {os.path.basename(path)[:-5]: path for path in sorted(glob.glob(f"{schemas}/*.json"))}
    some = next(iter(cases.values()))
    say("there are captures, views and schemas", None if len(cases) > 10 and len(found) >= 4 and files else f"{cases} {found} {files}")
    for name in sorted(set(files) - set(found)):
        with open(files[name], encoding="utf-8") as file:
            schema = json.load(file)
        if schema.get("x-view") not in found:
            say(f"{name}: no view", "a schema without its view")
            continue
        test(f"{name}: the schema is one, and strict", judge_schema, schema)
        for options in schema["x-options"]:
            test(f"{name}: each line", judge_json, report, schema["x-view"], schema, cases, options, set())
    for view in found:
        if view not in files:
            refuses = run(report, view, "--json", *some).returncode == 2
            say(f"{view}: a schema", None if refuses else "it has --json and no schema")
            continue
        with open(files[view], encoding="utf-8") as file:
            schema = json.load(file)
        test(f"{view}: the schema is one, and strict", judge_schema, schema)
        seen = set()
        for needed in schema.get("x-options", [[]]):
            for options in ([*needed], [*needed, "--all"]):
                what = " ".join([view, *options])
                test(f"{what}: each line", judge_json, report, view, schema, cases, options, seen)
                test(f"{what} --csv: what JSON has", judge_csv, report, view, cases, options)
        if view in NEVER:
            never = set(keys_of(schema)) - seen - NEVER[view]
            say(f"{view}: each key has a value somewhere", f"never: {sorted(never)}" if never else None)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
