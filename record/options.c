// SPDX-License-Identifier: GPL-2.0-only
#include "record/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/options.h"
#include "record/filter_options.h"
#include "record/flight.h"

#define SNAPLEN_DEFAULT	    96
#define SNAPLEN_MIN	    14
#define STACK_DEFAULT	    16
#define RING_SIZE_DEFAULT   (64u << 20)
#define RING_SIZE_MAX	    (16ULL << 30)
#define RING_SIZE_MIN	    4096
#define ROTATE_SIZE_MIN	    (1u << 20)
#define FLIGHT_SIZE_MIN	    (64u << 10)
#define FLIGHT_SIZE_MAX	    (64ULL << 30)
#define TRIGGER_AFTER	    1000000000 /* ns */
#define MAX_TRACKED_DEFAULT 131072
#define MAX_TRACKED_MAX	    (16u << 20) /* 100 bytes each */

static const struct options_usage usage = {
	.program = OPTIONS_RECORD,
	.name = "pwru-record",
	.synopsis = "[options] [pcap-filter] [-- command [argument…]]",
	.about =
		"Records every kernel function that packets pass, to a pcapng file that pwru-report and\n"
		"Wireshark open. With a command it records while that runs; else until Ctrl-C.\n",
};

static int choose(enum option_id id, const char *arg, const char *const *names, int *ret)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], arg)) {
			*ret = i;
			return 0;
		}
	return options_refuse(id, arg, "no such choice");
}

static int duration(enum option_id id, const char *arg, uint64_t *ret)
{
	char *end;
	double seconds = strtod(arg, &end);

	if (end == arg || *end || !isfinite(seconds) || seconds < 1e-9 || seconds > 1e9)
		return options_refuse(id, arg, "not a number of seconds above 0");
	*ret = (uint64_t)(seconds * 1e9);
	return 0;
}

/* "30s", "500ms", "5min", "1h" in ns; false: something else. */
static bool flight_duration(const char *text, uint64_t *ret)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}};
	char *end;
	double v = strtod(text, &end);

	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].unit) && v > 0 && v * units[i].seconds <= 1e9) {
			*ret = (uint64_t)(v * units[i].seconds * 1e9);
			return *ret > 0;
		}
	return false;
}

/* SIZE, DURATION, or both with a comma between. */
static int flight(enum option_id id, const char *arg, struct options *o)
{
	char words[64], *save = NULL;
	int err = 0;

	if (strlen(arg) >= sizeof(words) || !arg[strspn(arg, ",")])
		return options_refuse(id, arg, "neither a size nor a duration");
	strcpy(words, arg);
	o->flight_size = FLIGHT_DEFAULT;
	o->flight_time = 0;
	for (char *w = strtok_r(words, ",", &save); !err && w; w = strtok_r(NULL, ",", &save)) {
		if (flight_duration(w, &o->flight_time))
			continue;
		if (w[strlen(w) - 1] == 'm')
			return options_refuse(id, arg,
					      "m is minutes or mebibytes: write 5min or 5M");
		err = options_size(id, w, FLIGHT_SIZE_MAX, &o->flight_size);
	}
	if (!err && o->flight_size < FLIGHT_SIZE_MIN)
		err = options_refuse(id, arg, "at least 64K; seconds are written 30s");
	return err;
}

static int add_text(enum option_id id, const char *arg, const char **to, size_t most)
{
	size_t n = 0;

	while (to[n])
		n++;
	if (n == most)
		return options_refuse(id, arg, "too many");
	to[n] = arg;
	return 0;
}

static int set_files(struct options *o, enum option_id id, const char *arg)
{
	uint64_t v = 0;
	int err;

	switch (id) {
	case OPTION_ROTATE_SIZE:
		err = options_size(id, arg, UINT64_MAX, &o->rotate_size);
		return err || o->rotate_size >= ROTATE_SIZE_MIN
			       ? err
			       : options_refuse(id, arg, "at least 1M");
	case OPTION_ROTATE_TIME:
		return duration(id, arg, &o->rotate_time);
	case OPTION_ROTATE_FILES:
		err = options_number(id, arg, 100000, &v);
		o->rotate_files = (uint32_t)v;
		return err || v ? err : options_refuse(id, arg, "at least 1");
	case OPTION_FLIGHT_RECORDER:
		return flight(id, arg, o);
	case OPTION_TRIGGER:
		return add_text(id, arg, o->triggers,
				sizeof(o->triggers) / sizeof(o->triggers[0]) - 1);
	case OPTION_TRIGGER_AFTER:
		if (!strcmp(arg, "0")) {
			o->trigger_after = 0;
			return 0;
		}
		return duration(id, arg, &o->trigger_after);
	default:
		return -ENOENT;
	}
}

