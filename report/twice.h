/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TWICE_H
#define REPORT_TWICE_H

/*
 * A view that prints hits as they come cannot know yet whether their family will match. So files
 * are read twice: the first time silently, to find which hits are to be shown.
 */

#include <stdbool.h>

#include "report/options.h"
#include "report/pipe.h"
#include "report/filter/selection.h"
#include "report/spool.h"

/* Can all files of o be read more than once? */
bool twice_files(const struct report_options *o);
/* Does the view of o need that? */
bool twice_needed(const struct report_options *o);
/* Says on stderr what is wrong with the files, once. Returns an exit code. */
enum pipe_status twice_run(const struct report_options *o);

/* The first time: reads the files of o, which are those of spool, and rewinds it. The caller frees
 * *ret. -ENOMEM, after one line. */
int twice_decide(const struct report_options *o, struct spool *spool, struct selection **ret);

#endif
