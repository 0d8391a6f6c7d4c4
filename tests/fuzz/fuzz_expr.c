// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is an expression. One that is refused is so with a column in it; one that is taken says
 * of hits and paths the opposite of its negation.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/filter/expr.h"
#include "tests/fuzz/fuzz.h"

#define FIRST INT64_C(1795377600000000000)

static const uint8_t syn[] = {
	2, 0, 0, 0,  0, 2, 2, 0, 0, 0, 0,  1, 8, 0, 0x45, 0, 0, 40, 0, 1,    0, 0, 64, 6, 0, 0, 10,
	0, 1, 1, 10, 0, 1, 2, 0, 1, 0, 80, 0, 0, 0, 0,	  0, 0, 0,  0, 0x50, 2, 1, 0,  0, 0, 0, 0,
};

struct scene {
	struct captures captures;
	struct hit_pool *pool;
	struct hit *hits[2];
	struct path path;
};

static void scene_init(struct scene *s)
{
	static struct func func = {
		.name = "tcp_v4_rcv", .name_len = 10, .module = "", .known = true};
	struct event plain = {.tag = 1, .flags = EVENT_NO_L3 | EVENT_SYNTH_L2 | EVENT_TX};
	struct event full = {.tag = 1,
			     .flags = EVENT_REASON | EVENT_VLAN | EVENT_RX | EVENT_END,
			     .packet = 7,
			     .reason = 2,
			     .caller = 0xffffffff81000000,
			     .parent = 3,
			     .parent_kind = EDGE_CLONE,
			     .comm = "a b"};

	memset(s, 0, sizeof(*s));
	FUZZ_CHECK(!hit_pool_create(&s->pool));
	s->hits[0] = hit_new(s->pool, &full, syn, sizeof(syn));
	s->hits[1] = hit_new(s->pool, &plain, NULL, 0);
	for (size_t i = 0; i < 2; i++) {
		s->hits[i]->capture = captures_get(&s->captures, 1);
		s->hits[i]->func = &func;
		s->hits[i]->when = FIRST + (int64_t)i * 1000000;
	}
	s->path = (struct path){.packet = 7,
				.capture = s->hits[0]->capture,
				.first = FIRST,
				.last = FIRST + 1000000,
				.hits = 2,
				.outcome = OUTCOME_DROPPED,
				.reason = "NOMEM"};
}

static void scene_deinit(struct scene *s)
{
	for (size_t i = 0; i < 2; i++)
		hit_free(s->pool, s->hits[i]);
	hit_pool_destroy(s->pool);
	captures_deinit(&s->captures);
}

/* Does it hold of the scene's hit i, in its path or alone? */
static bool holds(struct expr *e, const struct scene *s, size_t i, bool in_path)
{
	uint64_t any, atoms = expr_hit(e, s->hits[i], &any), of_path = expr_path(e, &s->path);

	FUZZ_CHECK(!(atoms & any) && !((atoms | any) & of_path));
	FUZZ_CHECK(expr_needs_path(e) || !(any | of_path));
	return expr_holds(e, atoms | any | (in_path ? of_path : 0));
}

static void compare(struct expr *e, struct expr *negation)
{
	struct scene s;

	scene_init(&s);
	expr_begin(e, FIRST);
	expr_begin(negation, FIRST);
	for (size_t i = 0; i < 4; i++)
		FUZZ_CHECK(holds(e, &s, i / 2, i & 1) != holds(negation, &s, i / 2, i & 1));
	scene_deinit(&s);
}

/* Repetitions of repetitions take the C library all memory there is: who types them has them. */
static bool too_much(const char *text)
{
	return strchr(text, '~') && (strchr(text, '{') || strstr(text, "\\"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *negation = malloc(size + 8);
	struct expr *e = NULL, *opposite = NULL;
	struct expr_error error = {};
	int err;

	memcpy(text, data, size);
	text[size] = 0;
	sprintf(negation, "not (%s)", text);
	err = too_much(text) ? -EINVAL : expr_create(text, true, &e, &error);
	FUZZ_CHECK(!err || err == -EINVAL);
	FUZZ_CHECK(!e == !!err);
	if (err && !too_much(text))
		FUZZ_CHECK(error.column && error.column <= size + 1 && error.why[0]);
	if (!err && !expr_create(negation, true, &opposite, &error))
		compare(e, opposite);
	expr_destroy(e);
	expr_destroy(opposite);
	free(text);
	free(negation);
	return 0;
}
