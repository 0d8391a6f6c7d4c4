#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deps.sh PACKAGE...: installs those Debian packages that are missing.
set -euo pipefail
missing=()
for p; do
    [[ $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) == 'install ok installed' ]] || missing+=("$p")
done
((${#missing[@]})) || exit 0
if [[ $(id -u) != 0 ]]; then
    echo "missing Debian packages, and not root to install them: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "could not install ${missing[*]} (is the network there?)" >&2
    exit 1
fi
