// SPDX-License-Identifier: GPL-2.0-only
#include "report/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/options.h"
#include "report/view.h"

static const struct options_usage usage = {
	.program = OPTIONS_REPORT,
	.name = "pwru-report",
	.synopsis = "[VIEW] [options] FILE…",
	.about =
		"Rebuilds the way of each packet through the kernel from what pwru-record wrote. A FILE of -\n"
		"is standard input; so is none when that is a pipe. With -w FILE it writes the packets that\n"
		"match as a smaller capture and prints nothing.\n"
		"\n"
		"Views:\n"
		"  paths   each packet's journey: hops, delays, what changed, what became of it (default)\n"
		"  events  a line a hit: SKB, PROCESS, FUNC, TIMESTAMP\n"
		"  info    what the file holds, and whether it is complete\n"
		"  blocks  a line a block, of any pcapng: offset, type, length, options\n"
		"\n"
		"Exit status: 0 done; 1 failed; 2 usage; 3 reported, but the capture is damaged or\n"
		"incomplete.\n",
};

static int set_address(enum option_id id, const char *arg, struct match_address *ret)
{
	return match_address_parse(arg, ret)
		       ? options_refuse(id, arg, "neither an IPv4 nor an IPv6 address")
		       : 0;
}

static int set_port(enum option_id id, const char *arg, uint16_t *port, bool *has)
{
	uint64_t v;
	int err = options_number(id, arg, UINT16_MAX, &v);

	if (err)
		return err;
	*port = (uint16_t)v;
	*has = true;
	return 0;
}

static int set_mark(enum option_id id, const char *arg, struct match *m)
{
	const char *slash = strchr(arg, '/');
	uint64_t v, mask = UINT32_MAX;
	char value[32];
	int err;

	snprintf(value, sizeof(value), "%.*s", slash ? (int)(slash - arg) : (int)sizeof(value) - 1,
		 arg);
	err = options_number(id, value, UINT32_MAX, &v);
	if (!err && slash)
		err = options_number(id, slash + 1, UINT32_MAX, &mask);
	if (!err && v & ~mask)
		err = options_refuse(id, arg, "bits of the mark outside the mask can never match");
	if (err)
		return err;
	m->mark = (uint32_t)v;
	m->mark_mask = (uint32_t)mask;
	m->has_mark = true;
	return 0;
}

static int set_filter(struct match *m, enum option_id id, const char *arg)
{
	m->any = true;
	switch (id) {
	case OPTION_FILTER_SRC_IP:
		return set_address(id, arg, &m->src);
	case OPTION_FILTER_DST_IP:
		return set_address(id, arg, &m->dst);
	case OPTION_FILTER_SRC_PORT:
		return set_port(id, arg, &m->sport, &m->has_sport);
	case OPTION_FILTER_DST_PORT:
		return set_port(id, arg, &m->dport, &m->has_dport);
	case OPTION_FILTER_MARK:
		return set_mark(id, arg, m);
	default:
		m->has_proto = true;
		return match_proto_parse(arg, &m->proto)
			       ? options_refuse(id, arg, "neither a protocol's name nor its number")
			       : 0;
	}
}

static int set(void *ctx, enum option_id id, const char *arg)
{
	struct report_options *o = ctx;

	switch (id) {
	case OPTION_FILTER_SRC_IP:
	case OPTION_FILTER_DST_IP:
	case OPTION_FILTER_SRC_PORT:
	case OPTION_FILTER_DST_PORT:
	case OPTION_FILTER_PROTO:
	case OPTION_FILTER_MARK:
		return set_filter(&o->match, id, arg);
	case OPTION_WRITE:
		o->write = arg;
		return *arg ? 0 : options_refuse(id, arg, "no file name");
	case OPTION_SCRUB:
		o->scrub = true;
		return 0;
	case OPTION_SCRUB_KEY:
		o->scrub_key = arg;
		return 0;
	case OPTION_OUTPUT_META:
		o->meta = true;
		return 0;
	case OPTION_OUTPUT_TUPLE:
		o->tuple = true;
		return 0;
	case OPTION_OUTPUT_RELATIVE:
		o->relative = true;
		return 0;
	case OPTION_OUTPUT_CALLER:
		o->caller = true;
		return 0;
	case OPTION_JSON:
		o->json = true;
		return 0;
	case OPTION_ALL:
		o->all = true;
		return 0;
	case OPTION_NO_PAGER:
		o->no_pager = true;
		return 0;
	case OPTION_QUIET:
		o->level = LOG_LEVEL_ERROR;
		return 0;
	case OPTION_VERBOSE:
		o->level = LOG_LEVEL_DEBUG;
		return 0;
	default:
		log_error("--%s is not an option of pwru-report", options_name(id));
		return -EINVAL;
	}
}

/* What only makes sense with other options. argument: the first operand. */
static int check(const struct report_options *o, const char *argument)
{
	const struct match *m = &o->match;

	if (m->src.family && m->dst.family && m->src.family != m->dst.family)
		log_error(
			"--filter-src-ip and --filter-dst-ip are of different IP versions: nothing can match");
	else if (o->scrub && !o->write)
		log_error("--scrub needs -w FILE: it is for captures that are written");
	else if (o->scrub_key && !o->scrub)
		log_error("--scrub-key needs --scrub");
	else if (o->write && argument && view_find(argument))
		log_error("-w prints nothing: the view %s cannot be had with it", argument);
	else
		return 0;
	return -EINVAL;
}

int report_options_parse(int argc, char **argv, struct report_options *ret)
{
	static char dash[] = "-";
	static char *standard_input[] = {dash, NULL};
	struct report_options o = {.level = LOG_LEVEL_INFO};
	int first = options_parse(&usage, argc, argv, set, &o);

	if (first < 0)
		return first;
	if (check(&o, first < argc ? argv[first] : NULL))
		return -EINVAL;
	o.view = first < argc ? view_find(argv[first]) : NULL;
	if (o.view)
		first++;
	else
		o.view = view_find("paths");
	o.files = argv + first;
	o.n_files = (size_t)(argc - first);
	if (!o.n_files && isatty(STDIN_FILENO)) {
		log_error("no file given (pwru-report --help tells the usage)");
		return -EINVAL;
	}
	if (!o.n_files) {
		o.files = standard_input;
		o.n_files = 1;
	}
	*ret = o;
	return 0;
}
