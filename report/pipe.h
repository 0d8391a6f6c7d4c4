/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PIPE_H
#define REPORT_PIPE_H

/* Files -> inputs -> track -> view -> standard output. */

#include "report/options.h"

enum pipe_status { PIPE_DONE = 0, PIPE_FAILED = 1, PIPE_INCOMPLETE = 3 };

struct selection;
struct view_ops;

/* The same with another view than o's, which the caller has made and keeps: create and destroy of
 * ops are not called. */
enum pipe_status pipe_run_view(const struct report_options *o, const struct view_ops *ops,
			       void *view);

/* The same as pipe_run(), where it is known already which hits are to be shown. */
enum pipe_status pipe_run_selected(const struct report_options *o,
				   const struct selection *selection);

/* Reports all files of o; says on stderr what is wrong with them. Returns an exit code. */
enum pipe_status pipe_run(const struct report_options *o);

#endif
