// SPDX-License-Identifier: GPL-2.0-only
/* pwru-record: the steps in order. Everything that needs a privilege is opened before the recording
 * starts, nothing after. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/event.h"
#include "common/log.h"
#include "record/backend.h"
#include "record/capture.h"
#include "record/command.h"
#include "record/kallsyms.h"
#include "record/options.h"
#include "record/output.h"
#include "record/ring.h"
#include "record/run.h"
#include "record/snapshot.h"
#include "record/ssh.h"
#include "record/stop.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct recorder {
	struct options options;
	struct btf *btf;
	struct kallsyms *kallsyms;
	struct output *output;
	struct command *command;
	struct backend backend;
	struct ring *ring;
	struct capture *capture;
	char *filters;
};

/* BTF and symbols of the running kernel. Hidden addresses are no error yet: tracepoints do without.
 */
static int read_kernel(struct recorder *r)
{
	int err;

	r->btf = btf__load_vmlinux_btf();
	if (!r->btf) {
		log_error(
			"this kernel has no BTF (/sys/kernel/btf/vmlinux): it needs CONFIG_DEBUG_INFO_BTF=y");
		return -errno;
	}
	err = kallsyms_create(NULL, &r->kallsyms);
	if (err && err != -ENODATA) {
		log_error("/proc/kallsyms: %s", strerror(-err));
		return err;
	}
	return 0;
}

static void configure(struct recorder *r, struct pwru_config *cfg)
{
	*cfg = r->options.filter;
	if (!r->options.with_ssh && ssh_connection(&cfg->excluded)) {
		cfg->exclude = 1;
		log_info(
			"leaving out this ssh connection (client port %u); --with-ssh records it too",
			cfg->excluded.sport);
	}
	cfg->want_tuple = cfg->has_proto || cfg->has_sport || cfg->has_dport || cfg->src_family ||
			  cfg->dst_family || cfg->exclude;
}

static int open_output(struct recorder *r)
{
	int err = output_open(r->options.write, &r->output);

	if (!err && r->options.command)
		err = command_fork(r->options.command, !strcmp(r->options.write, "-"), &r->command);
	return err;
}

static int attach(struct recorder *r, const struct pwru_config *cfg)
{
	int err = backend_open(&r->options, cfg, r->btf, r->kallsyms, &r->backend);

	if (err)
		return err;
	log_info("%zu of %zu functions attached by %s%s",
		 target_count(&r->backend.targets, TARGET_ATTACHED), r->backend.targets.count,
		 func_how_name(r->backend.ops->how),
		 program_buffer(r->backend.program) == PROGRAM_PERF ? ", perf buffer" : "");
	return 0;
}

/* Two steps: the buffer's reader needs the capture, which needs to be told by the reader. */
static void on_hit(void *ctx, const struct pwru_event *e, size_t size)
{
	struct recorder *r = ctx;

	capture_hit(r->capture, e, size);
}

static int open_capture(struct recorder *r)
{
	struct snapshot_source source = {
		.btf = r->btf,
		.kallsyms = r->kallsyms,
		.targets = &r->backend.targets,
		.command_line = r->options.command_line,
		.filters = "",
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
	return run_recording(&run);
}

/* The file is whole before anything slow is taken down. */
static int close_all(struct recorder *r, int err)
{
	int closed = r->output ? output_close(r->output) : 0;

	command_destroy(r->command);
	ring_destroy(r->ring);
	capture_destroy(r->capture);
	backend_close(&r->backend);
	kallsyms_destroy(r->kallsyms);
	btf__free(r->btf);
	options_deinit(&r->options);
	return err ? err : closed;
}

int main(int argc, char **argv)
{
	struct recorder r = {};
	struct pwru_config cfg;
	int err;

	log_init("pwru-record", LOG_LEVEL_INFO);
	err = options_read(argc, argv, &r.options);
	if (err)
		return err == -ECANCELED ? EXIT_DONE : err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	log_init("pwru-record", r.options.quiet	    ? LOG_LEVEL_ERROR
				: r.options.verbose ? LOG_LEVEL_DEBUG
						    : LOG_LEVEL_INFO);
	stop_install();
	if (r.options.list_functions) {
		err = read_kernel(&r);
		err = err ? err : backend_list(&r.options, r.btf, r.kallsyms);
		return close_all(&r, err) ? EXIT_FAILED : EXIT_DONE;
	}
	err = open_output(&r);
	if (!err)
		err = read_kernel(&r);
	if (!err)
		configure(&r, &cfg);
	if (!err)
		err = attach(&r, &cfg);
	if (!err)
		err = record(&r);
	err = close_all(&r, err);
	return err && err != -EPIPE ? EXIT_FAILED : EXIT_DONE;
}
