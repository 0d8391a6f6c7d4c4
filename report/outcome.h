/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_OUTCOME_H
#define REPORT_OUTCOME_H

/*
 * What became of a packet: the recorder never judges, this does. The last hop that carries a drop
 * reason, or is a function that drops or consumes, decides.
 */

#include "report/track.h"

/* Sets outcome, reason, unnamed, culprit and verdict of a path that ended with END. */
void outcome_judge(struct path *p);

/* "consumed", "freed", "dropped", "end not seen", "still alive at the end". */
const char *outcome_name(enum outcome o);
/* The same as one word, for JSON: consumed, freed, dropped, no-end, alive. */
const char *outcome_word(enum outcome o);

#endif
