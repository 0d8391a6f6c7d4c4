// SPDX-License-Identifier: GPL-2.0-only
#include "record/backend.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/event.h"
#include "common/log.h"
#include "record/kallsyms.h"
#include "record/permission.h"
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

/* Does somebody want packets by what is in their headers? */
static bool filters_headers(const struct pwru_config *c)
{
	return c->has_proto || c->has_sport || c->has_dport || c->src_family || c->dst_family ||
	       c->has_pcap || c->has_tunnel;
}

/* What kallsyms has in brackets may be no module: BPF programs, trampolines of ftrace and kprobes.
 */
static bool is_module(const char *name)
{
	return strcmp(name, "bpf") && strncmp(name, "__builtin__", strlen("__builtin__"));
}

/* "a,b,c", or all that have symbols, as an array ended by a NULL; its strings are in *text. */
static int list_modules(const struct backend_spec *spec, char **text, const char ***ret)
{
	size_t all = spec->options->all_kmods ? kallsyms_modules(spec->kallsyms) : 0, n = 0;
	char *next;

	*text = strdup(spec->options->kmods && !all ? spec->options->kmods : "");
	if (!*text)
		return -ENOMEM;
	*ret = calloc(all + strlen(*text) + 2, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++) {
		const char *name = kallsyms_module(spec->kallsyms, (uint32_t)i + 1);

		if (is_module(name))
			(*ret)[n++] = name;
	}
	next = *text;
	for (char *name = strsep(&next, ","); name; name = strsep(&next, ","))
		if (*name)
			(*ret)[n++] = name;
	return 0;
}

static int find_functions(const struct backend_spec *spec, struct target_set *ret)
{
	_cleanup_(freep) const char **modules = NULL;
	_cleanup_(freep) char *text = NULL;
	int err = target_functions(spec->btf, spec->kallsyms, NULL, ret);

	if (err || !(spec->options->kmods || spec->options->all_kmods))
		return err;
	err = list_modules(spec, &text, &modules);
	return err ? err : target_modules(spec->btf, spec->kallsyms, NULL, modules, ret);
}

static int find_targets(const struct backend_spec *spec, const struct probe_ops *ops,
			struct target_set *ret)
{
	int err =
		is_tracepoint(ops) ? target_tracepoints(spec->btf, ret) : find_functions(spec, ret);

	if (!err && spec->options->filter_func[0])
		err = target_select(ret, spec->options->filter_func);
	return err;
}

static struct pwru_code code_of(const struct kallsyms *k, const char *function)
{
	uint64_t from, to;

	kallsyms_code(k, function, &from, &to);
	return (struct pwru_code){.from = from, .to = to};
}

/* Callers that tell what kind of edge it is (bpf/skb_edge.bpf.h). */
static void find_callers(const struct kallsyms *k, struct pwru_config *cfg)
{
	cfg->copies = code_of(k, "skb_copy_header");
	cfg->segments[0] = code_of(k, "skb_segment");
	cfg->segments[1] = code_of(k, "skb_segment_list");
	cfg->fraglists[0] = code_of(k, "ip_fraglist_prepare");
	cfg->fraglists[1] = code_of(k, "ip6_fraglist_prepare");
	cfg->frames = code_of(k, "veth_xdp_rcv_skb");
}

static int open_program(const struct backend_spec *spec, const struct probe_ops *ops,
			struct backend *b)
{
	const struct options *o = spec->options;
	struct pwru_config cfg = *spec->config;
	struct program_spec program = {.entry = ops->entry,
				       .buffer_size = o->ring_size,
				       .max_cookies = b->targets.count * 4,
				       .config = &cfg,
				       .btf_path = o->kernel_btf,
				       .pcap = spec->pcap,
				       .tunnel = spec->tunnel};
	int err = -EOPNOTSUPP, other;

	b->inferred = is_tracepoint(ops);
	cfg.inferred = b->inferred;
	if (spec->kallsyms)
		find_callers(spec->kallsyms, &cfg);
	if (o->buffer != BUFFER_PERF) {
		program.buffer = PROGRAM_RING;
		err = program_open(&program, &b->program);
	}
	if (err && err != -EPERM && o->buffer != BUFFER_RING) {
		program.buffer = PROGRAM_PERF;
		other = program_open(&program, &b->program);
		/* The answer about the better buffer tells more, unless it was not asked. */
		err = !other || o->buffer == BUFFER_PERF ? other : err;
	}
	return err;
}

/*
 * File descriptors: libbpf's answers when there are none left mislead, and attaching takes all
 * there are, so that none is left for the buffers' readers and what is open for a moment. So it is
 * tried before whether there are enough, and some are held while attaching.
 */
