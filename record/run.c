// SPDX-License-Identifier: GPL-2.0-only
/*
 * No wake-up for each hit: after a round that found something it sleeps a millisecond, then longer
 * and longer up to 20; a ring that fills past a quarter wakes it early.
 */
#include "record/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "record/modules.h"
#include "record/stop.h"

#define MS	       1000000ull
#define SLEEP_MIN_MS   1
#define SLEEP_MAX_MS   20
#define FLUSH_EVERY    (200 * MS)
#define COUNTERS_EVERY (1000 * MS)
#define ON_THEIR_WAY   MS	  /* between a hit's time and its place in the buffer, with room */
#define GRACE	       (100 * MS) /* after the command has ended: packets on their way still come */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void run_count(void *ctx, struct capture_counters *n)
{
	const struct run *r = ctx;

	n->lost_hold = r->hold ? hold_lost(r->hold) : 0;
	n->held = r->hold ? hold_kept_back(r->hold) : 0;
	counters_read(r->backend->program, r->missed, r->cpu, n);
}

static int make_ready_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		log_error("%s: cannot create the ready file: %s", path, strerror(errno));
		return -EIO;
	}
	close(fd);
	return 0;
}

static int start(struct run *r)
{
	int err = 0;

	program_enable(r->backend->program, true);
	if (r->options->ready_file)
		err = make_ready_file(r->options->ready_file);
	if (!err && r->command)
		err = command_start(r->command);
	return err;
}

/* What there is to wait for; rounds with hits are short. */
static void doze(const struct run *r, bool ended, int ms)
{
	struct pollfd p[2] = {
		{.fd = ring_wake_fd(r->ring), .events = POLLIN},
		{.fd = r->command && !ended ? command_fd(r->command) : -1, .events = POLLIN}};

	poll(p, 2, ms);
	if (p[0].revents)
		ring_acknowledge(r->ring);
}

static void on_module(void *ctx, const char *name, bool loaded)
{
	capture_module(ctx, name, loaded, now_ns());
	if (loaded)
		log_info("module %s was loaded: its functions are not probed", name);
}

struct loop {
	struct modules *modules; /* NULL: cannot be watched */
	uint64_t started;
	uint64_t flushed;
	uint64_t counted;
	uint64_t asked; /* when SIGUSR1 came; 0 */
	uint64_t ended; /* when the command did; 0 */
	int status;
	int sleep_ms;
	const char *why; /* to stop; NULL go on */
};

static void check_stop(struct run *r, struct loop *l, uint64_t now)
{
	if (r->command && !l->ended && command_ended(r->command, &l->status))
		l->ended = now;
	if (stop_requested())
		l->why = stop_reason();
	else if (capture_full(r->capture))
		l->why = "max-events";
	else if (r->options->duration && now - l->started >= r->options->duration)
		l->why = "duration";
	else if (l->ended && now - l->ended >= GRACE)
		l->why = "command";
}

static void next_file(struct run *r, uint64_t now)
{
	int got;

	if (!options_row(r->options)) {
		log_info(
			"SIGUSR1 begins the next file with --rotate-size, --rotate-time and --flight-recorder");
		return;
	}
	got = capture_next(r->capture, "SIGUSR1", now);
	if (got >= 0)
		log_info("SIGUSR1: %s%s", got ? "-> " : "nothing was recorded since the last file",
			 got ? output_name(r->output) : "");
}

/* What it is time for, when all hits until taken are there. */
static int due(struct run *r, struct loop *l, uint64_t now, uint64_t taken)
{
	if (stop_next_file() && !l->asked)
		l->asked = now;
	if (l->asked && taken >= l->asked) {
		l->asked = 0;
		next_file(r, now);
	}
	return capture_due(r->capture, now, taken);
}

/* One round: 0 or the capture's error. */
static int turn(struct run *r, struct loop *l)
{
	uint64_t taken = now_ns() - ON_THEIR_WAY, now;
	int n = ring_drain(r->ring), err;
	bool flush;

	if (n < 0) {
		log_error("cannot read the kernel's buffer: %s", strerror(-n));
		return n;
	}
	if (r->hold)
		hold_round(r->hold, 0);
	now = now_ns();
	if (now - l->counted >= COUNTERS_EVERY) {
		l->counted = now;
		capture_second(r->capture, now);
		capture_clock(r->capture, now);
		if (l->modules)
			modules_poll(l->modules, on_module, r->capture);
	}
	flush = output_is_pipe(r->output) || now - l->flushed >= FLUSH_EVERY;
	if (flush)
		l->flushed = now;
	err = due(r, l, now, ring_taken(r->ring) < taken ? ring_taken(r->ring) : taken);
	if (!err)
		err = capture_flush(r->capture, flush);
	if (err)
		return err;
	check_stop(r, l, now);
	l->sleep_ms = n ? SLEEP_MIN_MS : l->sleep_ms * 2;
	if (l->sleep_ms > SLEEP_MAX_MS)
		l->sleep_ms = SLEEP_MAX_MS;
	if (!l->why)
		doze(r, l->ended, l->sleep_ms);
	return 0;
}

/* Everything that was recorded before the end was decided is taken out. */
static int finish(struct run *r, const char *why)
{
	int n;

	program_enable(r->backend->program, false);
	/* Programs that had begun on other CPUs end within microseconds. */
	for (int quiet = 0; quiet < 2;) {
		n = ring_drain(r->ring);
		if (n < 0)
			break;
		quiet = n ? 0 : quiet + 1;
		if (!n)
			usleep(1000);
	}
	if (r->hold)
		hold_round(r->hold, 1);
	return capture_end(r->capture, why, now_ns());
}

static void say_where(const struct run *r, bool complete)
{
	uint32_t files = output_files(r->output);
	char where[64] = "";

	if (files > 1)
		snprintf(where, sizeof(where), "%u files, the last ", files);
	log_info("%llu hits of %llu packets%s -> %s%s (%llu bytes)%s",
		 (unsigned long long)capture_recorded(r->capture),
		 (unsigned long long)capture_packets(r->capture),
		 r->options->flight_size ? ", the last of them" : "", where, output_name(r->output),
		 (unsigned long long)output_bytes(r->output), complete ? ", nothing lost" : "");
}

static void say_totals(struct run *r, const struct loop *l)
{
	struct capture_counters n = {};

	run_count(r, &n);
	if (r->command && l->ended && l->status) {
		if (WIFSIGNALED(l->status))
			log_info("the command was ended by signal %d", WTERMSIG(l->status));
		else
			log_info("the command exited with %d", WEXITSTATUS(l->status));
	}
	say_where(r, counters_complete(&n));
	counters_warn(&n, r->options->filter.max_lives);
	log_debug(
		"arguments that were no packet: %llu NULL, %llu error, %llu other; %llu hits filtered out",
		(unsigned long long)n.null_arg, (unsigned long long)n.err_arg,
		(unsigned long long)n.not_skb, (unsigned long long)n.filtered);
}

int run_recording(struct run *r)
{
	struct loop l = {.started = now_ns(), .sleep_ms = SLEEP_MIN_MS};
	int err = start(r), end;

	if (modules_create(&l.modules))
		l.modules = NULL;
	l.counted = l.flushed = l.started;
	while (!err && !l.why)
		err = turn(r, &l);
	if (l.modules)
		modules_poll(l.modules, on_module, r->capture);
	modules_destroy(l.modules);
	end = finish(r, err ? "error" : l.why);
	err = err ? err : end;
	if (err != -EPIPE)
		say_totals(r, &l);
	return err;
}
