// SPDX-License-Identifier: GPL-2.0-only
#include "common/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

#define LINE_MAX_LEN 2048

static const char *log_program = "pwru";
static enum log_level log_max = LOG_LEVEL_INFO;
static bool log_muted;
static const char *log_erase = "";

void log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_max = level;
}

enum log_level log_level(void)
{
	return log_max;
}

void log_mute(bool mute)
{
	log_muted = mute;
}

void log_over(const char *erase)
{
	log_erase = erase ? erase : "";
}

/* Names of files and what captures say end up here: nothing a terminal obeys may get through. out
 * holds 4 times as much. */
static void escape(const char *line, char *out)
{
	size_t len = strlen(line), n;
	uint32_t code;

	while (len) {
		n = utf8_next(line, len, &code);
		if (n && !utf8_unsafe(code)) {
			memcpy(out, line, n);
			out += n;
		} else {
			n = 1;
			out += sprintf(out, "\\x%02x", (unsigned char)*line);
		}
		line += n;
		len -= n;
	}
	*out = 0;
}

/* One write for the whole line: two programs of a pipe share the terminal. */
void log_write(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_LEN], safe[4 * LINE_MAX_LEN];
	va_list ap;
	int n;

	if (level > log_max || log_muted)
		return;
	n = snprintf(line, sizeof(line), "%s: %s", log_program,
		     level == LOG_LEVEL_WARN ? "warning: " : "");
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	escape(line, safe);
	fprintf(stderr, "%s%s\n", log_erase, safe);
	log_erase = "";
}
