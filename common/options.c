// SPDX-License-Identifier: GPL-2.0-only
#include "common/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/version.h"

struct row {
	const char *group; /* set: a title, and nothing else is */
	const char *name;
	char letter;
	const char *argument;
	unsigned int programs;
	const char *help;
	int id;
};

#define RECORD OPTIONS_RECORD
#define REPORT OPTIONS_REPORT
static const struct row rows[] = {
#define GROUP(title_, programs_) {.group = title_, .programs = programs_},
#define OPTION(id_, name_, letter_, argument_, programs_, help_) \
	{.name = name_,                                          \
	 .letter = letter_,                                      \
	 .argument = argument_,                                  \
	 .programs = programs_,                                  \
	 .help = help_,                                          \
	 .id = OPTION_##id_},
#include "common/options.def"
#undef GROUP
#undef OPTION
};
#undef RECORD
#undef REPORT

/* Why pwru does not take an option; NULL: it does. */
static const char *const not_live[OPTION_COUNT] = {
#define GROUP(title_, programs_)
#define OPTION(id_, name_, letter_, argument_, programs_, help_)
#define NOT_LIVE(id_, why_) [OPTION_##id_] = why_,
#include "common/options.def"
#undef GROUP
#undef OPTION
};

#define ROWS	   (sizeof(rows) / sizeof(rows[0]))
#define VALUE_BASE 256 /* getopt values of long options: beyond any letter */

/* "[=X]" is an argument that may be left out; it must be joined to the option. */
static int takes(const struct row *r)
{
	if (!r->argument)
		return no_argument;
	return strncmp(r->argument, "[=", 2) ? required_argument : optional_argument;
}

static void print_row(const struct row *r)
{
	char left[96];

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", r->letter ? "-" : " ",
		 r->letter ? r->letter : ' ', r->letter ? ", " : "  ", r->name,
		 takes(r) == required_argument ? " " : "", r->argument ? r->argument : "");
	if (strlen(left) > 30)
		printf("  %s\n  %-30s  %s\n", left, "", r->help);
	else
		printf("  %-30s  %s\n", left, r->help);
}

static bool takes_part(unsigned int program, const struct row *r)
{
	return (r->programs & program) && !(program == OPTIONS_LIVE && not_live[r->id]);
}

static void print_usage(const struct options_usage *usage)
{
	const char *group = NULL;

	printf("Usage: %s %s\n\n%s", usage->name, usage->synopsis, usage->about);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].group)
			group = rows[i].group;
		if (rows[i].group || !takes_part(usage->program, &rows[i]))
			continue;
		if (group)
			printf("\n%s:\n", group);
		group = NULL;
		print_row(&rows[i]);
	}
	printf("\nLong options work with one dash as well as with two.\n");
}

/* Fills getopt's two tables with the rows of one program. */
static void getopt_tables(unsigned int program, struct option *longs, char *letters)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		if (r->group || !(r->programs & program))
			continue;
		*longs++ = (struct option){
			.name = r->name, .has_arg = takes(r), .val = VALUE_BASE + r->id};
		if (!r->letter)
			continue;
		*letters++ = r->letter;
		if (r->argument)
			*letters++ = ':';
	}
	memset(longs, 0, sizeof(*longs));
	*letters = 0;
}

static int id_of(unsigned int program, int value)
{
	if (value >= VALUE_BASE)
		return value - VALUE_BASE;
	for (size_t i = 0; i < ROWS; i++)
		if (!rows[i].group && (rows[i].programs & program) && rows[i].letter == value)
			return rows[i].id;
	return -1;
}

int options_parse(const struct options_usage *usage, int argc, char **argv,
		  int (*set)(void *ctx, enum option_id id, const char *arg), void *ctx)
{
	struct option longs[ROWS + 1];
	char letters[2 * ROWS + 1];
	int value, id, err;

	getopt_tables(usage->program, longs, letters);
	optind = 0; /* also forgets what an earlier call left half read */
	while ((value = getopt_long_only(argc, argv, letters, longs, NULL)) != -1) {
		id = value == '?' ? -1 : id_of(usage->program, value);
		if (id < 0)
			return -EINVAL; /* getopt has said why, in one line */
		if (usage->program == OPTIONS_LIVE && not_live[id]) {
			log_error("--%s: %s", options_name(id), not_live[id]);
			return -EINVAL;
		}
		if (id == OPTION_HELP) {
			print_usage(usage);
			return -ECANCELED;
		}
		if (id == OPTION_VERSION) {
			printf("%s %s\n", usage->name, PWRU_VERSION);
			return -ECANCELED;
		}
		err = set(ctx, id, optarg);
		if (err)
			return err;
	}
	return optind;
}

const char *options_name(enum option_id id)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!rows[i].group && rows[i].id == (int)id)
			return rows[i].name;
	return "?";
}

unsigned int options_programs(enum option_id id)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!rows[i].group && rows[i].id == (int)id)
			return rows[i].programs;
	return 0;
}

int options_refuse(enum option_id id, const char *arg, const char *why)
{
	log_error("--%s: %s (got \"%s\")", options_name(id), why, arg);
	return -EINVAL;
}

static int number(enum option_id id, const char *arg, uint64_t max, bool sized, uint64_t *ret)
{
	static const char units[] = "KMG";
	unsigned long long v;
	const char *unit;
	char *end;

	errno = 0;
	v = strtoull(arg, &end, arg[0] == '0' && (arg[1] | 32) == 'x' ? 16 : 10);
	if (errno || end == arg || arg[0] < '0' || arg[0] > '9')
		return options_refuse(id, arg, "not a number");
	unit = sized && *end ? strchr(units, *end & ~32) : NULL;
	if (unit) {
		if (__builtin_mul_overflow(v, 1ULL << (10 * (unit - units + 1)), &v))
			return options_refuse(id, arg, "too large");
		end++;
	}
	if (*end)
		return options_refuse(id, arg, "not a number");
	if (v > max)
		return options_refuse(id, arg, "too large");
	*ret = v;
	return 0;
}

int options_number(enum option_id id, const char *arg, uint64_t max, uint64_t *ret)
{
	return number(id, arg, max, false, ret);
}

int options_size(enum option_id id, const char *arg, uint64_t max, uint64_t *ret)
{
	return number(id, arg, max, true, ret);
}
