// SPDX-License-Identifier: GPL-2.0-only
#include "record/check.h"

#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/capability.h"
#include "common/event.h"
#include "record/backend.h"
#include "record/kallsyms.h"
#include "record/kconfig.h"
#include "record/kernel_btf.h"
#include "record/options.h"
#include "record/permission.h"
#include "record/privileges.h"
#include "record/probe.h"

#define LIFE_BYTES 110 /* of kernel memory: a hash element of 40 bytes, and a place in births */

enum mark { GOOD, LACKING, UNKNOWN };

static void line(enum mark mark, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void line(enum mark mark, const char *what, const char *fmt, ...)
{
	static const char *const marks[] = {"ok", "no", "?"};
	va_list ap;

	printf("%-3s %-28s ", marks[mark], what);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static void first_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");

	out[0] = 0;
	if (!f)
		return;
	if (fgets(out, (int)size, f))
		out[strcspn(out, "\n")] = 0;
	fclose(f);
}

/* access(2) does not know of lockdown. */
static bool can_read(const char *path)
{
	FILE *f = fopen(path, "re");

	if (f)
		fclose(f);
	return f != NULL;
}

static void check_config(void)
{
	static const struct {
		const char *option;
		const char *why;
	} wanted[] = {
		{"BPF", "needed"},
		{"BPF_SYSCALL", "needed"},
		{"PERF_EVENTS", "needed"},
		{"DEBUG_INFO_BTF", "needed, or --kernel-btf FILE"},
		{"KPROBES", "for kprobe; without it only tracepoints"},
		{"FPROBE", "for kprobe-multi, from 5.18; without it attaching takes a minute"},
		{"FUNCTION_TRACER", "for the list of functions that can be traced"},
		{"DEBUG_INFO_BTF_MODULES", "for --kmods"},
	};
	struct kconfig *k;

	if (kconfig_create(&k)) {
		line(UNKNOWN, "kernel configuration",
		     "neither /proc/config.gz nor /boot/config-* can be read");
		return;
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char name[64], value = kconfig_get(k, wanted[i].option);

		snprintf(name, sizeof(name), "CONFIG_%s", wanted[i].option);
		line(value == 'n' ? LACKING : GOOD, name, "%c (%s)", value, wanted[i].why);
	}
	kconfig_destroy(k);
}

static void check_settings(void)
{
	char text[128];
	struct rlimit r;

	first_line("/sys/kernel/security/lockdown", text, sizeof(text));
	if (!*text)
		line(UNKNOWN, "lockdown", "not told (securityfs is not mounted, or there is none)");
	else if (strstr(text, "[confidentiality]"))
		line(LACKING, "lockdown",
		     "%s: only tracepoints, no packet bytes (boot without lockdown=confidentiality)",
		     text);
	else
		line(GOOD, "lockdown", "%s", text);
	first_line("/proc/sys/kernel/kptr_restrict", text, sizeof(text));
	line(*text == '2' ? LACKING : GOOD, "kernel.kptr_restrict", "%s%s", text,
	     *text == '2' ? ": hides addresses from everybody (sysctl kernel.kptr_restrict=1)"
			  : "");
	line(GOOD, "kernel.perf_event_paranoid", "%s",
	     permission_perf_restricted()
		     ? "above 2: kprobe and perf buffers take CAP_SYS_ADMIN (sysctl kernel.perf_event_paranoid=2)"
		     : "at most 2: CAP_PERFMON is enough");
	if (can_read("/sys/kernel/tracing/available_filter_functions") ||
	    can_read("/sys/kernel/debug/tracing/available_filter_functions"))
		line(GOOD, "tracefs", "the list of traceable functions can be read");
	else
		line(LACKING, "tracefs",
		     "the list of traceable functions cannot be read: each is tried (mount -t tracefs none /sys/kernel/tracing)");
	if (!getrlimit(RLIMIT_NOFILE, &r))
		line(r.rlim_max < 4096 ? LACKING : GOOD, "open files",
		     "at most %llu; kprobe needs two for each function",
		     (unsigned long long)r.rlim_max);
}

static void check_capabilities(void)
{
	static const struct {
		const char *name;
		int bit;
		const char *why;
	} wanted[] = {
		{"CAP_BPF", CAP_BPF, "to load programs (5.8 and later; CAP_SYS_ADMIN before)"},
		{"CAP_PERFMON", CAP_PERFMON,
		 "to attach them and read kernel memory (5.8 and later)"},
		{"CAP_SYSLOG", CAP_SYSLOG, "to see addresses of functions"},
		{"CAP_SYS_ADMIN", CAP_SYS_ADMIN,
		 "for kprobe and perf buffers where kernel.perf_event_paranoid is above 2, and to look into other network namespaces"},
		{"CAP_SYS_RESOURCE", CAP_SYS_RESOURCE,
		 "to raise limits where they are low (kprobe; before 5.11)"},
	};
	uint64_t effective = capability_effective();

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		line(effective >> wanted[i].bit & 1 ? GOOD : LACKING, wanted[i].name, "%s",
		     wanted[i].why);
}

/* Attaches to a few functions and lets go. */
static bool try_backend(const struct options *given, enum backend_choice choice,
			enum buffer_choice buffer, struct btf *btf, const struct kallsyms *k,
			const char **how, bool *kept)
{
	struct options o = *given;
	struct pwru_config cfg = {
		.snaplen = o.snaplen, .track = 1, .max_lives = o.filter.max_lives};
	struct backend_spec spec = {.options = &o, .config = &cfg, .btf = btf, .kallsyms = k};
	struct backend b = {};
	int err;

	o.backend = choice;
	o.buffer = buffer;
	o.ring_size = 1 << 20;
	o.kmods = NULL;
	o.all_kmods = false;
	memset(o.filter_func, 0, sizeof(o.filter_func));
	o.filter_func[0] =
		"ip_rcv|kfree_skb|kfree_skbmem|consume_skb|skb_release_data|netif_receive_skb";
	err = backend_try(&spec, &b);
	if (!err) {
		*how = func_how_name(b.ops->how);
		*kept = privileges_needed(b.program) != 0;
	}
	backend_close(&b);
	return !err;
}

/* *kprobes: one of those with kprobes works; *kept: CAP_BPF is needed on and on. */
static bool check_backends(const struct options *o, struct btf *btf, const struct kallsyms *k,
			   bool *kprobes, bool *kept)
{
	static const struct {
		const char *name;
		enum backend_choice choice;
		enum buffer_choice buffer;
		const char *cure;
	} ways[] = {
		{"backend kprobe-multi", BACKEND_MULTI, BUFFER_RING,
		 "needs 5.18, CONFIG_FPROBE, addresses of functions"},
		{"backend kprobe", BACKEND_KPROBE, BUFFER_RING,
		 "needs CONFIG_KPROBES, CAP_BPF, CAP_PERFMON, addresses of functions; CAP_SYS_ADMIN where kernel.perf_event_paranoid is above 2"},
		{"backend tracepoint", BACKEND_TRACEPOINT, BUFFER_AUTO,
		 "needs CAP_BPF and CAP_PERFMON"},
		{"tracepoint, perf buffer", BACKEND_TRACEPOINT, BUFFER_PERF,
		 "only used where there is no ring buffer (before 5.8)"},
	};
	bool fit = false;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const char *how = NULL;
		bool works = try_backend(o, ways[i].choice, ways[i].buffer, btf, k, &how, kept);

		fit |= works;
		*kprobes |= works && ways[i].choice != BACKEND_TRACEPOINT;
		line(works ? GOOD : LACKING, ways[i].name, "%s%s",
		     works ? "attached, as " : ways[i].cure, works ? how : "");
	}
	return fit;
}

