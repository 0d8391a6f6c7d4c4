// SPDX-License-Identifier: GPL-2.0-only
#include "report/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "report/terminal.h"

#define FIRST_NS  INT64_C(1000000000)
#define EVERY_NS  INT64_C(200000000)
#define MAX_WIDTH 80
#define MIN_WIDTH 10 /* on less there is room for the number alone */
#define ERASE	  "\r\033[K"

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Only a file takes results without their coming back to the terminal. */
static bool is_apart(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)));
}

static void flushing(void *ctx)
{
	progress_end(ctx);
}

void progress_init(struct progress *p, struct sink *out, bool quiet)
{
	*p = (struct progress){.on = !quiet && isatty(STDERR_FILENO), .begun = now()};
	p->next = p->begun + FIRST_NS;
	if (!p->on || is_apart(out->fd))
		return;
	out->flushing = flushing;
	out->flushing_ctx = p;
}

bool progress_due(struct progress *p)
{
	return p->on && now() >= p->next;
}

static int columns(void)
{
	int n = terminal_columns(STDERR_FILENO, MAX_WIDTH);

	/* In the last column a terminal may begin another line. */
	return (n < MAX_WIDTH ? n : MAX_WIDTH) - 1;
}

void progress_draw(struct progress *p, uint64_t done, uint64_t all)
{
	char line[2 * MAX_WIDTH], *at = line;
	int percent, room, full;

	p->next = now() + EVERY_NS;
	if (!all)
		return;
	if (done > all)
		done = all;
	percent = (int)((double)done / (double)all * 100);
	at += sprintf(at, "\r%3d%%", percent);
	room = columns() - 4 - 3; /* blank, and the ends of the bar */
	if (room >= MIN_WIDTH) {
		full = room * percent / 100;
		at += sprintf(at, " [");
		memset(at, '#', (size_t)full);
		memset(at + full, ' ', (size_t)(room - full));
		at += room;
		*at++ = ']';
	}
	p->shown = true;
	log_over(ERASE);
	if (write(STDERR_FILENO, line, (size_t)(at - line)) < 0)
		progress_end(p);
}

void progress_end(struct progress *p)
{
	p->on = false;
	if (!p->shown)
		return;
	p->shown = false;
	log_over(NULL);
	if (write(STDERR_FILENO, ERASE, sizeof(ERASE) - 1) < 0)
		return;
}
