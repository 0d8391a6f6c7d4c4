// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose BTF a file holds is not said in it. But each of its functions has a symbol, but for some
 * hundredth that was thrown away when the kernel was linked (exit functions of what is built in);
 * between 6.1 and 6.12 a twentieth and more came and went.
 */
#include "record/kernel_btf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "record/kallsyms.h"

#define ODD_SHARE 50 /* one in so many functions may have no symbol */

static bool has_symbol(const struct kallsyms *k, const char *name)
{
	const struct kallsym *const *found;

	return kallsyms_by_name(k, name, &found) || kallsyms_suffixed(k, name);
}

static int compare(const struct btf *btf, const char *path, const struct kallsyms *k, char *why,
		   size_t size)
{
	uint32_t functions = 0, odd = 0;

	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!btf_is_func(t))
			continue;
		functions++;
		odd += !has_symbol(k, btf__name_by_offset(btf, t->name_off));
	}
	log_debug("%s: %u of %u functions have no symbol", path, odd, functions);
	if (odd <= functions / ODD_SHARE)
		return 0;
	snprintf(why, size, "%s: BTF of another kernel: %u of its %u functions are not in this one",
		 path, odd, functions);
	return -EINVAL;
}

static int load_file(const char *path, const struct kallsyms *k, struct btf **ret, char *why,
		     size_t size)
{
	struct btf *btf;
	int err = 0;

	if (access(path, R_OK)) {
		err = -errno;
		snprintf(why, size, "%s: cannot read: %s", path, strerror(-err));
		return err;
	}
	btf = btf__parse(path, NULL);
	if (!btf) {
		/* libbpf has numbers of its own, and ENOENT for an ELF file without BTF. */
		err = errno == ENOMEM ? -ENOMEM : -EINVAL;
		snprintf(why, size, "%s: %s", path,
			 err == -ENOMEM ? "out of memory" : "not a file with BTF, or damaged");
		return err;
	}
	if (btf__find_by_name_kind(btf, "sk_buff", BTF_KIND_STRUCT) < 0) {
		snprintf(why, size, "%s: BTF, but not of a kernel: no struct sk_buff", path);
		err = -EINVAL;
	} else if (k) {
		err = compare(btf, path, k, why, size);
	}
	if (err)
		btf__free(btf);
	else
		*ret = btf;
	return err;
}

int kernel_btf_load(const char *path, const struct kallsyms *k, struct btf **ret, char *why,
		    size_t size)
{
	struct btf *btf;

	if (path)
		return load_file(path, k, ret, why, size);
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		snprintf(why, size,
			 "this kernel has no BTF (/sys/kernel/btf/vmlinux): it needs "
			 "CONFIG_DEBUG_INFO_BTF=y, or --kernel-btf FILE");
		return -ENOENT;
	}
	*ret = btf;
	return 0;
}
