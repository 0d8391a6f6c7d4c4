// SPDX-License-Identifier: GPL-2.0-only
/* pwru-record: the steps in order. Everything that needs a privilege is opened before the recording
 * starts, nothing after. */
#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/cleanup.h"
#include "common/event.h"
#include "common/log.h"
#include "record/backend.h"
#include "record/capture.h"
#include "record/check.h"
#include "record/command.h"
#include "record/confine.h"
#include "record/hold.h"
#include "record/kallsyms.h"
#include "record/kernel_btf.h"
#include "record/missed.h"
#include "record/netns.h"
#include "record/options.h"
#include "record/output.h"
#include "record/pcap_filter.h"
#include "record/permission.h"
#include "record/privileges.h"
#include "record/reasons.h"
#include "record/ring.h"
#include "record/run.h"
#include "record/snapshot.h"
#include "record/ssh.h"
#include "record/stop.h"
#include "record/trigger.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct recorder {
	struct options options;
	struct pwru_config config;
	struct privileges privileges;
	struct btf *btf;
	struct reasons *reasons;
	struct kallsyms *kallsyms;
	struct pcap_filter pcap;
	struct pcap_filter tunnel;
	struct output *output;
	struct command *command;
	struct backend backend;
	struct ring *ring;
	struct capture *capture;
	struct run run;
	struct trigger *trigger;
	struct hold *hold; /* --filter-drop */
	uint16_t *roles;   /* for it */
	struct missed *missed;
	struct counters_cpu *cpu;
};

/* BTF and symbols of the running kernel. Hidden addresses are no error yet: tracepoints do without.
 */
static int read_kernel(struct recorder *r)
{
	char why[PATH_MAX + 128];
	int err = kallsyms_create(NULL, &r->kallsyms);

	if (err && err != -ENODATA) {
		log_error("/proc/kallsyms: %s", strerror(-err));
		return err;
	}
	err = kernel_btf_load(r->options.kernel_btf, r->kallsyms, &r->btf, why, sizeof(why));
	if (err) {
		log_error("%s", why);
		return err;
	}
	/* What modules have goes with the BTF that the kernel itself has. */
	return reasons_create(r->btf, r->options.kernel_btf ? NULL : REASONS_MODULES, &r->reasons);
}

/* What --stack, --skb and --cb add, and where fragments can be found. */
static void configure_parts(struct recorder *r)
{
	struct pwru_config *cfg = &r->config;
	int skb = btf__find_by_name_kind(r->btf, "sk_buff", BTF_KIND_STRUCT);
	const struct btf_type *t = skb > 0 ? btf__type_by_id(r->btf, (__u32)skb) : NULL;

	if (r->options.skb && t)
		cfg->skb_size = t->size < PWRU_SKB_MAX ? t->size : PWRU_SKB_MAX;
	cfg->extra = cfg->stack_depth || cfg->skb_size || cfg->keep_cb;
	if (r->kallsyms) {
		cfg->vmemmap = kallsyms_variable(r->kallsyms, "vmemmap_base");
		cfg->page_offset = kallsyms_variable(r->kallsyms, "page_offset_base");
	}
	if (!cfg->vmemmap || !cfg->page_offset)
		cfg->vmemmap = cfg->page_offset = 0;
}

static int configure_trigger(struct recorder *r)
{
	const char *const *texts = r->options.triggers;
	size_t n = 0;

	while (texts[n])
		n++;
	return n ? trigger_create(texts, n, &r->trigger) : 0;
}

static int configure_filters(struct recorder *r)
{
	const struct options *o = &r->options;
	struct pwru_config *cfg = &r->config;
	int err = target_check(o->filter_func);

	if (!err && o->filter_netns)
		err = netns_resolve(o->filter_netns, &cfg->netns);
	cfg->want_dev |= cfg->netns != 0;
	if (!err && o->expression) {
		cfg->has_pcap = 1;
		cfg->has_vlan = strstr(o->expression, "vlan") != NULL;
		err = pcap_filter_create("pcap-filter", o->expression, &r->pcap);
	}
	if (!err && o->filter_tunnel) {
		cfg->has_tunnel = 1;
		err = pcap_filter_create("--filter-tunnel", o->filter_tunnel, &r->tunnel);
	}
	return err ? err : configure_trigger(r);
}

static int configure(struct recorder *r)
{
	struct pwru_config *cfg = &r->config;

	if (cfg->has_ifname && !cfg->netns && !if_nametoindex((const char *)cfg->ifname))
		log_info(
			"no interface %.16s here now; waiting for one, here or in another network namespace",
			(const char *)cfg->ifname);
	if (!r->options.with_ssh && ssh_connection(&cfg->excluded)) {
		cfg->exclude = 1;
		log_info(
			"leaving out this ssh connection (client port %u); --with-ssh records it too",
			cfg->excluded.sport);
	}
	cfg->want_tuple = cfg->has_proto || cfg->has_sport || cfg->has_dport || cfg->src_family ||
			  cfg->dst_family || cfg->exclude;
	configure_parts(r);
	return r->trigger ? trigger_reasons(r->trigger, r->reasons) : 0;
}

