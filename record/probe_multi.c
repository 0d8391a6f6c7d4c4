// SPDX-License-Identifier: GPL-2.0-only
/*
 * One link for all functions. The kernel refuses the whole link with EINVAL when a single address
 * cannot be traced, and does not say which: then the range is halved until the culprit stands
 * alone, and everything else stays attached by a few links.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/event.h"
#include "record/probe.h"

struct range {
	unsigned long *addrs;
	__u64 *cookies;
	size_t *index; /* into the target set */
	size_t count;
	uint32_t flags; /* of the link */
};

static void range_deinit(struct range *r)
{
	free(r->addrs);
	free(r->cookies);
	free(r->index);
}

static int link_range(struct program *p, const struct range *r, size_t from, size_t n)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .kprobe_multi.flags = r->flags,
		    .kprobe_multi.addrs = r->addrs + from,
		    .kprobe_multi.cookies = r->cookies + from, .kprobe_multi.cnt = (__u32)n);
	int fd = bpf_link_create(program_fd(p), 0, BPF_TRACE_KPROBE_MULTI, &opts);

	return fd < 0 ? -errno : fd;
}

/* Returns how many are attached, or a negative error that is nobody's fault here (no memory). */
static int attach_range(struct program *p, struct target_set *set, const struct range *r,
			size_t from, size_t n, struct probe_links *links)
{
	int fd = link_range(p, r, from, n), left, right;

	if (fd >= 0) {
		for (size_t i = from; i < from + n; i++)
			set->all[r->index[i]].status = TARGET_ATTACHED;
		left = probe_links_add(links, fd);
		return left ? left : (int)n;
	}
	if (n == 1) {
		set->all[r->index[from]].status = TARGET_FAILED;
		set->all[r->index[from]].err = -fd;
		return 0;
	}
	left = attach_range(p, set, r, from, n / 2, links);
	if (left < 0)
		return left;
	right = attach_range(p, set, r, from + n / 2, n - n / 2, links);
	return right < 0 ? right : left + right;
}

/* Those probed at their return, or the others. */
static int collect(const struct target_set *set, bool returns, struct range *r)
{
	size_t n = target_count(set, TARGET_WANTED);

	r->addrs = calloc(n + 1, sizeof(*r->addrs));
	r->cookies = calloc(n + 1, sizeof(*r->cookies));
	r->index = calloc(n + 1, sizeof(*r->index));
	if (!r->addrs || !r->cookies || !r->index)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++) {
		if (set->all[i].status != TARGET_WANTED ||
		    (set->all[i].skb_arg == FUNC_ARG_RETURN) != returns)
			continue;
		r->addrs[r->count] = set->all[i].addr;
		r->cookies[r->count] = target_cookie(set, i);
		r->index[r->count++] = i;
	}
	return 0;
}

/* Is the link type there at all? Tried with a few functions, for any one of them may be
 * untraceable. */
static int try_few(struct program *p, const struct range *r)
{
	int err = -ENOENT, fd;

	for (size_t i = 0; i < r->count && i < 8; i++) {
		fd = link_range(p, r, i, 1);
		if (fd >= 0) {
			close(fd);
			return 0;
		}
		err = fd;
	}
	return err;
}

static int attach(struct program *p, struct target_set *set, struct probe_links *links)
{
	_cleanup_(range_deinit) struct range r = {}, returns = {.flags = BPF_F_KPROBE_MULTI_RETURN};
	int err = collect(set, false, &r);

	if (!err)
		err = collect(set, true, &returns);
	if (!err)
		err = try_few(p, &r);
	if (err)
		return err;
	probe_progress(0, r.count);
	err = attach_range(p, set, &r, 0, r.count, links);
	if (err > 0 && returns.count)
		attach_range(p, set, &returns, 0, returns.count, links);
	probe_progress(r.count, r.count);
	return err > 0 ? 0 : err ? err : -EOPNOTSUPP;
}

const struct probe_ops probe_multi = {
	.name = "kprobe-multi",
	.how = FUNC_KPROBE_MULTI,
	.entry = PROGRAM_MULTI,
	.attach = attach,
};
