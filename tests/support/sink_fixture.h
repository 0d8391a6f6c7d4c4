/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SINK_FIXTURE_H
#define TESTS_SINK_FIXTURE_H

/* For unit tests of what is printed: a sink, for setup and teardown of their group. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/render/sink.h"

static struct sink sink;

static inline int sink_up(void **state)
{
	(void)state;
	return sink_init(&sink, -1, false);
}

static inline int sink_down(void **state)
{
	(void)state;
	sink_deinit(&sink);
	return 0;
}

/* All since the last time, until the next. */
static inline const char *said(void)
{
	static char text[8192];

	assert_true(sink.len < sizeof(text));
	memcpy(text, sink.data, sink.len);
	text[sink.len] = 0;
	sink.len = 0;
	return text;
}

#endif
