/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_SNAPSHOT_H
#define REPORT_SCRUB_SNAPSHOT_H

/* The snapshot and the notes of a scrubbed capture: known keys with values of the form they have.
 */

#include "common/buf.h"
#include "report/scrub/scrub_code.h"
#include "report/scrub/scrub_names.h"

/* Nothing is appended when the capture has none. */
void scrub_snapshot_build(struct capture *c, const struct scrub_code *code,
			  const struct scrub_names *names, struct buf *raw);

/* The body of a note; false: it is not kept. */
bool scrub_snapshot_note(const struct event_note *n, const struct scrub_code *code,
			 const struct scrub_names *names, struct buf *body);

#endif
