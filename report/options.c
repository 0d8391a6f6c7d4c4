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
		"  follow  a packet and its family hop by hop (--packet), or a TCP or UDP flow (--flow)\n"
		"  drops   why packets were dropped, where and of which flows; where to look next\n"
		"  functions  hits, packets and drops of each function\n"
		"  latency    how long it takes from function to function, or from --from to --to\n"
		"  info    what the file holds, whether it is complete, and how much a filter matches\n"
		"  debuginfo  what source lines are to be had of, and what would be needed\n"
		"  export  no view: with -w FILE, writes a capture, as -w does without a view\n"
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

/* The index of arg in names, which ends with a NULL. */
static int set_word(enum option_id id, const char *arg, const char *const *names, const char *why,
		    int *ret)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], arg)) {
			*ret = i;
			return 0;
		}
	return options_refuse(id, arg, why);
}

static int set_order(enum option_id id, const char *arg, enum paths_order *ret)
{
	static const char *const names[] = {"start", "duration", "hops", "drops", NULL};
	int i = 0, err = set_word(id, arg, names, "neither start, duration, hops nor drops", &i);

	if (!err)
		*ret = (enum paths_order)(ORDER_START + i);
	return err;
}

static int set_times(enum option_id id, const char *arg, enum times *ret)
{
	static const char *const names[] = {"absolute", "relative", "iso", NULL};
	int i = 0, err = set_word(id, arg, names, "neither absolute, relative nor iso", &i);

	if (!err)
		*ret = (enum times)i;
	return err;
}

static int set_colours(enum option_id id, const char *arg, enum colours *ret)
{
	static const char *const names[] = {"auto", "always", "never", NULL};
	int i = 0, err = set_word(id, arg, names, "neither auto, always nor never", &i);

	if (!err)
		*ret = (enum colours)i;
	return err;
}

static int add_packet(enum option_id id, const char *arg, struct report_options *o)
{
	uint64_t number;
	int err = options_number(id, arg + (arg[0] == '#'), UINT64_MAX, &number);

	if (err)
		return err;
	if (!number)
		return options_refuse(id, arg, "hits without a packet have no number");
	if (o->n_packets == OPTIONS_MAX_PACKETS)
		return options_refuse(id, arg,
				      "too many packets; use --expression 'packet in {…}'");
	o->packets[o->n_packets++] = number;
	return 0;
}

static int set_text(enum option_id id, const char *arg, const char *what, const char **ret)
{
	if (*ret)
		return options_refuse(id, arg, "given twice");
	*ret = arg;
	return *arg ? 0 : options_refuse(id, arg, what);
}

/* Options without an argument. NULL: id is none of them. */
static bool *flag(struct report_options *o, enum option_id id)
{
	switch (id) {
	case OPTION_SCRUB:
		return &o->scrub;
	case OPTION_ANNOTATE:
		return &o->annotate;
	case OPTION_ONLY_EVENTS:
		return &o->only_events;
	case OPTION_GROUP:
		return &o->group;
	case OPTION_SYMBOLS:
		return &o->symbols;
	case OPTION_OUTPUT_META:
		return &o->meta;
	case OPTION_OUTPUT_TUPLE:
		return &o->tuple;
	case OPTION_OUTPUT_TCP_FLAGS:
		return &o->tcp_flags;
	case OPTION_OUTPUT_TUNNEL:
		return &o->tunnel;
	case OPTION_OUTPUT_RELATIVE:
		return &o->relative;
	case OPTION_OUTPUT_CALLER:
		return &o->caller;
	case OPTION_OUTPUT_STACK:
		return &o->stack;
	case OPTION_OUTPUT_SKB:
		return &o->skb;
	case OPTION_ALLOW_MISMATCH:
		return &o->allow_mismatch;
	case OPTION_NO_LINES:
		return &o->no_lines;
	case OPTION_JSON:
		return &o->json;
	case OPTION_CSV:
		return &o->csv;
	case OPTION_UTC:
		return &o->utc;
	case OPTION_FOLLOW_FILE:
		return &o->follow_file;
	case OPTION_ALL:
		return &o->all;
	case OPTION_NO_PAGER:
		return &o->no_pager;
	default:
		return NULL;
	}
}

