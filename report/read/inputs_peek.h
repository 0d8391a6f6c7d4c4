/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_INPUTS_PEEK_H
#define REPORT_INPUTS_PEEK_H

/*
 * The head of a file, to know where it belongs among others before it is read, and whose it is: its
 * snapshot goes into the captures.
 */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/capture.h"

struct peek {
	bool has_part; /* its INFO was found */
	int snapshot;  /* why its snapshot was not taken: see snapshot_why(); 0 */
	uint32_t tag;
	uint32_t part;
	int64_t first; /* time of the first hit in it; INT64_MIN: none was found */
};

/* Reads from fd up to the first hit. -ENOMEM; damage is no error here. */
int peek_file(int fd, const char *name, struct captures *captures, struct peek *ret);

#endif
