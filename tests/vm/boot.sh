#!/bin/bash
# boot.sh NAME PAYLOADDIR OUTDIR [MODULE...]: run PAYLOADDIR/test.sh in a guest with kernel NAME.
#
# PAYLOADDIR is /t in the guest and the working directory of test.sh, which dash runs as root;
# /t/bin is in PATH, /t/lib in LD_LIBRARY_PATH. What test.sh leaves in /out arrives in OUTDIR, along
# with console.log. MODULEs are loaded besides those in the file "modules". NAME: see kernel.sh.
# `ip netns exec` mounts a fresh /sys without debugfs, tracefs and bpf: trace from outside of it.
#
# Environment: VM_LIMIT  seconds until the guest is killed (300)
#              VM_MEM    memory (1G)
#              VM_DISK   room for what is in /out (1G, sparse)
#              APPEND    more kernel arguments, say lockdown=integrity
#              PWRU_CACHE  see kernel.sh
# Exit: that of test.sh; 99 when the guest crashed, hung or delivered nothing; 77 when the kernel
# or a tool is missing; 1 other failures, 2 usage.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
(($# >= 3)) || { echo "usage: boot.sh NAME PAYLOADDIR OUTDIR [MODULE...]" >&2; exit 2; }
name=$1 payload=$2 out=$3
shift 3

say() { echo "boot.sh: $name: $*" >&2; }

[[ -f $payload/test.sh ]] || { say "no $payload/test.sh"; exit 2; }
PATH=$PATH:/sbin:/usr/sbin
tools=(busybox dash ip nft ping tc)
for tool in qemu-system-x86_64 cpio modprobe "${tools[@]}"; do
	command -v "$tool" >/dev/null || { say "$tool is not installed"; exit 77; }
done
for tool in ethtool iptables ip6tables; do
	! command -v "$tool" >/dev/null || tools+=("$tool")
done
kernel=$("$here/kernel.sh" "$name")	# its exit status becomes ours
work=$(mktemp -d)
qemu=
trap '[[ ! $qemu ]] || kill "$qemu" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

modules=$(sed 's/#.*//' "$here/modules"; echo "$@")

# The host's files the guest needs: tool by tool, each with its libraries and loader, and the
# extensions that iptables opens at run time.
host_files() {
	local tool
	for tool in "${tools[@]}"; do
		tool=$(realpath "$(command -v "$tool")")
		echo "$tool"
		ldd "$tool" 2>/dev/null | grep -o '/[^ ]*' || true	# static: no output
	done
	compgen -G '/usr/lib/*/xtables/*.so' || true
}

# copy_module FILE DIR: unpacked here, where it is fast.
copy_module() {
	local to=$2/${1##*/}
	case $1 in
	*.xz)	xz -dc "$1" >"${to%.xz}" ;;
	*.zst)	zstd -qdc "$1" >"${to%.zst}" ;;
	*.gz)	gzip -dc "$1" >"${to%.gz}" ;;
	*)	cp "$1" "$to" ;;
	esac
}

pack() { (cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet); }

# build_base FILE: the initramfs with everything but the payload.
build_base() {
	local root=$work/base file tool rel module
	mkdir -p "$root"/{bin,dev,etc,modules,out,proc,root,run,sys,tmp,var}
	ln -s /bin "$root/sbin"
	ln -s /run "$root/var/run"
	while read -r file; do
		case $file in
		*.so | *.so.*)	install -D -m 755 "$file" "$root$file" ;;
		esac
	done <"$work/files"
	for tool in "${tools[@]}"; do
		install -m 755 "$(realpath "$(command -v "$tool")")" "$root/bin/$tool"
	done
	ln -s dash "$root/bin/sh"	# busybox's would run its own ip and ping
	for tool in $(busybox --list); do
		[[ -e $root/bin/$tool ]] || ln -s busybox "$root/bin/$tool"
	done
	install -m 755 "$here/init" "$root/init"
	echo "guest-$name" >"$root/etc/hostname"
	echo "root:x:0:0:root:/root:/bin/sh" >"$root/etc/passwd"
	echo "nobody:x:65534:65534:nobody:/:/bin/false" >>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	[[ ! -e /etc/protocols ]] || cp /etc/protocols "$root/etc/"

	# The host's modprobe.d says nothing about the guest.
	rel=$(<"$kernel/release")
	for module in $modules; do
		modprobe -C /dev/null -d "$kernel" -S "$rel" --show-depends "$module" 2>/dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/modules"
	while read -r file; do
		copy_module "$file" "$root/modules"
		file=${file##*/}
		echo "${file%.ko*}.ko"
	done <"$work/modules" >"$root/modules/order"

	pack "$root" >"$1.$$"
	mv "$1.$$" "$1"
	rm -rf "$root"
}