/* As the user who will own it. */
static int open_output(struct recorder *r)
{
	const char *ready = r->options.ready_file;
	int err =
		privileges_check_output(&r->privileges, r->options.write, options_row(&r->options));

	if (!err && ready)
		err = privileges_check_output(&r->privileges, ready, true);
	if (err)
		return err;
	/* One left from an earlier run would be taken for ours. */
	if (ready && unlink(ready) && errno != ENOENT) {
		log_error("%s: cannot remove an older ready file: %s", ready, strerror(errno));
		return -EIO;
	}
	return options_row(&r->options)
		       ? output_open_row(r->options.write, r->options.rotate_files, &r->output)
		       : output_open(r->options.write, &r->output);
}

static int open_files(struct recorder *r)
{
	int err = privileges_lend(&r->privileges);

	if (err)
		return err;
	err = open_output(r);
	privileges_return(&r->privileges);
	if (!err && r->options.command)
		err = command_fork(r->options.command, !strcmp(r->options.write, "-"),
				   &r->privileges, &r->command);
	return err;
}

static struct backend_spec backend_spec(const struct recorder *r)
{
	return (struct backend_spec){.options = &r->options,
				     .config = &r->config,
				     .btf = r->btf,
				     .kallsyms = r->kallsyms,
				     .pcap = r->config.has_pcap ? &r->pcap : NULL,
				     .tunnel = r->config.has_tunnel ? &r->tunnel : NULL};
}

static int attach(struct recorder *r)
{
	struct backend_spec spec = backend_spec(r);
	int err = backend_open(&spec, &r->backend);
	char unseen[256];

	if (err)
		return err;
	log_info("%zu of %zu functions attached by %s%s",
		 target_count(&r->backend.targets, TARGET_ATTACHED), r->backend.targets.count,
		 func_how_name(r->backend.ops->how),
		 program_buffer(r->backend.program) == PROGRAM_PERF ? ", perf buffer" : "");
	log_debug("%u instructions verified", program_verified(r->backend.program));
	target_unseen(&r->backend.targets, TARGET_ATTACHED, unseen, sizeof(unseen));
	err = r->trigger ? trigger_functions(r->trigger, &r->backend.targets) : 0;
	if (err == -ENOMEM)
		log_error("out of memory");
	if (err)
		return err;
	if (*unseen && !r->backend.inferred)
		log_warn("what becomes of packets is not all seen on this kernel: %s", unseen);
	return 0;
}

/* Two steps: the buffer's reader needs the capture, which needs to be told by the reader. */
static void on_hit(void *ctx, const struct pwru_event *e, size_t size)
{
	struct recorder *r = ctx;

	if (r->hold)
		hold_hit(r->hold, e, size);
	else
		capture_hit(r->capture, e, size);
}

/* From the hold, packets that were dropped. */
static void on_kept(void *ctx, const struct pwru_event *e, size_t size)
{
	struct recorder *r = ctx;

	capture_hit(r->capture, e, size);
}

static int open_hold(struct recorder *r)
{
	const struct target_set *set = &r->backend.targets;
	uint32_t consumed = 0;

	if (!r->options.filter_drop)
		return 0;
	reasons_number(r->reasons, "CONSUMED", &consumed);
	r->roles = calloc(set->count + 1, sizeof(*r->roles));
	if (!r->roles)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		r->roles[i] = set->all[i].roles;
	return hold_create(r->roles, set->count, consumed, on_kept, r, &r->hold);
}

static int open_ring(struct recorder *r)
{
	struct permission p = {.perf_events = program_buffer(r->backend.program) == PROGRAM_PERF};
	_cleanup_(buf_deinit) struct buf missing = {};
	int err = ring_create(r->backend.program, on_hit, r, &r->ring);

	if (!err || err == -ENOMEM)
		return err;
	if (err == -EACCES || err == -EPERM)
		permission_missing(&p, &missing);
	log_error("cannot open the kernel's buffer: %s%s%s%.*s", strerror(-err),
		  err == -EMFILE ? " (ulimit -n)" : "", missing.len ? "; needed: " : "",
		  (int)missing.len, (const char *)missing.data);
	return err;
}

