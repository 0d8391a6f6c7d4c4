// SPDX-License-Identifier: GPL-2.0-only
#include "common/log.h"

#include <stdio.h>

static const char *log_program = "pwru";
static enum log_level log_max = LOG_LEVEL_INFO;

void log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_max = level;
}

enum log_level log_level(void)
{
	return log_max;
}

/* One write for the whole line: two programs of a pipe share the terminal. */
void log_write(enum log_level level, const char *fmt, ...)
{
	char line[2048];
	va_list ap;
	int n;

	if (level > log_max)
		return;
	n = snprintf(line, sizeof(line), "%s: %s", log_program,
		     level == LOG_LEVEL_WARN ? "warning: " : "");
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", line);
}
