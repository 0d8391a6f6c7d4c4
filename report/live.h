/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LIVE_H
#define REPORT_LIVE_H

/*
 * Waiting for an input that comes while it is reported: a pipe, or a regular file that grows
 * (--follow-file). A pipe ends when its writer closes it; a file when its recording has been closed
 * and all of it was read, or on Ctrl-C. Neither goes on when nobody reads the output any more.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/capture.h"

struct live {
	int fd;
	int out;
	bool grows; /* a regular file */
	const char *name;
	const struct captures *captures;
	bool unread; /* nobody reads the output: this is why it ended */
};

/*
 * Everything is borrowed. out is where the report goes. From here on the first Ctrl-C does not end
 * this program: of a pipe it is for who writes, of a file it ends the waiting. The second does.
 */
void live_init(struct live *l, int fd, int out, const char *name, const struct captures *captures);

/* Is there something that has not been read? Does not wait. */
bool live_pending(const struct live *l);

/* Waits until something, or a pipe's end, can be read; false: no more is wanted, or will come. What
 * became of a file is said in one line. ctx is the live. */
bool live_await(void *ctx);

#endif