static int set_number(struct options *o, enum option_id id, const char *arg)
{
	uint64_t v = 0;
	int err;

	switch (id) {
	case OPTION_SNAPLEN:
		err = options_number(id, arg, PWRU_DATA_LARGE, &v);
		if (!err && v < SNAPLEN_MIN)
			err = options_refuse(id, arg, "at least 14, an Ethernet header");
		o->snaplen = (uint32_t)v;
		return err;
	case OPTION_MAX_EVENTS:
		err = options_number(id, arg, UINT64_MAX, &o->max_events);
		return err || o->max_events ? err : options_refuse(id, arg, "at least 1");
	case OPTION_DURATION:
		return duration(id, arg, &o->duration);
	case OPTION_MAX_TRACKED:
		err = options_number(id, arg, MAX_TRACKED_MAX, &v);
		if (!err && !v)
			err = options_refuse(id, arg, "none at all");
		o->filter.max_lives = (uint32_t)v;
		return err;
	case OPTION_RING_SIZE:
		err = options_size(id, arg, RING_SIZE_MAX, &o->ring_size);
		if (!err && o->ring_size < RING_SIZE_MIN)
			err = options_refuse(id, arg, "at least 4096");
		return err;
	case OPTION_STACK:
		err = arg ? options_number(id, arg, PWRU_STACK_MAX, &v) : 0;
		o->filter.stack_depth = arg ? (uint32_t)v : STACK_DEFAULT;
		return err || o->filter.stack_depth ? err : options_refuse(id, arg, "at least 1");
	default:
		return -ENOENT;
	}
}

/* Options that are only remembered. */
static int set_plain(struct options *o, enum option_id id, const char *arg)
{
	switch (id) {
	case OPTION_FILTER_FUNC:
		return add_text(id, arg, o->filter_func,
				sizeof(o->filter_func) / sizeof(o->filter_func[0]) - 1);
	case OPTION_FILTER_NETNS:
		o->filter_netns = arg;
		return 0;
	case OPTION_FILTER_TUNNEL:
		o->filter_tunnel = arg;
		return 0;
	case OPTION_FILTER_DROP:
		o->filter_drop = true;
		return 0;
	case OPTION_READY_FILE:
		o->ready_file = arg;
		return 0;
	case OPTION_USER:
		o->user = arg;
		return 0;
	case OPTION_NO_TRACK:
		o->filter.track = 0;
		return 0;
	case OPTION_SKB:
		o->skb = true;
		return 0;
	case OPTION_CB:
		o->filter.keep_cb = 1;
		return 0;
	case OPTION_KMODS:
		o->kmods = arg;
		return 0;
	case OPTION_ALL_KMODS:
		o->all_kmods = true;
		return 0;
	case OPTION_KERNEL_BTF:
		o->kernel_btf = arg;
		return 0;
	case OPTION_CHECK:
		o->check = true;
		return 0;
	case OPTION_LIST_FUNCTIONS:
		o->list_functions = true;
		return 0;
	case OPTION_WITH_SSH:
		o->with_ssh = true;
		return 0;
	case OPTION_QUIET:
		o->quiet = true;
		return 0;
	case OPTION_VERBOSE:
		o->verbose = true;
		return 0;
	default:
		return -EINVAL;
	}
}

/* The filters in force, for the capture: what was not recorded must be told. */
static void note_filter(struct options *o, enum option_id id, const char *arg)
{
	const char *name = options_name(id);

	if (strncmp(name, "filter-", 7) && id != OPTION_NO_TRACK)
		return;
	buf_printf(&o->filters, "%s--%s%s%s", o->filters.len ? " " : "", name, arg ? " " : "",
		   arg ? arg : "");
}

