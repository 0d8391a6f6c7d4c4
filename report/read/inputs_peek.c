// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/inputs_peek.h"

#include <errno.h>

#include "common/event_codec.h"
#include "common/pcapng_reader.h"
#include "report/read/payload.h"

#define MAX_BLOCKS 100000 /* a file may have no hit at all */

static void take_info(const struct pcapng_option *o, struct peek *ret)
{
	struct event_info info;

	if (ret->has_part || event_info_decode(o->value, o->len, &info))
		return;
	ret->has_part = true;
	ret->tag = info.tag;
	ret->part = info.file_number;
}

static int take_meta(const struct pcapng_option *o, struct captures *captures, struct peek *ret)
{
	struct event_meta meta;
	struct capture *c;
	int err;

	if (event_meta_decode(o->value, o->len, &meta))
		return 0;
	c = captures_get(captures, meta.tag);
	if (!c)
		return captures_full(captures) ? 0 : -ENOMEM;
	err = capture_add_meta(c, &meta);
	if (err != -EBADMSG && err != -E2BIG && err != -EFBIG)
		return err;
	ret->snapshot = err;
	return 0;
}

/* 1: no more is to be known; 0: go on; -ENOMEM. */
static int take(const struct pcapng_block *b, struct captures *captures, struct peek *ret)
{
	struct cursor options = b->options;
	struct pcapng_option o;
	int kind, err = 0;

	while (!err && (kind = payload_next(&options, &o))) {
		if (b->type == PCAPNG_SHB && kind == PAYLOAD_INFO) {
			take_info(&o, ret);
		} else if (b->type == PCAPNG_IDB && kind == PAYLOAD_META) {
			err = take_meta(&o, captures, ret);
		} else if (b->type == PCAPNG_EPB && kind == PAYLOAD_EVENT && b->has_time) {
			ret->first = b->time_ns;
			return 1;
		}
	}
	return err;
}

int peek_file(int fd, const char *name, struct captures *captures, struct peek *ret)
{
	struct pcapng_reader *r;
	struct pcapng_block b;
	int got = pcapng_reader_create(fd, name, &r), done = 0;

	if (got)
		return got;
	*ret = (struct peek){.first = INT64_MIN};
	for (int i = 0; i < MAX_BLOCKS && !done; i++) {
		got = pcapng_reader_next(r, &b);
		if (got != 1)
			break;
		done = take(&b, captures, ret);
	}
	pcapng_reader_destroy(r);
	return got == -ENOMEM || done < 0 ? -ENOMEM : 0;
}
