#!/bin/bash
# kernel.sh NAME: unpack a Debian cloud kernel into the cache, print its directory.
#
# NAME is 5.10, 6.1, 6.12 or 7 (the newest 7.x). The directory holds vmlinuz, release, config and
# lib/modules/REL. A kernel that is cached is never updated: remove its directory to get a newer
# one. Nothing is installed, and the system's apt lists stay as they are.
# Exit: 0 done; 1 failed; 2 usage; 77 this kernel cannot be had here.
set -euo pipefail

name=${1-}
# Where to look, best first: "own" is the machine's sources as they are, anything else is a list
# of suites on the mirror of the machine's main archive.
case $name in
5.10)   plan=("bullseye linux-image-cloud-amd64") ;;
6.1)    plan=("own linux-image-cloud-amd64" "bookworm linux-image-cloud-amd64") ;;
6.12)   plan=("own linux-image-6.12-cloud-amd64" "trixie linux-image-cloud-amd64") ;;
7)      plan=("trixie-backports,sid linux-image-cloud-amd64") ;;
*)      echo "usage: kernel.sh 5.10|6.1|6.12|7" >&2; exit 2 ;;
esac

cache=${PWRU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pwru}/kernels
dir=$cache/$name

skip() {
	echo "kernel.sh: no kernel $name: $*" >&2
	exit 77
}

finish() {
	echo "$dir"
	exit 0
}

[[ ! -e $dir/release ]] || finish
for tool in apt-get apt-cache dpkg flock; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done
PATH=$PATH:/sbin:/usr/sbin
command -v depmod >/dev/null || skip "depmod (kmod) is not installed"

mkdir -p "$cache"
exec 9>"$cache/.$name.lock"
flock 9
[[ ! -e $dir/release ]] || finish	# someone else unpacked it while we waited

# In the cache, not in /tmp: the last step is a rename. Holding the lock, whatever an
# interrupted run left behind is ours to remove.
work=$cache/.$name.tmp
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT

# The URI of the machine's main archive: what its sources say about the release it runs.
# indextargets reads both source formats, and here without any list being present.
mirror() {
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	# shellcheck disable=SC2016	# apt's variables, not ours
	apt-get -o APT::Get::IndexTargets::ReleaseInfo=false indextargets \
		--format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v want="$codename" '
			$3 == "main" && $2 == want && !exact { exact = $1 }
			$3 == "main" && !first { first = $1 }
			END { print exact ? exact : first }'
}

# apt_setup OWN|SUITE,...: a private apt directory, with its lists fetched. Proxy, credentials
# and the like still come from the machine's configuration. False when nothing can be fetched.
apt_setup() {
	local suites=${1//,/ } apt=$work/apt uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	rm -rf "$apt"
	mkdir -p "$apt"/{lists/partial,cache/archives/partial,parts}
	cat >"$apt/conf" <<-CONF
		Dir::State::lists "$apt/lists";
		Dir::Cache "$apt/cache";
		Acquire::Languages "none";
		Acquire::Retries "2";
		APT::Sandbox::User "root";
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	CONF
	if [[ $suites != own ]]; then
		uri=$(mirror)
		[[ $uri ]] || return 1
		{
			printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$suites"
			[[ ! -e $keyring ]] || echo "Signed-By: $keyring"
		} >"$apt/parts/suite.sources"
		# Backports are held back by default; all suites alike means the newest wins.
		printf 'Package: *\nPin: release *\nPin-Priority: 500\n' >"$apt/preferences"
		cat >>"$apt/conf" <<-CONF
			Dir::Etc::sourcelist "/dev/null";
			Dir::Etc::sourceparts "$apt/parts";
			Dir::Etc::preferences "$apt/preferences";
			Dir::Etc::preferencesparts "/dev/null";
		CONF
	fi
	# One suite of two may be gone, one source of many unreachable: what counts is whether
	# the package turns up.
	apt-get -qq -c "$apt/conf" update >"$apt/log" 2>&1 || true
	compgen -G "$apt/lists/*Packages*" >/dev/null
}

depends() {
	apt-cache -c "$work/apt/conf" --no-all-versions show "$1" 2>/dev/null |
		sed -n 's/^Depends: //p' | tr , '\n' |
		sed -n -E 's/^ *(linux-(image|base|binary|modules)-[0-9][^ ]*).*/\1/p'
}

# The kernel packages behind a metapackage, the image first: all there is up to 6.x; from 7 on it
# is empty and depends on linux-binary-* (vmlinuz), linux-modules-*, linux-base-* (config).
packages() {
	local image
	image=$(depends "$1" | grep -m1 '^linux-image') || return 0
	echo "$image"
	depends "$image"
}

tried=
pkgs=()
for step in "${plan[@]}"; do
	read -r suites meta <<<"$step"
	if ! apt_setup "$suites"; then
		tried+="; $suites: no package list ($(grep -m1 '^[EW]:' "$work/apt/log" 2>/dev/null | cut -c1-160))"
		continue
	fi
	mapfile -t pkgs < <(packages "$meta")
	# The same metapackage means another kernel on another release.
	[[ ${pkgs[0]-} != linux-image-"$name".* ]] || break
	tried+="; $suites: $meta is ${pkgs[0]:-not there}"
	pkgs=()
done
((${#pkgs[@]})) || skip "${tried#; }"

mkdir "$work/debs" "$work/root" "$work/out"
(cd "$work/debs" && apt-get -qq -c "$work/apt/conf" download "${pkgs[@]}") >"$work/log" 2>&1 ||
	skip "download failed: $(grep -m1 '^E:' "$work/log" || echo "${pkgs[*]}")"
for deb in "$work"/debs/*.deb; do
	dpkg -x "$deb" "$work/root"
done

# Keep what a boot needs, in one layout whichever way the kernel was packaged.
modules=("$work"/root/{,usr/}lib/modules/*/)
for m in "${modules[@]}"; do
	[[ ! -d $m ]] || rel=$(basename "$m")
done
find_one() { find "$work/root" -type f -path "*/$1" -print -quit; }
vmlinuz=$(find_one "boot/vmlinuz-$rel")
[[ $vmlinuz ]] || vmlinuz=$(find_one "modules/$rel/vmlinuz")
config=$(find_one "boot/config-$rel")
[[ $config ]] || config=$(find_one "modules/$rel/config")
[[ $vmlinuz && $config ]] || {
	echo "kernel.sh: ${pkgs[*]}: no vmlinuz or no config inside" >&2
	exit 1
}
mv "$vmlinuz" "$work/out/vmlinuz"
mv "$config" "$work/out/config"
mkdir -p "$work/out/lib/modules/$rel"
for m in "${modules[@]}"; do
	[[ ! -d $m ]] || cp -rl "$m." "$work/out/lib/modules/$rel/"
done
depmod -b "$work/out" "$rel"
echo "$rel" >"$work/out/release"
mv "$work/out" "$dir"
finish
