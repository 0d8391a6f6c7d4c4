#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""expr_judge.py REPORT SEED COUNT FILE…: random expressions, as -e takes them, against an evaluator of its own.

What each expression selects is worked out here from `events --all --json` and `paths --all --json` without a filter, as the
man page says it; then four views with the filter have to print just these lines, byte for byte. One line a failure; exit 1.
"""
import ipaddress
import json
import random
import re
import subprocess
import sys

NUMBER, STRING, BOOL, ADDRESS, MAC, TIME, DURATION = "number", "string", "bool", "address", "mac", "time", "duration"
HIT = {
    **dict.fromkeys("ktime number capture packet skb cpu seq pid tid netns ifindex mark len data_len mtu proto sport dport "
                    "tcp_flags icmp_type icmp_id icmp_seq ip_id vlan hash queue head mac_header network_header "
                    "transport_header lost func_address attach skb_arg roles parent reason_code caller "
                    "caller_offset caller_line".split(), NUMBER),
    **dict.fromkeys("host func module comm ifname l4 flags parent_kind reason caller_func caller_module caller_file".split(), STRING),
    **dict.fromkeys("synth_l2 no_l3 unreadable no_id tx rx return ordinal parent_inferred begin end matched inferred "
                    "lifecycle caller_verified".split(), BOOL),
    "src": ADDRESS, "dst": ADDRESS, "src_mac": MAC, "dst_mac": MAC, "time": TIME,
}
# The field: its type, and how it is told from a line of paths.
PATH = {
    "path.number": (NUMBER, "number"), "path.packet": (NUMBER, "packet"), "path.skb": (NUMBER, "skb"),
    "path.capture": (NUMBER, "capture"), "path.host": (STRING, "host"), "path.start": (TIME, "time"), "path.end": (TIME, "end"),
    "path.duration": (DURATION, "duration_ns"), "path.hits": (NUMBER, "hits"), "outcome": (STRING, "outcome"),
    "path.outcome": (STRING, "outcome"), "path.reason": (STRING, "reason"), "path.by": (STRING, "by"),
    "path.culprit": (NUMBER, "culprit"), "path.culprit_func": (STRING, "culprit_func"),
    "path.culprit_offset": (NUMBER, "culprit_offset"), "path.culprit_module": (STRING, "culprit_module"),
    "path.culprit_file": (STRING, "culprit_file"), "path.culprit_line": (NUMBER, "culprit_line"),
    "path.culprit_verified": (BOOL, "culprit_verified"),
    "path.inferred": (BOOL, "inferred"), "path.begun": (BOOL, "begun"), "path.may_lack": (NUMBER, "may_lack"),
    "path.family": (NUMBER, "family"), "path.parent": (NUMBER, "parent"), "path.merged_into": (NUMBER, "merged_into"),
    "path.merged_by": (STRING, "merged_by"), "path.header": (NUMBER, "header"),
}
NO_VALUE = {"stack", "cb", "raw_skb", "caller_inlined", "path.culprit_inlined", "path.merged", "path.tuples", "path.hops"}
WORDS = {"outcome": ["consumed", "dropped", "merged", "no-end", "alive"],
         "parent_kind": ["clone", "copy", "segment", "fragment", "frame", "merge", "queue", "reassemble"]}

OFTEN = ("src", "dst", "path.src", "path.dst", "time", "path.start", "path.duration", "outcome", "path.reason", "func", "path.func")


# ---- values ----


def ns_of(text):
    """ISO 8601 in UTC with nine digits, as the report prints it."""
    import calendar
    date, fraction = text.rstrip("Z").split(".")
    y, mo, d, h, mi, s = map(int, re.split("[-T:]", date))
    return calendar.timegm((y, mo, d, h, mi, s)) * 10**9 + int(fraction.ljust(9, "0"))


def told(kind, value):
    """What a JSON value stands for; None: not known."""
    if value is None:
        return None
    if isinstance(value, dict):  # of parent
        value = value["packet"]
    if kind == NUMBER:
        return int(value, 0) if isinstance(value, str) else value
    if kind == ADDRESS:
        return ipaddress.ip_address(value)
    if kind == TIME:
        return ns_of(value)
    return value


UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def meant(kind, text, first):
    """What a word of an expression stands for, beside a field of that type."""
    if kind == NUMBER:
        return int(text, 0)
    if kind == BOOL:
        return {"true": True, "false": False}[text]
    if kind == ADDRESS:
        return ipaddress.ip_network(text, strict=False)
    if kind == MAC:
        return text.lower().replace("-", ":")
    if kind == DURATION:
        m = re.fullmatch(r"(\d+)(?:\.(\d+))?(ns|us|ms|s|m|h)", text)
        part = m[2] or "0"
        return (int(m[1]) * 10**len(part) + int(part)) * UNITS[m[3]] // 10**len(part)
    if kind == TIME:
        if text[0] == "+":
            return first + meant(DURATION, text[1:], first)
        if "T" not in text:
            day = 24 * 3600 * 10**9
            h, m, s = text.split(":")
            whole, _, part = s.partition(".")
            return first // day * day + (int(h) * 3600 + int(m) * 60 + int(whole)) * 10**9 + int((part or "0").ljust(9, "0"))
        return ns_of(text if "." in text else text.rstrip("Z") + ".0Z")
    return text


# ---- the evaluator: of the text of an expression ----

TOKEN = re.compile(r"""\s*(?:(?P<sign>==|!=|<=|>=|&&|\|\||[<>~!(){},])|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[\w.:/+-]+))""")


class Expression:
    def __init__(self, text, first):
        self.first = first
        self.tokens = [(m.lastgroup, m[m.lastgroup]) for m in TOKEN.finditer(text)]
        self.at = 0
        self.holds = self.either()
        assert self.at == len(self.tokens), text

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *what):
        kind, text = self.peek()
        if kind == "text" or text not in what:
            return None
        self.at += 1
        return text

    def either(self):
        parts = [self.both()]
        while self.take("or", "||"):
            parts.append(self.both())
        return lambda hit, way: any(p(hit, way) for p in parts)

    def both(self):
        parts = [self.negated()]
        while self.take("and", "&&"):
            parts.append(self.negated())
        return lambda hit, way: all(p(hit, way) for p in parts)

    def negated(self):
        if self.take("not", "!"):
            inner = self.negated()
            return lambda hit, way: not inner(hit, way)
        if self.take("("):
            inner = self.either()
            assert self.take(")")
            return inner
        return self.test()

    def value(self):
        kind, text = self.peek()
        self.at += 1
        return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if kind == "text" else text

    def test(self):
        name = self.value()
        compare = self.take("==", "!=", "<", ">", "<=", ">=", "~", "in")
        values = []
        if compare == "in":
            assert self.take("{")
            while not self.take("}"):
                values.append(self.value())
                self.take(",")
        elif compare:
            values.append(self.value())
        if name in PATH:
            kind, key = PATH[name]
            true = self.compared(kind, compare, values)
            return lambda hit, way: way.line is not None and true(told(kind, way.line[key]))
        if name.startswith("path."):
            name = name[5:]
            true = self.compared(HIT[name], compare, values)
            return lambda hit, way: any(true(told(HIT[name], h[name])) for h in way.hits)
        true = self.compared(HIT[name], compare, values)
        return lambda hit, way: true(told(HIT[name], hit[name]))

    def compared(self, kind, compare, values):
        if compare == "~":
            pattern = re.compile(values[0])
            return lambda v: v is not None and bool(pattern.search(v))
        values = [meant(kind, v, self.first) for v in values]
        if compare is None:
            return lambda v: v is True
        if compare in ("==", "!=", "in"):
            if kind == ADDRESS:
                def among(v):
                    return any(v.version == n.version and v in n for n in values)
            else:
                def among(v):
                    return v in values
            return lambda v: v is not None and among(v) == (compare != "!=")
        order = {"<": lambda v: v < values[0], ">": lambda v: v > values[0],
                 "<=": lambda v: v <= values[0], ">=": lambda v: v >= values[0]}[compare]
        return lambda v: v is not None and order(v)


# ---- the capture, and what is selected of it ----


class Way:
    """A path, or one hit that belongs to none."""

    def __init__(self, line=None):
        self.line, self.hits = line, []


def run(report, *args):
    done = subprocess.run([report, *args], capture_output=True, check=False, text=True)
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{args}: exit status {done.returncode}: {done.stderr}")
    return done.stdout.splitlines()


class Recordings:
    def __init__(self, report, files):
        self.report, self.files = report, files
        self.lines = run(report, "events", "--all", "--json", "-q", *files)
        self.hits = [json.loads(line) for line in self.lines]
        self.path_lines = run(report, "paths", "--all", "--json", "-q", *files)
        paths = [json.loads(line) for line in self.path_lines]
        self.paths = [Way(p) for p in paths]
        known = {(p.line["capture"], p.line["number"]): p for p in self.paths}
        self.ways = []
        for hit in self.hits:
            way = known.get((hit["capture"], hit["number"])) or Way()
            way.hits.append(hit)
            self.ways.append(way)
        for p in self.paths:
            if p.line["hits"] != len(p.hits):
                raise RuntimeError(f"packet {p.line['number']} has {p.line['hits']} hits, and {len(p.hits)} lines")
        self.first = min(told(TIME, h["time"]) for h in self.hits)

    def family(self, way):
        return way if way.line is None else (way.line["capture"], way.line["family"])

    def expected(self, text):
        holds = Expression(text, self.first).holds
        match = [holds(h, w) for h, w in zip(self.hits, self.ways)]
        families = {self.family(w) for m, w in zip(match, self.ways) if m}
        only = [line for m, line in zip(match, self.lines) if m]
        whole = [line for w, line in zip(self.ways, self.lines) if self.family(w) in families]
        paths = [line for p, line in zip(self.paths, self.path_lines) if self.family(p) in families]
        matching = {id(h) for m, h in zip(match, self.hits) if m}
        hops = [[(h["ktime"], h["func"]) for h in p.hits if id(h) in matching]
                for p in self.paths if self.family(p) in families]
        return {"events --only-events": only, "events": whole, "paths": paths, "paths --only-events": hops}

    def differences(self, text):
        for view, lines in self.expected(text).items():
            got = run(self.report, *view.split(), "--all", "--json", "-q", "-e", text, *self.files)
            if view == "paths --only-events":
                got = [[(h["ktime"], h["func"]) for h in json.loads(line)["hops"]] for line in got]
            if got != lines:
                yield f"{view} -e '{text}' {' '.join(self.files)}: {len(got)} lines, expected {len(lines)}"


# ---- random expressions, mostly of what the capture holds ----


class Dice:
    def __init__(self, seed, recordings):
        self.random, self.all = random.Random(seed), recordings
        self.hit_fields = [f for f in HIT if f in recordings.hits[0]]
        self.path_fields = sorted(PATH) + ["path." + f for f in self.hit_fields if "path." + f not in PATH]

    def quoted(self, text):
        if re.fullmatch(r"[\w.:/+-]+", text) and text not in ("and", "or", "not", "in") and self.random.random() < .5:
            return text
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'

    def seen(self, field, kind):
        """A value that it has somewhere, or None."""
        for _ in range(8):
            if field in PATH:
                value = self.random.choice(self.all.paths).line[PATH[field][1]]
            else:
                value = self.random.choice(self.all.hits)[field.removeprefix("path.")]
            if value is not None:
                return told(kind, value)
        return None

    def number(self, value):
        value = self.random.randrange(70000) if value is None else max(0, value + self.random.choice((0, 0, 0, 1, -1)))
        return self.random.choice((str(value), hex(value)))

    def address(self, value):
        if value is None or self.random.random() < .2:
            value = ipaddress.ip_address(self.random.choice(("10.99.0.1", "192.0.2.1", "fd00::1", "::1", "255.255.255.255")))
        if self.random.random() < .3:  # one that is near
            value = type(value)(int(value) ^ 1 << self.random.randrange(value.max_prefixlen))
        if self.random.random() < .5:
            return f"{value}/{self.random.randrange(value.max_prefixlen + 1)}"
        return str(value)

    def duration(self, value):
        value = self.random.randrange(10**7) if value is None else value
        unit = self.random.choice(("ns", "us", "ms", "s"))
        whole, part = divmod(value, UNITS[unit])
        digits = len(str(UNITS[unit])) - 1
        if unit == "ns" or self.random.random() < .3:
            return f"{whole}{unit}"
        return f"{whole}.{part:0{digits}}{unit}"

    def time(self, value):
        value = self.all.first if value is None else value
        value += self.random.choice((0, 0, 1, -1, 10**6))
        form = self.random.randrange(3)
        if form == 0:
            return "+" + self.duration(max(0, value - self.all.first))
        import datetime
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=value // 10**9)
        fraction = f".{value % 10**9:09}"
        if form == 1:
            return at.strftime("%H:%M:%S") + self.random.choice((fraction, ""))
        return at.strftime("%Y-%m-%dT%H:%M:%S") + self.random.choice((fraction, "")) + self.random.choice(("Z", ""))

    def value(self, field, kind):
        seen = self.seen(field, kind)
        if kind == STRING:
            words = WORDS.get(field.removeprefix("path."))
            text = self.random.choice(words) if words and (seen is None or self.random.random() < .3) else seen
            return self.quoted(text if text is not None else "nothing")
        return {NUMBER: self.number, BOOL: lambda v: self.random.choice(("true", "false")), ADDRESS: self.address,
                MAC: lambda v: v or "02:00:00:00:00:01", TIME: self.time, DURATION: self.duration}[kind](seen)

    def pattern(self, seen):
        """One that both kinds of regular expressions read alike."""
        text = re.sub(r"[^A-Za-z0-9_]", ".", seen or "nf_hook")
        at = self.random.randrange(len(text) + 1)
        part = text[at:at + self.random.randrange(1, 8)] or "skb"
        pattern = self.random.choice((part, "^" + text[:5], text[-4:] + "$", part + ".*", part[0] + "+", f"({part}|nf_)",
                                      "[a-m]" + part, f"^{text}$", "^[^_]*$"))
        return '"' + pattern + '"'

    def test(self):
        roll = self.random.random()
        field = self.random.choice(OFTEN if roll < .3 else self.hit_fields if roll < .7 else self.path_fields)
        kind = PATH[field][0] if field in PATH else HIT[field.removeprefix("path.")]
        compares = ["==", "==", "!=", "in"]
        if kind in (NUMBER, TIME, DURATION):
            compares += ["<", ">", "<=", ">="]
        if kind == STRING:
            compares += ["~", "~"]
        compare = self.random.choice(compares)
        if kind == BOOL and self.random.random() < .6:
            return field
        if compare == "~":
            return f"{field} ~ {self.pattern(self.seen(field, kind))}"
        if compare == "in":
            values = (self.value(field, kind) for _ in range(self.random.randrange(1, 5)))
            return f"{field} in {{{', '.join(values)}}}"
        space = self.random.choice((" ", ""))
        return f"{field}{space}{compare}{space}{self.value(field, kind)}"

    def expression(self, depth=0):
        roll = self.random.random()
        if depth == 4 or roll < .35:
            return self.test()
        if roll < .5:
            return f"{self.random.choice(('not ', '!'))}({self.expression(depth + 1)})"
        if roll < .6:
            return f"not {self.test()}"
        op = self.random.choice((" and ", " or ", " && ", " || "))
        return op.join(self.random.choice((x, f"({x})")) for x in (self.expression(depth + 1), self.expression(depth + 1)))


def main():
    if sys.argv[1:] == ["--fields"]:
        print("\n".join([*(f for f in {**HIT, **PATH} if f != "path.outcome"), *NO_VALUE]))
        return 0
    report, seed, count, *files = sys.argv[1:]
    recordings = Recordings(report, files)
    dice, bad, some = Dice(int(seed), recordings), 0, 0
    for _ in range(int(count)):
        text = dice.expression()
        only = len(recordings.expected(text)["events --only-events"])
        some += 0 < only < len(recordings.hits)
        for why in recordings.differences(text):
            print(why)
            bad += 1
    print(f"{count} expressions, {some} of which select some hits and not others; {bad} differences")
    return bad > 0 or some <= int(count) // 16


if __name__ == "__main__":
    sys.exit(main())
