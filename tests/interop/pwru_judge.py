# SPDX-License-Identifier: GPL-2.0-only
"""The report against pwru_reader.py, on a capture and on what becomes of it when its bytes change: mutate.py's."""
import json
import os
import subprocess

import pwru_reader
from pwru_blocks import File


def flat(value, path=""):
    """{path: leaf} of what was JSON; lists stay whole but for those of objects."""
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in flat(inner, f"{path}.{key}").items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {k: v for i, inner in enumerate(value) for k, v in flat(inner, f"{path}.{i}").items()}
    return {path: value}


# Of info --json, what the report works out from all there is, with the paths: other suites judge that.
WORKED_OUT = {"packets", "hits", "matching", "consumed", "dropped", "alive", "merged", "shown_early", "late", "duplicates",
              "duplicates_by_number", "after_end", "foreign", "repaired", "unknown", "damaged", "complete", "no-end", "bytes_events", "bytes_snapshot",
              "bytes_functions", "bytes_statistics", "bytes_notes",
              "captures[].lost", "captures[].removed", "captures[].parts_missing", "captures[].gaps[]",
              "captures[].first_part", "captures[].goes_on",
              "captures[].probes.reasons[]", "files[].name"}


def shape(value, path=""):
    """The keys there are: "captures[].notes[].type"; of an empty list or a plain value its own."""
    if isinstance(value, dict) and value:
        return {k for key, inner in value.items() for k in shape(inner, f"{path}.{key}".lstrip("."))}
    if isinstance(value, list):
        return {path + "[]"}.union(*(shape(inner, path + "[]") for inner in value))
    return {path}


class Judge:
    def __init__(self, report, raw, scratch):
        self.report, self.raw, self.scratch, self.bad = report, raw, scratch, False
        self.theirs, self.ours = self.events(raw)
        self.base_info = self.info(raw)[1]
        known = set(pwru_reader.KEYS + pwru_reader.MORE)
        self.say("events --json has the keys that the reader has", [k for hit in self.theirs for k in known ^ set(hit)])

    def say(self, name, why):
        self.bad |= bool(why)
        print(f"not ok {name}: {why}" if why else f"ok {name}", flush=True)

    def run(self, data, *view):
        path = os.path.join(self.scratch, "mutated.pcapng")
        with open(path, "wb") as f:
            f.write(data)
        # Exit status 3: the capture is damaged, which some changes are.
        done = subprocess.run([self.report, *view, "--json", "--no-lines", "-q", path], capture_output=True, check=False)
        if done.returncode not in (0, 3):
            raise RuntimeError(f"exit status {done.returncode}: {done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def events(self, data):
        """What the report prints, and all that the reader knows."""
        return self.run(data, "events"), list(pwru_reader.Reader(data).events())

    def info(self, data):
        """The same of info --json, and the keys that only one of them has."""
        theirs, = self.run(data, "info")
        ours = pwru_reader.Reader(data).summary()
        only_one = {k for k in shape(theirs) if not any(k.startswith(w) for w in WORKED_OUT if w.endswith("[]"))}
        return flat(theirs), flat(ours), (only_one - WORKED_OUT) ^ shape(ours)

    def differ(self, theirs, ours):
        if len(theirs) != len(ours):
            return f"the report prints {len(theirs)} hits, the reader {len(ours)}"
        for i, (t, o) in enumerate(zip(theirs, ours)):
            for key, value in o.items():
                if t[key] != value:
                    return f"hit {i}: {key} is {t[key]!r} to the report, {value!r} to the reader"
        return None

    def event(self, name, change, keys, values=None, also=(), lines=None, ordered=True):
        """keys: what changes. values: {key: value} there is now in one hit. also: what may change with it.
        ordered: the report prints by time; it does not where a CPU's time runs backwards."""
        file = File(self.raw)
        change(file)
        theirs, ours = self.events(file.bytes())
        if not ordered:
            theirs.sort(key=lambda hit: (hit["time"], hit["cpu"], hit["seq"]))
        why = self.differ(theirs, ours)
        lines = len(self.ours) if lines is None else len(self.ours) + lines
        changed = {k for a, b in zip(self.ours, ours) for k in b if a[k] != b[k]}
        if not why and len(ours) != lines:
            why = f"{len(ours)} hits, and should be {lines}"
        if not why and len(ours) == len(self.ours) and changed - set(also) != set(keys) - set(also):
            why = f"changed {sorted(changed)}"
        if not why and values and not any(all(o[k] == v for k, v in values.items()) for o in ours):
            why = f"no hit has {values}"
        self.say(f"{name}: changed in both", why)

    def in_info(self, name, change, keys, values=None):
        """keys: ends of the paths in info --json that change, and nothing else but sizes."""
        file = File(self.raw)
        change(file)
        theirs, ours, only_one = self.info(file.bytes())
        why = only_one and f"only one of them has the keys {sorted(only_one)}"
        why = why or next((f"{k} is {theirs.get(k)!r} to the report, {v!r} to the reader" for k, v in ours.items()
                           if theirs.get(k) != v), None)
        changed = [k for k in {**self.base_info, **ours} if self.base_info.get(k) != ours.get(k)
                   and (not k.endswith(".bytes") or "bytes" in keys)]
        ends = [k for k in keys if any(c.endswith("." + k) or f".{k}." in c for c in changed)]
        if not why and (ends != list(keys) or not all(any(c.endswith("." + k) or f".{k}." in c for k in keys)
                                                      for c in changed)):
            why = f"changed {changed}"
        for key, value in (values or {}).items():
            if not why and not any(k.endswith("." + key) and v == value for k, v in ours.items()):
                why = f"{key} is not {value!r}"
        self.say(f"{name}: changed in both", why)
