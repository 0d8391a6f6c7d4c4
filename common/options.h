/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

/*
 * One table of options, options.def, for both programs and for pwru, which takes those of both.
 * Long options work with one dash and with two (getopt_long_only), as the seed's flags are written.
 */

#include <stddef.h>
#include <stdint.h>

enum options_program {
	OPTIONS_RECORD = 1,
	OPTIONS_REPORT = 2,
	OPTIONS_LIVE = OPTIONS_RECORD | OPTIONS_REPORT, /* but for what is NOT_LIVE */
};

enum option_id {
#define GROUP(title, programs)
#define OPTION(id, name, letter, argument, programs, help) OPTION_##id,
#include "common/options.def"
#undef GROUP
#undef OPTION
	OPTION_COUNT
};

struct options_usage {
	enum options_program program;
	const char *name;     /* pwru-record */
	const char *synopsis; /* after the name */
	const char *about;    /* a paragraph, ended by a newline */
};

/*
 * Calls set for each option, in order. set returns 0, or -EINVAL after saying one line of its own.
 * Returns the index of the first operand in argv (operands are moved to the end); -EINVAL after one
 * line on stderr; -ECANCELED when --help or --version was asked for and printed on stdout.
 */
int options_parse(const struct options_usage *usage, int argc, char **argv,
		  int (*set)(void *ctx, enum option_id id, const char *arg), void *ctx);

/* An unsigned decimal or 0x number, whole string, at most max. -EINVAL, saying "--name: …" on
 * stderr. */
int options_number(enum option_id id, const char *arg, uint64_t max, uint64_t *ret);
/* The same with a K, M or G after it. */
int options_size(enum option_id id, const char *arg, uint64_t max, uint64_t *ret);

/* "--filter-mark" without the dashes. */
const char *options_name(enum option_id id);
/* OPTIONS_RECORD, OPTIONS_REPORT or both. */
unsigned int options_programs(enum option_id id);

/* Says "--name: why (got "arg")" and returns -EINVAL. */
int options_refuse(enum option_id id, const char *arg, const char *why);

#endif
