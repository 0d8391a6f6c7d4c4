// SPDX-License-Identifier: GPL-2.0-only
/* pwru-record: the steps in order. Everything that needs a privilege is opened before the recording
 * starts, nothing after. */
#include <bpf/btf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/event.h"
#include "common/log.h"
#include "record/backend.h"
#include "record/capture.h"
#include "record/check.h"
#include "record/command.h"
#include "record/hold.h"
#include "record/kallsyms.h"
#include "record/missed.h"
#include "record/netns.h"
#include "record/options.h"
#include "record/output.h"
#include "record/pcap_filter.h"
#include "record/ring.h"
#include "record/run.h"
#include "record/snapshot.h"
#include "record/ssh.h"
#include "record/stop.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct recorder {
	struct options options;
	struct pwru_config config;
	struct btf *btf;
	struct kallsyms *kallsyms;
	struct pcap_filter pcap;
	struct pcap_filter tunnel;
	struct output *output;
	struct command *command;
	struct backend backend;
	struct ring *ring;
	struct capture *capture;
	struct hold *hold; /* --filter-drop */
	uint16_t *roles;   /* for it */
	struct missed *missed;
	struct counters_cpu *cpu;
};

/* BTF and symbols of the running kernel. Hidden addresses are no error yet: tracepoints do without.
 */
static int read_kernel(struct recorder *r)
{
	const char *path = r->options.kernel_btf;
	int err;

	r->btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	if (!r->btf && path) {
		err = -errno;
		log_error("%s: not a file with BTF: %s", path, strerror(-err));
		return err;
	}
	if (!r->btf) {
		log_error(
			"this kernel has no BTF (/sys/kernel/btf/vmlinux): it needs CONFIG_DEBUG_INFO_BTF=y, or --kernel-btf FILE");
		return -ENOENT;
	}
	err = kallsyms_create(NULL, &r->kallsyms);
	if (err && err != -ENODATA) {
		log_error("/proc/kallsyms: %s", strerror(-err));
		return err;
	}
	return 0;
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
	return err;
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
	return 0;
}

static int open_output(struct recorder *r)
{
	const char *ready = r->options.ready_file;
	int err;

	/* One left from an earlier run would be taken for ours. */
	if (ready && unlink(ready) && errno != ENOENT) {
		log_error("%s: cannot remove an older ready file: %s", ready, strerror(errno));
		return -EIO;
	}
	err = output_open(r->options.write, &r->output);
	if (!err && r->options.command)
		err = command_fork(r->options.command, !strcmp(r->options.write, "-"), &r->command);
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
	const char *names[1024] = {};
	uint32_t consumed = 0;

	if (!r->options.filter_drop)
		return 0;
	snapshot_reasons(r->btf, names, 1024);
	for (uint32_t i = 0; i < 1024; i++)
		if (names[i] && !strcmp(names[i], "CONSUMED"))
			consumed = i;
	r->roles = calloc(set->count + 1, sizeof(*r->roles));
	if (!r->roles)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		r->roles[i] = set->all[i].roles;
	return hold_create(r->roles, set->count, consumed, on_kept, r, &r->hold);
}

static int open_capture(struct recorder *r)
{
	struct snapshot_source source = {
		.btf = r->btf,
		.kallsyms = r->kallsyms,
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
	return err ? err : ring_create(r->backend.program, on_hit, r, &r->ring);
}

static int record(struct recorder *r)
{
	struct run run = {.options = &r->options, .backend = &r->backend};
	int err = open_capture(r);

	if (err) {
		if (err == -ENOMEM)
			log_error("out of memory");
		return err;
	}
	run.ring = r->ring;
	run.capture = r->capture;
	run.output = r->output;
	run.command = r->command;
	run.hold = r->hold;
	run.missed = r->missed;
	run.cpu = r->cpu;
	return run_recording(&run);
}

/* The file is whole before anything slow is taken down. */
static int close_all(struct recorder *r, int err)
{
	int closed = r->output ? output_close(r->output) : 0;

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
	kallsyms_destroy(r->kallsyms);
	btf__free(r->btf);
	options_deinit(&r->options);
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
	int err = open_output(r);

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
	if (configure_filters(&r)) {
		close_all(&r, 0);
		return EXIT_USAGE;
	}
	program_silence();
	stop_install();
	err = r.options.list_functions || r.options.check ? inspect(&r) : record_all(&r);
	err = close_all(&r, err);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_DONE;
}
