/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PATH_STORY_H
#define TESTS_PATH_STORY_H

/*
 * For a unit test that tells a tracker what becomes of packets and compares what it hands on: a
 * path_log, new for each TEST(), and what can be said to it in one word each.
 *
 * All of it is here, so that the test itself asks the archives for the tracker.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/path_log.h"

static struct path_log story;

static inline int path_story_setup(void **state)
{
	(void)state;
	path_log_init(&story);
	return 0;
}

static inline int path_story_teardown(void **state)
{
	(void)state;
	path_log_deinit(&story);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, path_story_setup, path_story_teardown)

/* Ends the story. */
#define handed_on(text) assert_string_equal(path_log_finish(&story), text)

static inline void begin(uint64_t packet, enum edge_kind kind, uint64_t parent)
{
	path_log_begin(&story, packet, kind, parent);
}

static inline void hit(uint64_t packet, enum log_func func)
{
	path_log_hit(&story, packet, func);
}

static inline void edge(uint64_t packet, enum log_func func, enum edge_kind kind, uint64_t other)
{
	path_log_edge(&story, packet, func, 0, kind, other);
}

static inline void end(uint64_t packet)
{
	path_log_end(&story, packet, KFREE_SKBMEM);
}

static inline void consume(uint64_t packet)
{
	path_log_consume(&story, packet);
}

static inline void drop(uint64_t packet)
{
	path_log_drop(&story, packet);
}

/*
 * Adds e; the nth allocation for it fails, and what is said of that is checked. False when there
 * are no more than n: then e was added.
 */
static inline bool path_story_out_of_memory(const struct event *e, int n)
{
	struct hit *h = hit_new(story.pool, e, NULL, 0);
	const struct path *p;
	int err;

	assert_non_null(h);
	h->capture = story.capture;
	h->func = capture_func(story.capture, 1);
	alloc_fail_at(n);
	err = track_add(story.track, h, true, &p);
	if (!alloc_fail_end()) {
		assert_int_equal(err, 0);
		return false;
	}
	assert_int_equal(err, -ENOMEM);
	assert_null(p);
	return true;
}

#endif
