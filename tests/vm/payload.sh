#!/bin/bash
# payload.sh DIR BINARY...: copy programs of this machine to DIR/bin and what they are linked with
# to DIR/lib, for a guest that gets DIR as its payload (boot.sh).
#
# There is no ldconfig in the guest. boot.sh's init puts /t/lib into LD_LIBRARY_PATH, so a program
# runs there with the libraries it has here, also those from a build directory or an rpath. The
# loader is an absolute path inside the program; the base initramfs, whose own tools need the same
# one, has it there. It is copied all the same, for a program with another loader:
# /t/lib/LOADER /t/bin/PROGRAM. Libraries only opened at run time (dlopen) have to be added by hand.
set -euo pipefail

(($# >= 2)) || { echo "usage: payload.sh DIR BINARY..." >&2; exit 2; }
dir=$1
shift
mkdir -p "$dir/bin" "$dir/lib"

for arg; do
	binary=$(command -v "$arg") || { echo "payload.sh: no program $arg" >&2; exit 1; }
	install -m 755 "$binary" "$dir/bin/"
	# Fails for a static program and for a script: nothing to add.
	libs=$(ldd "$binary" 2>/dev/null) || continue
	if missing=$(grep 'not found' <<<"$libs"); then
		echo "payload.sh: $binary: $missing" >&2
		exit 1
	fi
	grep -o '/[^ ]*' <<<"$libs" | while read -r lib; do
		install -m 755 "$lib" "$dir/lib/"
	done
done
