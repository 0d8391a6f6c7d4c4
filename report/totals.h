/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

/* What there was in all, and whether it was all there was. */

#include <stdbool.h>
#include <stdint.h>

#include "report/capture.h"
#include "report/sink.h"
#include "report/source.h"
#include "report/track.h"

struct totals {
	const struct captures *captures;
	const struct source_counts *source;
	const struct track_counts *track; /* all zero without a tracker */
	bool damaged;			  /* a file ended in damage */
	uint64_t late;
	uint64_t duplicates;
	uint64_t lost;	  /* hits the recorder could not keep */
	uint64_t removed; /* hits removed after recording */
	uint64_t recursion;
	unsigned int not_closed; /* captures without a CLOSE note */
	bool complete;
};

/* Fills in from `late` on; the fields above are set. */
void totals_collect(struct totals *t);

/* The losses of one capture: located by its ledger, or known by its counters only. */
void totals_of_capture(const struct capture *c, uint64_t *lost, uint64_t *removed);

/* "complete", or "INCOMPLETE: 12 hits lost while recording; …". */
void totals_text(struct sink *s, const struct totals *t);

#endif
