#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""judge.py LINES FILE COUNT WITNESS [MOST]: functions, source lines and inlined frames, two ways.

COUNT random addresses of FILE's code (by its section headers; SEED from $SRCLINE_SEED) are asked of LINES
(tests/srcline/lines.c) and of WITNESS, eu-addr2line, addr2line or llvm-symbolizer. Prints a line for each class of difference,
with an example, and last "N asked, N differ". Exit 1 if more than MOST per cent (0) differ, or one that is not
explained, or if nothing inlined was met.
"""
import atexit
import bisect
import collections
import functools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

# What may differ, and why. The symbol table, which neither side reads here, has to bear it out, and so has llvm-dwarfdump's DIE.
CLASSES = {
    "padding": "between two functions: no DIE has the address, so ours names none; eu-addr2line takes the unit's nearest one, "
               "and lines from behind the end of a sequence",
    "outvoted": "eu-addr2line alone: llvm-symbolizer tells what ours tells",
    "symbol": "code that no DIE has (gcc folds functions that are alike): eu-addr2line falls back to the symbol, as the "
              "report does to the capture's",
    "alias": "assembly whose DIEs (or labels without one) have the same address: each takes another of the names",
}


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def code(path):
    """[start, length) of the code. Of a module only .text, which its code begins with: where further sections go,
    each program decides for itself."""
    found = []
    for line in run("readelf", "-SW", path).splitlines():
        m = re.match(r" *\[ *\d+\] (\S+) +\S+ +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ +([A-Zopxo]+) ", line)
        if m and "A" in m[4] and "X" in m[4] and (m[1] == ".text" or not is_module(path)):
            found.append((int(m[2], 16), int(m[3], 16)))
    return [(s, n) for s, n in found if n]


@functools.cache
def is_module(path):
    return "REL (" in run("readelf", "-hW", path)


@functools.cache
def symbols(path):
    """[(address, end, name)] of the functions in order. Of a module, those of .text."""
    text = next((m[1] for m in re.finditer(r"\[ *(\d+)\] \.text ", run("readelf", "-SW", path))), "")
    found = []
    for line in run("readelf", "-sW", path).splitlines():
        f = line.split()
        if len(f) == 8 and f[3] in ("FUNC", "NOTYPE") and f[6] not in ("UND", "ABS") and \
                (f[6] == text or not is_module(path)):
            at = int(f[1], 16)
            found.append((at, at + int(f[2], 0), f[7]))
    return sorted(found)


def named(path, addr):
    """The names of functions that addr lies in, by the symbol table."""
    all_of = symbols(path)
    last = bisect.bisect_right(all_of, (addr, 1 << 64, ""))
    return {name for at, end, name in all_of[max(0, last - 50):last] if at <= addr < end}


def addresses(path, count):
    dice = random.Random(int(os.environ.get("SRCLINE_SEED", "20240917")))
    parts = code(path)
    for _ in range(count):
        at = dice.randrange(sum(n for _, n in parts))
        for start, size in parts:
            if at < size:
                yield start + at
                break
            at -= size


def place(text):
    """FILE:LINE[:COLUMN] -> file, line."""
    m = re.match(r"(.*?):(\d+)(:\d+)?( \(discriminator.*\))?$", text)
    return (os.path.normpath(m[1]), int(m[2])) if m else (text, 0)


def from_lines(text):
    told = []
    for line in text.splitlines():
        if re.fullmatch("0x[0-9a-f]+", line):
            told.append([])
        else:
            name, file, number = line.rsplit("|", 2)
            told[-1].append((name, file, int(number)))
    return told


def from_eu(text):
    told, name = [], None
    for line in text.splitlines():
        if re.fullmatch("0x[0-9a-f]{8,}", line):
            told.append([])
            name = None
        elif name is None:
            name = line.split(" inlined at ")[0]
        else:
            told[-1].append((name, *place(line)))
            name = None
    return told


def from_llvm(text):
    told = []
    if not text:
        return told
    for block in text.strip("\n").split("\n\n"):
        lines = block.split("\n")
        told.append([(n, *place(at)) for n, at in zip(lines[0::2], lines[1::2])])
    return told


def same_file(ours, theirs):
    """Ours is without the directory it was compiled in."""
    return theirs == ours or theirs.endswith("/" + ours)


def known(frames):
    """Without debug information a witness tells the symbol, which is not asked here."""
    return [] if len(frames) == 1 and frames[0][1] == "??" else frames


def difference(path, addr, ours, theirs):
    """None, or its class: one of CLASSES, or "chain" or "place", which are not explained."""
    theirs = known(theirs)
    if len(ours) == len(theirs) and all(
            (a[0] or "??") == b[0] and same_file(a[1], b[1]) and a[2] == b[2] for a, b in zip(ours, theirs)):
        return None
    if not named(path, addr) and not any(f[0] for f in ours):
        return "padding"
    if len(ours) == len(theirs) == 1 and ours[0] == ("", *ours[0][1:]) and theirs[0][0] in named(path, addr) and \
            same_file(ours[0][1], theirs[0][1]) and ours[0][2] == theirs[0][2]:
        return "symbol"
    if len(ours) == len(theirs) == 1 and ours[0][2] == theirs[0][2] and same_file(ours[0][1], theirs[0][1]):
        for at, end, name in symbols(path):
            if name == ours[0][0] and (at, end, theirs[0][0]) in symbols(path):
                return "alias"
    return "place" if [a[0] or "??" for a in ours] == [b[0] for b in theirs] else "chain"


@functools.cache
def linked(path):
    """LLVM's tools do not know which section of a module an address is of: ld links it. The file, and where .text begins."""
    if not is_module(path):
        return path, 0
    start, tmp = 0x10000000, tempfile.mkdtemp()
    atexit.register(shutil.rmtree, tmp)
    with open(f"{tmp}/script", "w", encoding="ascii") as script:
        script.write(f"SECTIONS {{ .text {start:#x} : {{ *(.text) }} }}\n")
    run("ld", "-e", "0", "--noinhibit-exec", "--unresolved-symbols=ignore-all", "-T", f"{tmp}/script", "-o", f"{tmp}/linked", path)
    return f"{tmp}/linked", start