static int open_capture(struct recorder *r)
{
	struct snapshot_source source = {
		.btf = r->btf,
		.kallsyms = r->kallsyms,
		.reasons = r->reasons,
		.targets = &r->backend.targets,
		.command_line = r->options.command_line,
		.filters = (const char *)r->options.filters.data,
		.with_skb = r->options.skb,
		.backend = func_how_name(r->backend.ops->how),
		.buffer = program_buffer(r->backend.program) == PROGRAM_RING ? "ring" : "perf",
	};
	struct capture_spec spec = {
		.snapshot = &source,
		.targets = &r->backend.targets,
		.kallsyms = r->kallsyms,
		.how = r->backend.ops->how,
		.inferred = r->backend.inferred,
		.comment = r->options.comment,
		.cpus = program_cpus(r->backend.program),
		.max_events = r->options.max_events,
		.rotate_size = r->options.rotate_size,
		.rotate_time = r->options.rotate_time,
		.flight_size = r->options.flight_size,
		.flight_time = r->options.flight_time,
		.trigger = r->trigger,
		.trigger_after = r->options.trigger_after,
		.count = run_count,
		.ctx = &r->run,
	};
	int err;

	snapshot_clocks_read(&source.clocks);
	err = capture_create(&spec, r->output, &r->capture);
	if (!err)
		err = open_hold(r);
	if (!err)
		err = missed_create(r->backend.program, &r->backend.links, r->btf, &r->missed);
	r->cpu = calloc(spec.cpus, sizeof(*r->cpu));
	if (!err && !r->cpu)
		err = -ENOMEM;
	return err ? err : open_ring(r);
}

/* The last that is done as root. Nothing has been written yet. */
static int drop(struct recorder *r)
{
	uint64_t keep = privileges_needed(r->backend.program);
	int err = privileges_drop(&r->privileges, keep, r->command != NULL), confined;

	if (err)
		return err;
	if (keep)
		log_debug("CAP_BPF is kept, to read how many hits were nested");
	/* What reading BTF and symbols took is not needed any more. */
	malloc_trim(0);
	confined = confine_recorder(r->command ? command_pid(r->command) : 0);
	if (confined)
		log_debug("system calls are not confined: %s", strerror(-confined));
	return 0;
}

static int record(struct recorder *r)
{
	int err;

	r->run = (struct run){.options = &r->options, .backend = &r->backend};
	err = open_capture(r);
	if (!err)
		err = drop(r);
	if (!err)
		err = capture_begin(r->capture);
	if (err) {
		if (err == -ENOMEM)
			log_error("out of memory");
		return err;
	}
	r->run.ring = r->ring;
	r->run.capture = r->capture;
	r->run.output = r->output;
	r->run.command = r->command;
	r->run.hold = r->hold;
	r->run.missed = r->missed;
	r->run.cpu = r->cpu;
	return run_recording(&r->run);
}

/* It may take the file away again. */
static int close_output(struct recorder *r)
{
	int err = r->output ? privileges_lend(&r->privileges) : 0;

	if (r->output && !err)
		err = output_close(r->output);
	privileges_return(&r->privileges);
	return err;
}

/* The file is whole before anything slow is taken down. */
static int close_all(struct recorder *r, int err)
{
	int closed = close_output(r);

	command_destroy(r->command);
	ring_destroy(r->ring);
	hold_destroy(r->hold);
	free(r->roles);
	free(r->cpu);
	missed_destroy(r->missed);
	capture_destroy(r->capture);
	backend_close(&r->backend);
	pcap_filter_deinit(&r->pcap);
	pcap_filter_deinit(&r->tunnel);
	trigger_destroy(r->trigger);
	kallsyms_destroy(r->kallsyms);
	reasons_destroy(r->reasons);
	btf__free(r->btf);
	options_deinit(&r->options);
	privileges_deinit(&r->privileges);
	return err ? err : closed;
}

/* --list-functions and --check print and are done. */
static int inspect(struct recorder *r)
{
	struct backend_spec spec;
	int err;

	if (r->options.check)
		return check_kernel(&r->options);
	err = read_kernel(r);
	spec = backend_spec(r);
	return err ? err : backend_list(&spec);
}

static int record_all(struct recorder *r)
{
	int err = open_files(r);

	if (!err)
		err = read_kernel(r);
	if (!err)
		err = configure(r);
	if (!err)
		err = attach(r);
	return err ? err : record(r);
}

int main(int argc, char **argv)
{
	struct recorder r = {};
	int err;

	log_init("pwru-record", LOG_LEVEL_INFO);
	err = options_read(argc, argv, &r.options);
	if (err)
		return err == -ECANCELED ? EXIT_DONE : err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	log_init("pwru-record", r.options.quiet	    ? LOG_LEVEL_ERROR
				: r.options.verbose ? LOG_LEVEL_DEBUG
						    : LOG_LEVEL_INFO);
	/* A wrong expression is wrong use, whatever the machine. */
	r.config = r.options.filter;
	if (privileges_plan(r.options.user, &r.privileges) || configure_filters(&r)) {
		close_all(&r, 0);
		return EXIT_USAGE;
	}
	program_silence();
	stop_install();
	err = r.options.list_functions || r.options.check ? inspect(&r) : record_all(&r);
	err = close_all(&r, err);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_DONE;
}
