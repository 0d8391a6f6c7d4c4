// SPDX-License-Identifier: GPL-2.0-only
#include "record/backend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/event.h"
#include "common/log.h"
#include "record/stop.h"

static const struct {
	const struct probe_ops *ops;
	enum backend_choice choice;
} ways[] = {
	{&probe_multi, BACKEND_MULTI},	     {&probe_kprobe, BACKEND_KPROBE},
	{&probe_kprobe_ip, BACKEND_KPROBE},  {&probe_raw_tp, BACKEND_TRACEPOINT},
	{&probe_tp_btf, BACKEND_TRACEPOINT},
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static bool is_tracepoint(const struct probe_ops *ops)
{
	return ops->how == FUNC_RAW_TP || ops->how == FUNC_TP_BTF;
}

static int find_targets(const struct options *o, const struct probe_ops *ops, const struct btf *btf,
			const struct kallsyms *k, struct target_set *ret)
{
	int err = is_tracepoint(ops) ? target_tracepoints(btf, ret)
				     : target_functions(btf, k, NULL, ret);

	if (!err && o->filter_func)
		err = target_select(ret, o->filter_func);
	return err;
}

static int open_program(const struct options *o, const struct probe_ops *ops, struct backend *b,
			const struct pwru_config *config)
{
	struct pwru_config cfg = *config;
	struct program_spec spec = {.entry = ops->entry,
				    .buffer_size = o->ring_size,
				    .max_cookies = b->targets.count * 4,
				    .config = &cfg};
	int err = -EOPNOTSUPP;

	b->inferred = is_tracepoint(ops);
	cfg.inferred = b->inferred;
	if (o->buffer != BUFFER_PERF) {
		spec.buffer = PROGRAM_RING;
		err = program_open(&spec, &b->program);
	}
	if (err && err != -EPERM && o->buffer != BUFFER_RING) {
		int other;

		spec.buffer = PROGRAM_PERF;
		other = program_open(&spec, &b->program);
		/* The answer about the better buffer tells more, unless it was not asked. */
		err = !other || o->buffer == BUFFER_PERF ? other : err;
	}
	return err;
}

static int try_way(const struct options *o, const struct probe_ops *ops,
		   const struct pwru_config *config, const struct btf *btf,
		   const struct kallsyms *k, struct backend *b)
{
	int err;

	if (!is_tracepoint(ops) && !k)
		return -ENODATA;
	/* Without probe reads there are no headers to filter by. */
	if (ops->how == FUNC_TP_BTF && config->want_tuple)
		return -ENOTSUP;
	err = find_targets(o, ops, btf, k, &b->targets);
	if (!err && !target_count(&b->targets, TARGET_WANTED))
		err = -ENOENT;
	if (!err)
		err = open_program(o, ops, b, config);
	if (!err) {
		b->ops = ops;
		err = ops->attach(b->program, &b->targets, &b->links);
	}
	if (err)
		backend_close(b);
	return err;
}

static const char *explain(const struct probe_ops *ops, int err)
{
	switch (-err) {
	case ENODATA:
		return "symbol addresses are hidden (sysctl kernel.kptr_restrict=1, and CAP_SYSLOG, show them)";
	case EOPNOTSUPP:
		return ops->how == FUNC_TP_BTF
			       ? "filters on addresses need packet bytes, which it cannot read"
			       : "not in this kernel";
	case ENOENT:
		return "no function is left to attach to";
	case EPERM:
	case EACCES:
		return "not permitted";
	case EINVAL:
		return "refused by this kernel (too old, or locked down)";
	default:
		return strerror(-err);
	}
}

static void fail(const struct options *o, const struct buf *why, int err)
{
	if (err == -EPERM && geteuid())
		log_error("recording needs root, or the capabilities CAP_BPF and CAP_PERFMON (%s)",
			  (const char *)why->data);
	else if (o->filter_func && err == -ENOENT)
		log_error(
			"no attachable function matches --filter-func \"%s\" (see --list-functions)",
			o->filter_func);
	else
		log_error("cannot attach anything: %s", (const char *)why->data);
}

int backend_open(const struct options *o, const struct pwru_config *config, const struct btf *btf,
		 const struct kallsyms *k, struct backend *ret)
{
	_cleanup_(buf_deinit) struct buf why = {};
	struct backend b = {};
	int err = -EOPNOTSUPP, first = 0;

	for (size_t i = 0; i < WAYS; i++) {
		if (o->backend != BACKEND_AUTO && o->backend != ways[i].choice)
			continue;
		err = try_way(o, ways[i].ops, config, btf, k, &b);
		if (!err || stop_requested())
			break;
		log_debug("%s (%s): %s", ways[i].ops->name, func_how_name(ways[i].ops->how),
			  explain(ways[i].ops, err));
		buf_printf(&why, "%s%s: %s", why.len ? "; " : "", func_how_name(ways[i].ops->how),
			   explain(ways[i].ops, err));
		first = first ? first : err;
	}
	buf_u8(&why, 0);
	if (buf_error(&why))
		err = -ENOMEM;
	if (err) {
		if (!stop_requested())
			fail(o, &why, first);
		backend_close(&b);
		return err;
	}
	if (b.inferred && o->backend == BACKEND_AUTO)
		log_info(
			"no kprobes here (%s): only tracepoints, which see few functions and not every free",
			(const char *)why.data);
	*ret = b;
	return 0;
}

void backend_close(struct backend *b)
{
	probe_links_close(&b->links);
	program_close(b->program);
	target_set_deinit(&b->targets);
	memset(b, 0, sizeof(*b));
}

static void print_target(const struct target *t)
{
	char args[64];
	int n = snprintf(args, sizeof(args), "skb=arg%u", t->skb_arg + 1);

	if (t->reason_arg >= 0)
		snprintf(args + n, sizeof(args) - (size_t)n, ",reason=arg%d", t->reason_arg + 1);
	printf("%-9s %-40s %-20s %s\n", t->status == TARGET_WANTED ? "probe" : "skip", t->name,
	       args, t->why ? t->why : "");
}

int backend_list(const struct options *o, const struct btf *btf, const struct kallsyms *k)
{
	struct target_set set = {};
	bool functions = o->backend != BACKEND_TRACEPOINT;
	int err;

	if (functions && !k) {
		log_error("%s", explain(&probe_multi, -ENODATA));
		return -ENODATA;
	}
	err = find_targets(o, functions ? &probe_multi : &probe_raw_tp, btf, k, &set);
	for (size_t i = 0; !err && i < set.count; i++)
		print_target(&set.all[i]);
	if (!err)
		printf("%zu to probe, %zu not\n", target_count(&set, TARGET_WANTED),
		       target_count(&set, TARGET_SKIPPED));
	target_set_deinit(&set);
	return err;
}
