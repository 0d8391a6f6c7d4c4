// SPDX-License-Identifier: GPL-2.0-only
#include "record/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/options.h"

#define SNAPLEN_DEFAULT	  96
#define SNAPLEN_MIN	  14
#define RING_SIZE_DEFAULT (64u << 20)
#define RING_SIZE_MAX	  (16ULL << 30)
#define RING_SIZE_MIN	  4096

static const struct options_usage usage = {
	.program = OPTIONS_RECORD,
	.name = "pwru-record",
	.synopsis = "[options] [-- command [argument…]]",
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

static int address(enum option_id id, const char *arg, uint8_t *family, uint8_t *to)
{
	if (inet_pton(AF_INET, arg, to) == 1)
		*family = 4;
	else if (inet_pton(AF_INET6, arg, to) == 1)
		*family = 6;
	else
		return options_refuse(id, arg, "not an IPv4 or IPv6 address");
	return 0;
}

static int port(enum option_id id, const char *arg, uint8_t *has, uint16_t *to)
{
	uint64_t v;
	int err = options_number(id, arg, 65535, &v);

	if (err)
		return err;
	*has = 1;
	*to = (uint16_t)v;
	return 0;
}

static int proto(enum option_id id, const char *arg, struct pwru_config *f)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} names[] = {{"tcp", IPPROTO_TCP},	{"udp", IPPROTO_UDP},	    {"icmp", IPPROTO_ICMP},
		     {"icmp6", IPPROTO_ICMPV6}, {"icmpv6", IPPROTO_ICMPV6}, {"sctp", IPPROTO_SCTP}};
	uint64_t v = 0;
	int err;

	f->has_proto = 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(names[i].name, arg)) {
			f->proto = names[i].proto;
			return 0;
		}
	err = options_number(id, arg, 255, &v);
	f->proto = (uint8_t)v;
	return err;
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

static int set_filter(struct pwru_config *f, enum option_id id, const char *arg)
{
	uint64_t v;
	int err;

	switch (id) {
	case OPTION_FILTER_SRC_IP:
		return address(id, arg, &f->src_family, f->src);
	case OPTION_FILTER_DST_IP:
		return address(id, arg, &f->dst_family, f->dst);
	case OPTION_FILTER_SRC_PORT:
		return port(id, arg, &f->has_sport, &f->sport);
	case OPTION_FILTER_DST_PORT:
		return port(id, arg, &f->has_dport, &f->dport);
	case OPTION_FILTER_PROTO:
		return proto(id, arg, f);
	case OPTION_FILTER_MARK:
		err = options_number(id, arg, UINT32_MAX, &v);
		if (err)
			return err;
		f->has_mark = 1;
		f->mark = (uint32_t)v;
		return 0;
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
	case OPTION_RING_SIZE:
		err = options_size(id, arg, RING_SIZE_MAX, &o->ring_size);
		if (!err && o->ring_size < RING_SIZE_MIN)
			err = options_refuse(id, arg, "at least 4096");
		return err;
	default:
		return -ENOENT;
	}
}

static int set(void *ctx, enum option_id id, const char *arg)
{
	static const char *const backends[] = {"auto", "kprobe-multi", "kprobe", "tracepoint",
					       NULL};
	static const char *const buffers[] = {"auto", "ring", "perf", NULL};
	static const char *const comments[] = {"full", "short", "none", NULL};
	struct options *o = ctx;
	int choice = 0, err = set_filter(&o->filter, id, arg);

	if (err == -ENOENT)
		err = set_number(o, id, arg);
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
	case OPTION_FILTER_FUNC:
		o->filter_func = arg;
		return 0;
	case OPTION_READY_FILE:
		o->ready_file = arg;
		return 0;
	case OPTION_NO_TRACK:
		o->filter.track = 0;
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

int options_read(int argc, char **argv, struct options *ret)
{
	struct options o = {.write = "pwru.pcapng",
			    .snaplen = SNAPLEN_DEFAULT,
			    .ring_size = RING_SIZE_DEFAULT,
			    .filter = {.track = 1}};
	int err = join(argc, argv, &o.command_line), own, at;

	if (err)
		return err;
	own = find_command(argc, argv, &o);
	at = options_parse(&usage, own, argv, set, &o);
	err = at < 0 ? at : 0;
	if (!err && at < own) {
		log_error("unexpected argument \"%s\" (a command stands after --; see --help)",
			  argv[at]);
		err = -EINVAL;
	}
	if (!err && o.command && !o.command[0]) {
		log_error("no command after --");
		err = -EINVAL;
	}
	if (!err && o.filter.src_family && o.filter.dst_family &&
	    o.filter.src_family != o.filter.dst_family) {
		log_error(
			"--filter-src-ip and --filter-dst-ip are of different IP versions: nothing can match");
		err = -EINVAL;
	}
	if (err) {
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
	o->command_line = NULL;
}
