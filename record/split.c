// SPDX-License-Identifier: GPL-2.0-only
#include "record/split.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"

static const struct options_usage usage = {
	.program = OPTIONS_LIVE,
	.name = "pwru",
	.synopsis = "[options] [pcap-filter] [-- command [argument…]]",
	.about =
		"Shows each kernel function that packets pass, as they pass it: a line a hit, until Ctrl-C or\n"
		"while the command runs. It is pwru-record and pwru-report events in one; their options are\n"
		"its own. The filters and the pcap-filter choose packets, which are followed until they are\n"
		"freed; -f and -e choose lines.\n"
		"\n"
		"Exit status: that of the program that fared worse: 0 done; 1 failed; 2 usage; 3 shown, but\n"
		"something is missing.\n",
};

struct parse {
	struct split split;
	struct words record; /* the options as they came */
	bool skb;
	bool stack;
	int err;
};

static int __attribute__((format(printf, 2, 3))) add(struct words *w, const char *fmt, ...)
{
	char **grown = realloc(w->all, (w->n + 2) * sizeof(*grown));
	va_list ap;
	int n;

	if (!grown)
		return -ENOMEM;
	w->all = grown;
	va_start(ap, fmt);
	n = vasprintf(&grown[w->n], fmt, ap);
	va_end(ap);
	if (n < 0)
		grown[w->n] = NULL;
	else
		grown[++w->n] = NULL;
	return n < 0 ? -ENOMEM : 0;
}

static int add_option(struct words *w, enum option_id id, const char *arg)
{
	return arg ? add(w, "--%s=%s", options_name(id), arg) : add(w, "--%s", options_name(id));
}

static void words_deinit(struct words *w)
{
	for (unsigned int i = 0; i < w->n; i++)
		free(w->all[i]);
	free(w->all);
	*w = (struct words){};
}

static int set(void *ctx, enum option_id id, const char *arg)
{
	struct parse *p = ctx;
	bool record = options_programs(id) & OPTIONS_RECORD, report = !record;

	switch (id) {
	case OPTION_QUIET:
	case OPTION_VERBOSE:
		report = true;
		break;
	case OPTION_OUTPUT_SKB:
		p->skb = true;
		break;
	case OPTION_OUTPUT_STACK:
		p->stack = true;
		break;
	case OPTION_CHECK:
	case OPTION_LIST_FUNCTIONS:
		p->split.alone = true;
		break;
	default:
		break;
	}
	if (record)
		p->err = add_option(&p->record, id, arg);
	if (report && !p->err)
		p->err = add_option(&p->split.report, id, arg);
	return p->err;
}

/* What pwru itself asks of the recorder comes first, so that the user's word counts. */
static int complete_record(struct parse *p)
{
	struct words *w = &p->split.record;
	int err = add(w, "pwru-record");

	if (!err && !p->split.alone)
		err = add(w, "--write=-");
	if (!err && !p->split.alone)
		err = add_option(w, OPTION_COMMENT, "none");
	if (!err && p->skb)
		err = add_option(w, OPTION_SKB, NULL);
	if (!err && p->stack)
		err = add_option(w, OPTION_STACK, NULL);
	for (unsigned int i = 0; !err && i < p->record.n; i++)
		err = add(w, "%s", p->record.all[i]);
	return err;
}

/* What follows "--" is the command: found before getopt, which would mix it with operands. */
static int find_command(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return i;
	return argc;
}

int split_parse(int argc, char **argv, struct split *ret)
{
	struct parse p = {};
	int own = find_command(argc, argv), at, err;

	err = add(&p.split.report, "pwru-report");
	if (!err)
		err = add(&p.split.report, "events");
	at = err ? err : options_parse(&usage, own, argv, set, &p);
	if (at < 0)
		err = p.err ? p.err : at;
	if (!err)
		err = complete_record(&p);
	for (int i = at; !err && i < own; i++)
		err = add(&p.split.record, "%s", argv[i]);
	for (int i = own; !err && i < argc; i++)
		err = add(&p.split.record, "%s", argv[i]);
	if (!err)
		err = add(&p.split.report, "-");
	words_deinit(&p.record);
	if (err) {
		split_deinit(&p.split);
		return err;
	}
	*ret = p.split;
	return 0;
}

void split_deinit(struct split *s)
{
	words_deinit(&s->record);
	words_deinit(&s->report);
}
