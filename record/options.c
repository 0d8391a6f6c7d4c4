// SPDX-License-Identifier: GPL-2.0-only
#include "record/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/options.h"

#define SNAPLEN_DEFAULT	    96
#define SNAPLEN_MIN	    14
#define STACK_DEFAULT	    16
#define RING_SIZE_DEFAULT   (64u << 20)
#define RING_SIZE_MAX	    (16ULL << 30)
#define RING_SIZE_MIN	    4096
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

static int mark(enum option_id id, const char *arg, struct pwru_config *f)
{
	const char *slash = strchr(arg, '/');
	size_t n = slash ? (size_t)(slash - arg) : strlen(arg);
	char value[32];
	uint64_t v, mask = UINT32_MAX;
	int err;

	if (n >= sizeof(value))
		return options_refuse(id, arg, "not a number");
	memcpy(value, arg, n);
	value[n] = 0;
	err = options_number(id, value, UINT32_MAX, &v);
	if (!err && slash)
		err = options_number(id, slash + 1, UINT32_MAX, &mask);
	if (!err && v & ~mask)
		err = options_refuse(id, arg, "bits of the mark outside the mask can never match");
	if (err)
		return err;
	f->has_mark = 1;
	f->mark = (uint32_t)v;
	f->mark_mask = (uint32_t)mask;
	return 0;
}

static int ifname(enum option_id id, const char *arg, struct pwru_config *f)
{
	if (!*arg || strlen(arg) >= sizeof(f->ifname))
		return options_refuse(id, arg, "an interface name has 1 to 15 characters");
	f->has_ifname = f->want_dev = 1;
	memset(f->ifname, 0, sizeof(f->ifname));
	memcpy(f->ifname, arg, strlen(arg));
	return 0;
}

static int pid(enum option_id id, const char *arg, struct pwru_config *f)
{
	uint64_t v;
	int err = options_number(id, arg, INT32_MAX, &v);

	if (!err && !v)
		err = options_refuse(id, arg, "no process has that number");
	f->pid = (uint32_t)v;
	return err;
}

static int set_filter(struct pwru_config *f, enum option_id id, const char *arg)
{
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
		return mark(id, arg, f);
	case OPTION_FILTER_IFNAME:
		return ifname(id, arg, f);
	case OPTION_FILTER_PID:
		return pid(id, arg, f);
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

static int add_func(struct options *o, const char *arg)
{
	size_t n = 0, most = sizeof(o->filter_func) / sizeof(o->filter_func[0]) - 1;

	while (o->filter_func[n])
		n++;
	if (n == most)
		return options_refuse(OPTION_FILTER_FUNC, arg, "too many; join them with |");
	o->filter_func[n] = arg;
	return 0;
}

/* Options that are only remembered. */
static int set_plain(struct options *o, enum option_id id, const char *arg)
{
	switch (id) {
	case OPTION_FILTER_FUNC:
		return add_func(o, arg);
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
	int choice = 0, err = set_filter(&o->filter, id, arg);

	note_filter(o, id, arg);
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

int options_read(int argc, char **argv, struct options *ret)
{
	struct options o = {.write = "pwru.pcapng",
			    .snaplen = SNAPLEN_DEFAULT,
			    .ring_size = RING_SIZE_DEFAULT,
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
