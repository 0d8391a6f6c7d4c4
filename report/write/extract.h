/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_EXTRACT_H
#define REPORT_EXTRACT_H

/* -w: the packets that match, with their families, become a capture of their own. */

#include "report/options.h"
#include "report/pipe.h"

/* o->write is set. Says on stderr what is wrong, and what was written. Returns an exit code. */
enum pipe_status extract_run(const struct report_options *o);

#endif
