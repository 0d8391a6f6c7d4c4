#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""blocks_json.py FILE: writes the lines of `pwru-report blocks --json` as the text of `pwru-report blocks` has them."""
import json
import sys

CUSTOM_BLOCKS = (0xBAD, 0x40000BAD)


def option(o):
    if o["pen"] is not None:
        return f"{o['name']} {o['code']} (PEN {o['pen']})"
    return o["name"] or f"option {o['code']}"


for line in open(sys.argv[1], encoding="utf-8"):
    b = json.loads(line)
    kind = int(b["type"], 16)
    name = b["block"] or f"unknown 0x{kind:08x}"
    text = f"{b['offset']:10}  {name:28}  {b['length']:9}"
    if b["byte_order"]:
        text += f"  {b['byte_order']}"
    if b["interface"] is not None:
        text += f"  interface {b['interface']}"
    if kind in CUSTOM_BLOCKS:
        text += f"  PEN {b['pen']}" + (", not to be copied" if kind == 0x40000BAD else "")
    if b["options"]:
        text += "  " + ", ".join(map(option, b["options"]))
    print(text)
