#!/bin/bash
# debug.sh NAME: the debug information of kernel.sh's kernel NAME, from Debian's package of just that build; prints a directory
# with vmlinux and lib/modules, laid out as /usr/lib/debug is. Of the modules, what networking needs.
#
# It is cached beside the kernel: 283 MB are fetched, 700 MB kept. Nothing is installed.
# Exit: 0 done; 1 failed; 2 usage; 77 it cannot be had here.
set -euo pipefail
cd "$(dirname "$0")/../.."
(($# == 1)) || { echo "usage: debug.sh NAME" >&2; exit 2; }
kernel=$(tests/vm/kernel.sh "$1")
dir=$kernel/debug
release=$(cat "$kernel/release")
package=linux-image-$release-dbg

skip() {
	echo "debug.sh: no debug information of $release: $*" >&2
	exit 77
}

finish() {
	echo "$dir"
	exit 0
}

[[ ! -e $dir/release ]] || finish
exec 9>"$kernel/.debug.lock"
flock 9
[[ ! -e $dir/release ]] || finish
free=$(df -k --output=avail "$kernel" | tail -n 1)
((free > 3000000)) || skip "3 GB are needed in $kernel for a while"
work=$kernel/.debug.tmp
rm -rf "$work"
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/debs"
trap 'rm -rf "$work"' EXIT

# The machine's own lists stay as they are.
cat >"$work/apt/conf" <<-CONF
	Dir::State::lists "$work/apt/lists";
	Dir::Cache "$work/apt/cache";
	Acquire::Languages "none";
	Acquire::Retries "2";
	APT::Sandbox::User "root";
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
CONF
apt-get -qq -c "$work/apt/conf" update >"$work/log" 2>&1 || true
(cd "$work/debs" && apt-get -qq -c "$work/apt/conf" download "$package") >>"$work/log" 2>&1 ||
	skip "$(grep -m1 '^E:' "$work/log" || echo "$package cannot be fetched")"
dpkg --fsys-tarfile "$work"/debs/*.deb | tar -x -C "$work" --wildcards \
	'*/boot/vmlinux-*' '*/kernel/net/*' '*/kernel/drivers/net/*'
[[ -s $work/usr/lib/debug/boot/vmlinux-$release ]] || skip "$package has no vmlinux"
mv "$work/usr/lib/debug" "$work/out"
echo "$release" >"$work/out/release"
rm -rf "$dir"
mv "$work/out" "$dir"
finish
