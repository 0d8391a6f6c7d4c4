#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""reasons_judge.py DEF ENUMS [AT-LEAST]: does DEF, the table of drop reasons, know each that a kernel has?

ENUMS is what `bpftool btf dump` prints of the kernel or a module. Prints how many there are; exit 1 when one is not known,
when two have the same sentence, or when there are less than AT-LEAST (the enum was not read then).
"""
import re
import sys

STRING = r'"((?:[^"\\]|\\.)*)"'


def table(path):
    text = open(path).read()
    rows = re.findall(rf"^REASON\(\s*(\w+),\s*{STRING},\s*{STRING}\)", text, re.M)
    if len(rows) != len(re.findall(r"^REASON\(", text, re.M)) or not rows:
        sys.exit(f"{path}: not all of it is understood")
    return rows


def reasons(path):
    """Names of the enums of reasons. 0 is no reason of a subsystem; a name without a value of its own bounds them."""
    enum = None
    for line in open(path):
        if line.startswith("["):
            m = re.match(r"\[\d+\] ENUM(?:64)? '(\w*)'", line)
            enum = m[1] if m else None
        elif enum and enum.endswith("_drop_reason"):
            name, value = re.match(r"\s+'(\w+)' val=(-?\d+)", line).groups()
            if name.startswith("__") or re.search(r"_(MAX|MASK|NUM)$", name) or (enum != "skb_drop_reason" and value == "0"):
                continue
            yield re.sub(r"^SKB_(DROP_REASON_)?", "", name) if enum == "skb_drop_reason" else name


def main():
    rows = table(sys.argv[1])
    names, said = {}, {}
    for name, usually, look in rows:
        if name in names:
            sys.exit(f"{name} is there twice")
        if usually in said:
            sys.exit(f"{name} says the same as {said[usually]}: {usually}")
        if not usually.strip() or not look.strip():
            sys.exit(f"{name} says nothing")
        names[name], said[usually] = usually, name
    found = sorted(set(reasons(sys.argv[2])))
    least = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if len(found) < least:
        sys.exit(f"only {len(found)} reasons in {sys.argv[2]}: was the enum read?")
    missing = [n for n in found if n not in names]
    if missing:
        sys.exit(f"without a sentence: {' '.join(missing)}")
    print(f"{len(found)} reasons")


main()