static int set(void *ctx, enum option_id id, const char *arg)
{
	struct report_options *o = ctx;

	if (flag(o, id)) {
		*flag(o, id) = true;
		return 0;
	}
	switch (id) {
	case OPTION_FILTER_SRC_IP:
	case OPTION_FILTER_DST_IP:
	case OPTION_FILTER_SRC_PORT:
	case OPTION_FILTER_DST_PORT:
	case OPTION_FILTER_PROTO:
	case OPTION_FILTER_MARK:
		return set_filter(&o->match, id, arg);
	case OPTION_FILTER:
		return set_text(id, arg, "no expression", &o->pcap_filter);
	case OPTION_EXPRESSION:
		return set_text(id, arg, "no expression", &o->expression);
	case OPTION_TIME:
		return set_text(id, arg, "no time", &o->time);
	case OPTION_PACKET:
		return add_packet(id, arg, o);
	case OPTION_SORT:
		return set_order(id, arg, &o->order);
	case OPTION_TOP:
		return options_number(id, arg, UINT32_MAX, &o->top);
	case OPTION_FROM:
		return set_text(id, arg, "no function", &o->from);
	case OPTION_TO:
		return set_text(id, arg, "no function", &o->to);
	case OPTION_FLOW:
		return flow_parse(arg, &o->flow)
			       ? options_refuse(
					 id, arg,
					 "not ADDRESS:PORT,ADDRESS:PORT (IPv6: [ADDRESS]:PORT)")
			       : 0;
	case OPTION_VMLINUX:
		return set_text(id, arg, "no file name", &o->vmlinux);
	case OPTION_DEBUG_DIR:
		return set_text(id, arg, "no directory", &o->debug_dir);
	case OPTION_SOURCE_DIR:
		return set_text(id, arg, "no directory", &o->source_dir);
	case OPTION_TIMES:
		o->times_given = true;
		return set_times(id, arg, &o->times);
	case OPTION_COLOR:
		return set_colours(id, arg, &o->colours);
	case OPTION_WRITE:
		return set_text(id, arg, "no file name", &o->write);
	case OPTION_SCRUB_KEY:
		o->scrub_key = arg;
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
	else if (o->annotate && !o->write)
		log_error("--annotate needs -w FILE: it is for captures that are written");
	else if (o->annotate && o->scrub)
		log_error("--annotate and --scrub: one of them");
	else if (o->annotate && o->no_lines)
		log_error("--annotate and --no-lines: one of them");
	else if (argument && view_find(argument) == &view_export && !o->write)
		log_error("export needs -w FILE");
	else if (o->scrub_key && !o->scrub)
		log_error("--scrub-key needs --scrub");
	else if (o->group && o->order != ORDER_ENDED)
		log_error("--group and --sort: one of them; groups come in order of their number");
	else if (o->no_lines && (o->vmlinux || o->debug_dir || o->source_dir))
		log_error("--no-lines: then there is nothing to look for");
	else if (o->no_lines && argument && view_find(argument) == &view_debuginfo)
		log_error("--no-lines: the view debuginfo is nothing else");
	else if (o->json && o->csv)
		log_error("--json and --csv: one of them");
	else if (o->write && argument && view_find(argument) && view_find(argument) != &view_export)
		log_error("-w prints nothing: the view %s cannot be had with it", argument);
	else if (o->follow_file && o->write)
		log_error("--follow-file is for views: what is written begins at the input's end");
	else if (o->follow_file && argument && view_find(argument) && view_find(argument)->run)
		log_error("--follow-file: not with the view %s", argument);
	else
		return 0;
	return -EINVAL;
}

/* What only makes sense with the view that was chosen. */
static int check_view(const struct report_options *o)
{
	if ((o->group || o->order != ORDER_ENDED) && o->view != &view_paths)
		log_error("--%s is for the view paths", o->group ? "group" : "sort");
	else if (o->symbols && o->view != &view_info)
		log_error("--symbols is for the view info");
	else if (o->symbols && o->no_lines)
		log_error("--symbols and --no-lines: one of them");
	else if (o->source_dir && o->view != &view_drops)
		log_error("--source-dir is for the view drops");
	else if (o->flow.family && o->view != &view_follow)
		log_error("--flow is for the view follow");
	else if (o->flow.family && o->n_packets)
		log_error("--flow and --packet: one of them");
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
	if (o.csv && o.view->no_csv && !o.write) {
		log_error(
			"the view %s has no --csv: what it tells is no table; --json has all of it",
			o.view->name);
		return -EINVAL;
	}
	if (check_view(&o))
		return -EINVAL;
	o.files = argv + first;
	o.n_files = (size_t)(argc - first);
	if (!o.n_files && isatty(STDIN_FILENO)) {
		log_error("no file given (pwru-report --help tells the usage)");
		return -EINVAL;
	}
	if (o.follow_file && o.n_files > 1) {
		log_error("--follow-file: one file, not %zu", o.n_files);
		return -EINVAL;
	}
	if (!o.n_files) {
		o.files = standard_input;
		o.n_files = 1;
	}
	*ret = o;
	return 0;
}
