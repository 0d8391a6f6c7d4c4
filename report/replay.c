// SPDX-License-Identifier: GPL-2.0-only
#include "report/replay.h"

#include <errno.h>

#include "common/log.h"
#include "report/read/inputs.h"

static int each_hit(const struct replay *r, struct inputs *in, struct hit_pool *pool)
{
	uint64_t nth = 0;
	struct hit *h;
	int got, err = 0;

	for (;; nth++) {
		log_mute(true);
		got = inputs_next(in, &h);
		log_mute(false);
		if (got != 1)
			break;
		if (selection_keeps(r->selection, nth))
			err = r->hit(r->ctx, h);
		hit_free(pool, h);
		if (err)
			return err;
	}
	if (got < 0 || nth == selection_hits(r->selection))
		return got;
	log_error("a file that is read was changed meanwhile");
	return -ESTALE;
}

int replay_run(const struct replay *r)
{
	struct source_tap tap = {.note = r->note, .ctx = r->ctx};
	struct captures captures = {};
	struct hit_pool *pool = NULL;
	struct inputs *in = NULL;
	int err = hit_pool_create(&pool);

	log_mute(true);
	if (!err)
		err = inputs_create(&captures, pool, NULL, r->names, r->n, &in);
	log_mute(false);
	if (!err) {
		if (r->note)
			inputs_tap(in, &tap);
		err = each_hit(r, in, pool);
	}
	inputs_destroy(in);
	hit_pool_destroy(pool);
	captures_deinit(&captures);
	return err;
}
