// SPDX-License-Identifier: GPL-2.0-only
#include "report/twice.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "report/filter/filter.h"
#include "report/filter/selection.h"
#include "report/spool.h"
#include "report/view.h"

/* What comes live, or through a pipe, can be read once. A file that is not there is told of later.
 */
bool twice_files(const struct report_options *o)
{
	struct stat st;

	if (o->follow_file)
		return false;
	for (size_t i = 0; i < o->n_files; i++)
		if (!(strcmp(o->files[i], "-") ? stat(o->files[i], &st)
					       : fstat(STDIN_FILENO, &st)) &&
		    !S_ISREG(st.st_mode))
			return false;
	return true;
}

bool twice_needed(const struct report_options *o)
{
	if (!o->filter || !o->view->hit || o->view->late)
		return false;
	return filter_late(o->filter) || (!o->only_events && twice_files(o));
}

/* ---- the first time ---- */

static enum view_need need(const struct report_options *o)
{
	(void)o;
	return VIEW_HOPS;
}

static void decide_hit(void *view, const struct hit *h, const struct path *p, bool matched)
{
	(void)h;
	selection_add(view, p, matched);
}

static void decide_family(void *view, struct path *const *paths, size_t n)
{
	selection_family(view, paths, n);
}

static void decided(void *view, const struct totals *totals)
{
	(void)view;
	(void)totals;
}

static const struct view_ops deciding = {
	.name = "decide",
	.need = need,
	.hit = decide_hit,
	.family = decide_family,
	.end = decided,
};

int twice_decide(const struct report_options *o, struct spool *spool, struct selection **ret)
{
	struct selection *s = NULL;
	int err = selection_create(o, &s);

	if (!err) {
		log_mute(true);
		pipe_run_view(o, &deciding, s);
		log_mute(false);
		spool_rewind(spool);
		err = selection_error(s);
	}
	if (err) {
		log_error("out of memory");
		selection_destroy(s);
		return err;
	}
	*ret = s;
	return 0;
}

static enum pipe_status run(const struct report_options *o, struct spool *spool)
{
	struct report_options again = *o;
	struct selection *selection;
	enum pipe_status status;

	again.files = spool_names(spool);
	if (twice_decide(&again, spool, &selection))
		return PIPE_FAILED;
	status = pipe_run_selected(&again, selection);
	selection_destroy(selection);
	return status;
}

enum pipe_status twice_run(const struct report_options *o)
{
	enum pipe_status status;
	struct spool *spool;

	if (!twice_files(o)) {
		log_error("what a path becomes is known at its end: the view %s of what comes "
			  "through a pipe cannot be filtered by that; use a file",
			  o->view->name);
		return PIPE_USAGE;
	}
	if (spool_create(o->files, o->n_files, &spool))
		return PIPE_FAILED;
	status = run(o, spool);
	spool_destroy(spool);
	return status;
}