#define FILES_PROGRAM 20
#define FILES_READER  8

static void release_files(int *fds, size_t n)
{
	while (n)
		close(fds[--n]);
	free(fds);
}

/* -EMFILE. */
static int hold_files(size_t n, int **ret)
{
	int *fds = calloc(n, sizeof(*fds)), err;

	if (!fds)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0) {
			err = -errno;
			release_files(fds, i);
			return err;
		}
	}
	*ret = fds;
	return 0;
}

static int try_files(void)
{
	size_t n = FILES_PROGRAM + (size_t)sysconf(_SC_NPROCESSORS_CONF);
	int *fds, err = hold_files(n, &fds);

	if (!err)
		release_files(fds, n);
	return err;
}

static int attach_some(const struct probe_ops *ops, struct backend *b)
{
	size_t n = FILES_READER + program_cpus(b->program);
	int *fds, err = hold_files(n, &fds);

	if (err)
		return err;
	err = ops->attach(b->program, &b->targets, &b->links);
	release_files(fds, n);
	return err;
}

static size_t count_files(const struct target_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->count; i++)
		n += set->all[i].status == TARGET_FAILED && set->all[i].err == EMFILE;
	return n;
}

/* Where no end of a packet is seen, the next one in the same memory is taken for it. */
static int require_ends(const struct target_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->all[i].status == TARGET_ATTACHED &&
		    set->all[i].roles & (FUNC_ROLE_FREE | FUNC_ROLE_DYING))
			return 0;
	return count_files(set) ? -EMFILE : -ENOLINK;
}

static void warn_files(const struct target_set *set)
{
	size_t n = count_files(set);
	struct rlimit r = {};

	getrlimit(RLIMIT_NOFILE, &r);
	if (n)
		log_warn(
			"%zu functions could not be attached: only %llu open files are allowed (ulimit -n)",
			n, (unsigned long long)r.rlim_cur);
}

static int try_way(const struct backend_spec *spec, const struct probe_ops *ops, struct backend *b)
{
	int err;

	if (!is_tracepoint(ops) && !spec->kallsyms)
		return -ENODATA;
	/* Without probe reads there are no headers to filter by. */
	if (ops->how == FUNC_TP_BTF && filters_headers(spec->config))
		return -ENOTSUP;
	err = find_targets(spec, ops, &b->targets);
	if (!err && !target_count(&b->targets, TARGET_WANTED))
		err = -ENOENT;
	if (!err && spec->config->exclude)
		target_no_birth(&b->targets);
	if (!err)
		err = try_files();
	if (!err)
		err = open_program(spec, ops, b);
	if (!err) {
		b->ops = ops;
		err = attach_some(ops, b);
	}
	if (!err && !b->inferred)
		err = require_ends(&b->targets);
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
	case ENOLINK:
		return "no function that frees packets can be attached to: they could not be told apart";
	case EINVAL:
		return "refused by this kernel (too old, or locked down)";
	case EMFILE:
		return "too many open files (ulimit -n, or CAP_SYS_RESOURCE)";
	default:
		return strerror(-err);
	}
}

static bool is_permission(int err)
{
	return err == -EPERM || err == -EACCES || err == -ENODATA;
}

/* 0: what is missing was said; -ENOENT: nothing is. */
static int fail_missing(const struct backend_spec *spec, const char *why)
{
	enum backend_choice choice = spec->options->backend;
	struct permission p = {.symbols = choice != BACKEND_TRACEPOINT,
			       .perf_events = choice == BACKEND_KPROBE ||
					      spec->options->buffer == BUFFER_PERF};
	_cleanup_(buf_deinit) struct buf missing = {};

	permission_missing(&p, &missing);
	if (!missing.len)
		return -ENOENT;
	log_error("recording needs %s%.*s (%s)", geteuid() ? "root, or also " : "",
		  (int)missing.len, (const char *)missing.data, why);
	return 0;
}

static bool can_have(uint32_t bytes)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pwru_try", 4, 8, bytes / 8 + 1, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Before 5.11 maps count as locked memory, and too much of it is the same EPERM as no privilege. */
static bool memlock_refused(uint64_t *limit)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_MEMLOCK, &r) || r.rlim_cur > 1u << 30)
		return false;
	*limit = r.rlim_cur;
	return can_have(8) && !can_have((uint32_t)r.rlim_cur + 4096);
}