/* Clones, merges, ends: what tells of them must be functions that can be probed. */
static void check_kin(const struct btf *btf, const struct kallsyms *k)
{
	struct target_set set;
	char unseen[256];

	if (target_functions(btf, k, NULL, &set))
		return;
	target_unseen(&set, TARGET_WANTED, unseen, sizeof(unseen));
	line(*unseen ? LACKING : GOOD, "clones, merges, ends", "%s%s",
	     *unseen ? "not seen on this kernel: " : "seen", unseen);
	target_set_deinit(&set);
}

int check_kernel(const struct options *o)
{
	struct btf *btf = NULL;
	struct kallsyms *k = NULL;
	char why[PATH_MAX + 128];
	struct utsname u;
	bool fit = false, kprobes = false, kept = false;
	int hidden = kallsyms_create(NULL, &k);

	uname(&u);
	line(GOOD, "kernel", "%s %s", u.release, u.machine);
	if (!kernel_btf_load(o->kernel_btf, k, &btf, why, sizeof(why)))
		line(GOOD, "BTF", "%u types", btf__type_cnt(btf));
	else
		line(LACKING, "BTF", "%s", why);
	check_config();
	check_settings();
	check_capabilities();
	if (hidden)
		line(LACKING, "addresses of functions",
		     "hidden (kernel.kptr_restrict, CAP_SYSLOG)");
	else
		line(GOOD, "addresses of functions", "%zu symbols", kallsyms_count(k));
	if (btf)
		fit = check_backends(o, btf, k, &kprobes, &kept);
	if (fit)
		line(GOOD, "while recording", "%s",
		     kept ? "CAP_BPF is kept, for this kernel tells nobody else how many hits were nested (sysctl kernel.unprivileged_bpf_disabled=0)"
			  : "all capabilities are given up");
	if (kprobes)
		check_kin(btf, k);
	line(GOOD, "memory",
	     "%llu MiB for buffers (--ring-size), about %llu MiB for the table of packets (--max-tracked)",
	     (unsigned long long)(o->ring_size >> 20),
	     ((unsigned long long)o->filter.max_lives * LIFE_BYTES >> 20) + 1);
	printf("%s\n",
	       fit ? "this kernel is fit for recording" : "this kernel is not fit for recording");
	kallsyms_destroy(k);
	btf__free(btf);
	return fit ? 0 : -EOPNOTSUPP;
}
