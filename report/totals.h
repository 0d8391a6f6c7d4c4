/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

/* What there was in all, and whether it was all there was. */

#include <stdbool.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/read/inputs.h"
#include "report/render/sink.h"
#include "report/read/source.h"
#include "report/path/track.h"

#define NESTED_NOT_COUNTABLE "nested misses not countable on this kernel"

struct totals {
	const struct captures *captures;
	const struct source_counts *source;
	const struct track_counts *track; /* all zero without a tracker */
	const struct inputs_file *files;
	size_t n_files;
	bool damaged; /* a file ended in damage */
	uint64_t late;
	uint64_t hits; /* each once */
	uint64_t duplicates;
	uint64_t by_number;	/* of the duplicates: content not compared */
	uint64_t lost;		/* hits the recorder could not keep */
	uint64_t held;		/* hits the recorder left out by --filter-drop: no loss */
	uint64_t removed;	/* hits a tool took out after the recording: no loss */
	uint64_t left_out;	/* of them, those of captures that pwru-report -w wrote */
	uint64_t nested;	/* hits the kernel skipped inside of other probes, of any packet */
	unsigned int uncounted; /* captures of kernels that do not count these */
	uint64_t unidentified;	/* hits without a packet number */
	uint64_t evicted;	/* packets that the recorder forgot while they were alive */
	unsigned int parts_missing; /* files of a recording between those read */
	unsigned int not_closed;    /* captures without a CLOSE note */
	unsigned int cut;	    /* of them, those a tool took hits out of, so the note too */
	bool complete;		    /* all that was recorded, but for what tools took out */
};

/* Fills in from `hits` on; the fields above are set. */
void totals_collect(struct totals *t);

/* The losses of one capture: located by its ledger, or known by its counters only. */
void totals_of_capture(const struct capture *c, uint64_t *lost, uint64_t *removed);

/* So much was removed that it may have been by mistake. */
bool totals_many_removed(const struct totals *t);

/* "complete", or "INCOMPLETE: 12 hits lost while recording; …", then "; 3 hits removed …". */
void totals_text(struct sink *s, const struct totals *t);

#endif
