/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_REPLAY_H
#define REPORT_REPLAY_H

/*
 * Reads inputs once more, silently: all that is wrong with them was said the first time. Hits come
 * in the same order.
 */

#include "report/filter/selection.h"
#include "report/read/source.h"

struct replay {
	char **names;
	size_t n;
	const struct selection *selection;
	int (*hit)(void *ctx, const struct hit *h); /* one that is kept. 0; else it ends */
	/* Each note, when it is read: before hits that were recorded before it. NULL: none, and
	 * hits need not be whole. */
	void (*note)(void *ctx, const struct pcapng_block *b, const struct event_note *n);
	void *ctx;
};

/* 0; what hit gave; -ENOMEM; -ESTALE, after one line: the files are not what they were. */
int replay_run(const struct replay *r);

#endif
