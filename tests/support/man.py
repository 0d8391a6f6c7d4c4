#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""man.py RECORD|REPORT|LIVE PAGE: the man page with the options of common/options.def put in for @@OPTIONS@@, and the
fields of report/filter/fields.def for @@FIELDS@@."""
import re
import sys

program, page = sys.argv[1:3]
programs = {"RECORD", "REPORT"} if program == "LIVE" else {program}
table = open("common/options.def").read()
left_out = set(re.findall(r"^NOT_LIVE\((\w+), ", table, re.M)) if program == "LIVE" else set()
out = []
group = None
for line in table.splitlines():
    m = re.match(r'GROUP\("(.*?)", (.*)\)$', line)
    if m:
        group = m[1]
    m = re.match(r'OPTION\(\w+, "(.*?)", (\S+), (NULL|"(.*?)"), ([A-Z |]+), "(.*)"\)$', line)
    if not m or not programs & set(m[5].split(" | ")) or line[7 : line.index(",")] in left_out:
        continue
    if group:
        out.append(f".SS {group}")
    group = None
    name, letter, argument = m[1].replace("-", "\\-"), m[2], m[4]
    short = f"\\fB\\-{letter[1]}\\fR, " if letter != "0" else ""
    joined = "" if argument and argument.startswith("[=") else " "
    out.append(".TP\n" + short + f"\\fB\\-\\-{name}\\fR" + (f"{joined}\\fI{argument}\\fR" if argument else ""))
    out.append(m[6][0].upper() + m[6][1:].replace("\\", "\\\\") + ".")

kinds = {"STRING": "text", "NUMBER": "number", "HEX": "number", "BOOL": "yes or no", "ADDRESS": "address", "MAC": "MAC address",
         "DURATION": "duration", "TIME": "time", "BYTES": None, "LIST": None}
fields = []
scope = None
for line in open("report/filter/fields.def"):
    m = re.match(r'(HIT|PATH)\(\w+, "(.*?)", (?:"(.*?)", )?([A-Z]+), "(.*)"\)$', line)
    if not m:
        if re.match(r"(HIT|PATH)\(", line):
            sys.exit(f"man.py: cannot read {line.strip()}")
        continue
    if scope != m[1]:
        scope = m[1]
        fields.append(".PP\nOf a hit:" if scope == "HIT" else ".PP\nOf a path, known when it has ended:")
    key = f", in JSON \\fB{m[3]}\\fR" if scope == "PATH" and m[3] != m[2] else ""
    kind = kinds[m[4]] or "only in JSON"
    fields.append(f".TP\n\\fB{m[2]}\\fR ({kind}{key})\n{m[5][0].upper() + m[5][1:]}.")
page = open(page).read().replace("@@FIELDS@@", "\n".join(fields))
print(page.replace("@@OPTIONS@@", "\n".join(out)), end="")