static int set(void *ctx, enum option_id id, const char *arg)
{
	static const char *const backends[] = {"auto", "kprobe-multi", "kprobe", "tracepoint",
					       NULL};
	static const char *const buffers[] = {"auto", "ring", "perf", NULL};
	static const char *const comments[] = {"full", "short", "none", NULL};
	struct options *o = ctx;
	int choice = 0, err = filter_option(&o->filter, id, arg);

	note_filter(o, id, arg);
	if (err == -ENOENT)
		err = set_number(o, id, arg);
	if (err == -ENOENT)
		err = set_files(o, id, arg);
	if (err != -ENOENT)
		return err;
	err = 0;
	switch (id) {
	case OPTION_WRITE:
		o->write = arg;
		return *arg ? 0 : options_refuse(id, arg, "no file name");
	case OPTION_COMMENT:
		err = choose(id, arg, comments, &choice);
		o->comment = choice;
		return err;
	case OPTION_BACKEND:
		err = choose(id, arg, backends, &choice);
		o->backend = choice;
		return err;
	case OPTION_BUFFER:
		err = choose(id, arg, buffers, &choice);
		o->buffer = choice;
		return err;
	default:
		return set_plain(o, id, arg);
	}
}

static int join(int argc, char **argv, char **ret)
{
	struct buf b = {};

	for (int i = 0; i < argc; i++)
		buf_printf(&b, "%s%s", i ? " " : "", argv[i]);
	buf_u8(&b, 0);
	if (buf_error(&b)) {
		buf_deinit(&b);
		return -ENOMEM;
	}
	*ret = (char *)b.data;
	return 0;
}

/* What follows "--" is the command: found before getopt, which would mix it with operands. */
static int find_command(int argc, char **argv, struct options *o)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		o->command = argv + i + 1;
		return i;
	}
	return argc;
}

static int finish_filters(struct options *o)
{
	if (o->expression)
		buf_printf(&o->filters, "%s%s", o->filters.len ? " " : "", o->expression);
	buf_u8(&o->filters, 0);
	return buf_error(&o->filters);
}

/* Options that do not go together. */
static int judge(const struct options *o)
{
	const char *why = NULL;

	if (o->command && !o->command[0])
		why = "no command after --";
	else if (o->filter.src_family && o->filter.dst_family &&
		 o->filter.src_family != o->filter.dst_family)
		why = "--filter-src-ip and --filter-dst-ip are of different IP versions: nothing can match";
	else if (options_row(o) && !strcmp(o->write, "-"))
		why = "several files cannot go to standard output; give -w FILE";
	else if (o->flight_size && (o->rotate_size || o->rotate_time))
		why = "--flight-recorder does not go with --rotate-size and --rotate-time";
	else if (o->rotate_files && !options_row(o))
		why = "--rotate-files needs --rotate-size, --rotate-time or --flight-recorder";
	else if (o->triggers[0] && !o->flight_size)
		why = "--trigger needs --flight-recorder";
	if (why)
		log_error("%s", why);
	return why ? -EINVAL : 0;
}

int options_read(int argc, char **argv, struct options *ret)
{
	struct options o = {.write = "pwru.pcapng",
			    .snaplen = SNAPLEN_DEFAULT,
			    .ring_size = RING_SIZE_DEFAULT,
			    .trigger_after = TRIGGER_AFTER,
			    .filter = {.track = 1, .max_lives = MAX_TRACKED_DEFAULT}};
	int err = join(argc, argv, &o.command_line), own, at;

	if (err) {
		log_error("out of memory");
		return err;
	}
	own = find_command(argc, argv, &o);
	at = options_parse(&usage, own, argv, set, &o);
	err = at < 0 ? at : 0;
	if (!err && at < own)
		err = join(own - at, argv + at, &o.expression);
	if (!err)
		err = finish_filters(&o);
	if (!err)
		err = judge(&o);
	if (err) {
		if (err == -ENOMEM)
			log_error("out of memory");
		options_deinit(&o);
		return err;
	}
	o.filter.snaplen = o.snaplen;
	*ret = o;
	return 0;
}

void options_deinit(struct options *o)
{
	free(o->command_line);
	free(o->expression);
	buf_deinit(&o->filters);
	o->command_line = o->expression = NULL;
}
