// SPDX-License-Identifier: GPL-2.0-only
/*
 * A raw tracepoint's program gets no cookie (before 6.10), and positions of arguments differ; so
 * the program is loaded once for each tracepoint with its cookie as a constant.
 */
#include <bpf/bpf.h>
#include <errno.h>

#include "common/event.h"
#include "record/probe.h"

static int attach_one(struct program *p, struct target_set *set, size_t i,
		      struct probe_links *links)
{
	struct target *t = &set->all[i];
	bool btf = program_entry(p) == PROGRAM_TP_BTF;
	int prog = program_clone(p, target_cookie(set, i), t->btf_id), link;

	if (prog < 0)
		return prog;
	link = bpf_raw_tracepoint_open(btf ? NULL : t->name, prog);
	if (link < 0)
		link = -errno;
	if (program_forgets(p))
		program_forget_clones(p);
	return link < 0 ? link : probe_links_add(links, link);
}

static int attach(struct program *p, struct target_set *set, struct probe_links *links)
{
	size_t attached = 0;
	int err, last = -ENOENT;

	for (size_t i = 0; i < set->count; i++) {
		struct target *t = &set->all[i];

		if (t->status != TARGET_WANTED)
			continue;
		err = attach_one(p, set, i, links);
		/* Recording counts more than knowing what the kernel skipped. */
		if (err == -EMFILE && program_forget_clones(p))
			err = attach_one(p, set, i, links);
		t->status = err ? TARGET_FAILED : TARGET_ATTACHED;
		t->err = -err;
		attached += !err;
		last = err ? err : last;
	}
	return attached ? 0 : last;
}

const struct probe_ops probe_raw_tp = {
	.name = "tracepoint",
	.how = FUNC_RAW_TP,
	.entry = PROGRAM_RAW_TP,
	.attach = attach,
};

const struct probe_ops probe_tp_btf = {
	.name = "tracepoint",
	.how = FUNC_TP_BTF,
	.entry = PROGRAM_TP_BTF,
	.attach = attach,
};