static void fail(const struct backend_spec *spec, const char *why, int err)
{
	uint64_t limit;

	if (err == -ENOMEM) {
		log_error(
			"no memory for %llu MiB of buffers and a table of %u packets (a smaller --ring-size or --max-tracked, or a higher limit of the cgroup)",
			(unsigned long long)(spec->options->ring_size >> 20),
			spec->config->max_lives);
		return;
	}
	if (err == -EPERM && memlock_refused(&limit)) {
		log_error(
			"no memory for buffers: only %llu KiB may be locked (ulimit -l unlimited, or CAP_SYS_RESOURCE)",
			(unsigned long long)(limit >> 10));
		return;
	}
	if (err == -EINVAL && spec->options->filter_func[0] && !*why)
		return; /* a bad regex, said already */
	if (is_permission(err) && !fail_missing(spec, why))
		return;
	if (spec->options->filter_func[0] && err == -ENOENT)
		log_error(
			"no attachable function is selected by --filter-func (see --list-functions)");
	else
		log_error("cannot attach anything: %s", why);
}

/* "way: reason", once for each reason. */
static void add_why(struct buf *why, const struct probe_ops *ops, int err)
{
	char line[256];

	snprintf(line, sizeof(line), "%s: %s", func_how_name(ops->how), explain(ops, err));
	log_debug("%s", line);
	if (!why->len || !memmem(why->data, why->len, line, strlen(line)))
		buf_printf(why, "%s%s", why->len ? "; " : "", line);
}

/* *first: the first way's answer, which tells most, or that something is not permitted, which can
 * be cured. */
static int open_best(const struct backend_spec *spec, struct backend *b, struct buf *why,
		     int *first)
{
	enum backend_choice choice = spec->options->backend;
	int err = -EOPNOTSUPP;

	for (size_t i = 0; i < WAYS; i++) {
		if (choice != BACKEND_AUTO && choice != ways[i].choice)
			continue;
		err = try_way(spec, ways[i].ops, b);
		if (!err || stop_requested() || err == -ENOMEM)
			break;
		add_why(why, ways[i].ops, err);
		if (!*first || (is_permission(err) && !is_permission(*first)))
			*first = err;
	}
	buf_u8(why, 0);
	return buf_error(why) ? -ENOMEM : err;
}

int backend_try(const struct backend_spec *spec, struct backend *ret)
{
	_cleanup_(buf_deinit) struct buf why = {};
	int first = 0;

	return open_best(spec, ret, &why, &first);
}

int backend_open(const struct backend_spec *spec, struct backend *ret)
{
	_cleanup_(buf_deinit) struct buf why = {};
	struct backend b = {};
	int first = 0, err = open_best(spec, &b, &why, &first);

	if (err) {
		if (!stop_requested())
			fail(spec, why.data ? (const char *)why.data : "",
			     err == -ENOMEM ? err : first);
		backend_close(&b);
		return err;
	}
	if (b.inferred && spec->options->backend == BACKEND_AUTO)
		log_info(
			"no kprobes here (%s): only tracepoints, which see few functions and not every free",
			(const char *)why.data);
	warn_files(&b.targets);
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
	char args[64], name[192];
	int n = t->skb_arg == FUNC_ARG_RETURN
			? snprintf(args, sizeof(args), "skb=return")
			: snprintf(args, sizeof(args), "skb=arg%u", t->skb_arg + 1);

	if (t->reason_arg >= 0)
		snprintf(args + n, sizeof(args) - (size_t)n, ",reason=arg%d", t->reason_arg + 1);
	snprintf(name, sizeof(name), "%s%s%s%s", t->name, *t->module ? " [" : "", t->module,
		 *t->module ? "]" : "");
	printf("%-9s %-40s %-20s %s\n",
	       t->status != TARGET_WANTED		       ? "skip"
	       : t->lifecycle || t->skb_arg == FUNC_ARG_RETURN ? "lifecycle"
							       : "probe",
	       name, args, t->why ? t->why : "");
}

int backend_list(const struct backend_spec *spec)
{
	struct target_set set = {};
	bool functions = spec->options->backend != BACKEND_TRACEPOINT;
	int err;

	if (functions && !spec->kallsyms) {
		log_error("%s", explain(&probe_multi, -ENODATA));
		return -ENODATA;
	}
	err = find_targets(spec, functions ? &probe_multi : &probe_raw_tp, &set);
	for (size_t i = 0; !err && i < set.count; i++)
		print_target(&set.all[i]);
	if (!err)
		printf("%zu to probe, %zu not\n", target_count(&set, TARGET_WANTED),
		       target_count(&set, TARGET_SKIPPED));
	target_set_deinit(&set);
	return err;
}