# The base lies beside its kernel and is named after all that went into it, so a stale one is
# never used; one that nobody used for a week goes.
host_files | sort -u >"$work/files"
key=$({
	echo "$modules"
	xargs -d '\n' stat -L -c '%n %s %Y' <"$work/files"
	cat "$here/init" "$here/boot.sh"
} | sha256sum | cut -c1-16)
base=$kernel/base-$key.cpio
find "$kernel" -maxdepth 1 -name 'base-*' -mtime +7 -delete 2>/dev/null || true
if [[ -e $base ]]; then
	touch "$base"
else
	build_base "$base"
fi

mkdir "$work/payload"
cp -a "$payload" "$work/payload/t"
{ cat "$base"; pack "$work/payload"; } >"$work/initrd"
mkdir -p "$out"
out=$(realpath "$out")

# run: one boot. Sets rc to what test.sh returned, or to nothing.
run() {
	rc=
	rm -f "$work/disk"
	truncate -s "${VM_DISK:-1G}" "$work/disk"
	# No kvm: it is rarely there in CI. thread=multi has crashed guests. Without tsc=reliable
	# old kernels fall back to a clock with steps of 10 ns. The self-tests of the ciphers
	# take a second. In the background, because bash acts on a signal only while it waits.
	timeout --foreground -k 5 "${VM_LIMIT:-300}" qemu-system-x86_64 -nodefaults \
		-no-user-config -no-reboot -display none -machine q35 \
		-accel tcg,thread=single -cpu max -smp 2 \
		-m "${VM_MEM:-1G}" -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic tsc=reliable \
			cryptomgr.notests=1 ${APPEND-}" \
		-drive "file=${work//,/,,}/disk,if=virtio,format=raw,cache=unsafe" -serial stdio \
		</dev/null >"$out/console.log" 2>&1 &
	qemu=$!
	wait "$qemu" && status=0 || status=$?
	qemu=
	sed -i 's/\r//g' "$out/console.log"

	# A disk never written to reads as an empty archive.
	mkdir "$work/disk.d"
	if tar -x -f "$work/disk" -C "$work/disk.d" 2>>"$out/console.log" &&
		[[ -s $work/disk.d/rc ]]; then
		rc=$(<"$work/disk.d/rc")
		cp -a "$work/disk.d/out/." "$out/"
	fi
	rm -rf "$work/disk.d"
}

# lost: the boot gave nothing; say so, with the end of the console.
lost() {
	if ((status == 124 || status == 137)); then
		say "GUEST KILLED after ${VM_LIMIT:-300} s; $1. Its last words:"
	else
		say "GUEST CRASHED or delivered nothing (qemu exit $status); $1. Its last words:"
	fi
	tail -n 20 "$out/console.log" | sed 's/^/    /' >&2
}

run
if [[ ! $rc ]]; then
	# A test that hangs would hang again. Emulation that gets stuck does so before the test.
	if ((status == 124 || status == 137)) && grep -q '^guest: running' "$out/console.log"; then
		lost "giving up"
		exit 99
	fi
	lost "trying once more"
	mv "$out/console.log" "$out/console-first.log"
	run
	[[ $rc ]] || { lost "giving up"; exit 99; }
fi
exit "$rc"
