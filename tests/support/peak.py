#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""peak.py FILE COMMAND [ARGUMENT...]: runs COMMAND, writes its peak resident set in KiB, as the kernel counts it, to FILE."""
import resource
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as f:
    f.write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\n")
sys.exit(code if code >= 0 else 128 - code)
