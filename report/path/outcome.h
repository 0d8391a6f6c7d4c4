/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_OUTCOME_H
#define REPORT_OUTCOME_H

/*
 * What became of a packet: the recorder never judges, this does. The hop that had it taken apart
 * decides, if it carries a drop reason, or is a function that drops or consumes. What ended
 * otherwise was consumed: only drops are told by the kernel. That it merged is merge.h's to say.
 */

#include "report/path/path.h"

/* Sets outcome, reason, unnamed, culprit and verdict of a path that has ended. */
void outcome_judge(struct path *p);

/* "consumed", "dropped", "end not seen", "still alive at the end", "merged". */
const char *outcome_name(enum outcome o);
/* The same as one word, for JSON: consumed, dropped, no-end, alive, merged. */
const char *outcome_word(enum outcome o);

#endif
