/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_OPTIONS_H
#define REPORT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/log.h"
#include "report/views/flow.h"
#include "report/filter/match.h"
#include "report/render/sink.h"

struct filter;
struct view_ops;
struct fetch;

enum paths_order { ORDER_ENDED, ORDER_START, ORDER_DURATION, ORDER_HOPS, ORDER_DROPS };
enum colours { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

#define OPTIONS_MAX_PACKETS 64u

/* Strings are borrowed from argv. */
struct report_options {
	const struct view_ops *view;
	char **files; /* borrowed from argv; "-" is standard input */
	size_t n_files;
	struct filter *filter; /* of all that follow; made by main, NULL: everything matches */
	struct match match;
	const char *pcap_filter; /* NULL: none */
	const char *expression;	 /* NULL: none */
	const char *time;	 /* NULL: all; "A..B" */
	uint64_t packets[OPTIONS_MAX_PACKETS];
	size_t n_packets;
	bool only_events;
	enum paths_order order;
	uint64_t top; /* 0: all */
	bool group;
	bool symbols;
	const char *from; /* NULL: any */
	const char *to;
	struct flow flow;  /* family 0: none */
	const char *write; /* NULL: print */
	bool scrub;
	bool annotate;
	const char *scrub_key; /* NULL: a random one */
	bool json;
	bool csv;
	enum times times;
	bool times_given; /* the view events has a time of its own otherwise */
	bool utc;
	bool all;
	bool meta;
	bool tuple;
	bool tcp_flags;
	bool tunnel;
	bool relative;
	bool caller;
	bool stack;
	bool skb;
	const char *vmlinux;	/* NULL: not given */
	const char *debug_dir;	/* NULL: not given */
	const char *source_dir; /* NULL: not given */
	bool allow_mismatch;
	bool no_lines;
	struct fetch *fetch; /* made by main; NULL: no server is asked */
	bool follow_file;
	bool no_pager;
	enum colours colours;
	bool colour; /* what comes of it: seen before a pager is started */
	int width;   /* columns, likewise */
	enum log_level level;
};

/*
 * argv -> *ret, without doing any work; borrows from argv. -EINVAL after one line on stderr,
 * -ECANCELED when --help or --version was asked for.
 */
int report_options_parse(int argc, char **argv, struct report_options *ret);

#endif