def ask_llvm(witness, path, asked):
    path, start = linked(path)
    return from_llvm(run(witness, "--functions=short", "--no-demangle", f"--obj={path}",
                         input="".join(f"{start + a:#x}\n" for a in asked)))


@functools.cache
def die(path, addr):
    """The innermost DIE of a function that has the address: where it is, its tag and its name; None."""
    path, start = linked(path)
    # Its exit status is 1 where no unit has the address.
    told = subprocess.run(("llvm-dwarfdump", f"--lookup={start + addr:#x}", path), check=False, capture_output=True, text=True)
    if told.returncode not in (0, 1) or "file format" not in told.stdout:
        raise ValueError(f"llvm-dwarfdump: {told.stderr}")
    found = re.findall(r"^(0x\w+): +DW_TAG_(subprogram|inlined_subroutine)\n((?: {6,}.*\n)*)", told.stdout, re.M)
    if not found:
        return None
    at, tag, attributes = found[-1]
    name = re.search(r'DW_AT_(?:name|abstract_origin)\s+\((?:0x\w+ )?"(.*)"\)', attributes)
    return at, tag, name[1] if name else ""


def borne_out(which, path, addr, ours):
    """By its DIE, does a difference belong to that class?"""
    it = die(path, addr)
    if which in ("padding", "symbol"):
        return it is None
    return it is not None and (it[2] == ours[0][0] if which == "outvoted" else it[2] in named(path, addr))


def ask_eu(witness, path, asked):
    section = ("-j", ".text") if is_module(path) else ()
    return from_eu(run(witness, "-a", "-f", "-i", *section, "-e", path, input="".join(f"{a:#x}\n" for a in asked)))


def main():
    lines, path, count, witness = sys.argv[1:5]
    most = float(sys.argv[5]) if len(sys.argv) > 5 else 0
    asked = list(addresses(path, int(count)))
    ours = from_lines(run(lines, path, input="".join(f"{a:#x}\n" for a in asked)))
    theirs = (ask_llvm if "llvm" in witness else ask_eu)(witness, path, asked)
    if not len(ours) == len(theirs) == len(asked):
        sys.exit(f"{len(asked)} asked, {len(ours)} and {len(theirs)} answers")
    classes = collections.defaultdict(list)
    for a, x, y in zip(asked, ours, theirs):
        which = difference(path, a, x, y)
        if which:
            classes[which].append((a, x, y))
    if "llvm" not in witness:
        for which in ("chain", "place"):
            alone = classes.pop(which, [])
            for one, third in zip(alone, ask_llvm("llvm-symbolizer", path, [a for a, _, _ in alone])):
                agrees = difference(path, one[0], one[1], third) is None
                classes["outvoted" if agrees else which].append(one)
    for which in set(classes) & set(CLASSES):
        for one in [one for one in classes[which] if not borne_out(which, path, one[0], one[1])]:
            classes[which].remove(one)
            classes[f"{which}, but its DIE says otherwise"].append(one)
    for which, found in classes.items():
        print(f"{which}: {len(found)}: {CLASSES.get(which, 'NOT EXPLAINED')}")
        for a, x, y in found[:int(os.environ.get("SRCLINE_SHOW", "1"))]:
            print(f"    {a:#x}\n        ours   {x}\n        theirs {y}\n        DIE    {die(path, a)}")
    differ = sum(map(len, classes.values()))
    print(f"{sum(map(bool, ours))} of {len(asked)} known, {sum(len(f) > 1 for f in ours)} inlined, {differ} differ")
    return differ * 100 > most * len(asked) or bool(set(classes) - set(CLASSES)) or not any(len(f) > 1 for f in ours)


if __name__ == "__main__":
    sys.exit(main())
