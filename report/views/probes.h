/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PROBES_H
#define REPORT_PROBES_H

/* What became of the functions that take an skb: how many were attached, and why others not. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/read/capture.h"

struct probe_reason {
	const char *text;
	size_t len;
	uint64_t count;
	bool failed;
};

struct probes {
	bool known;
	uint64_t attached;
	uint64_t failed;
	uint64_t skipped;
	struct probe_reason reasons[64]; /* of failed and skipped ones; what is over is not kept */
	size_t n_reasons;
};

/* The texts are borrowed from the capture; the most frequent reason comes first. */
void probes_read(const struct capture *c, struct probes *ret);

#endif
