// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/path/track.h"
#include "tests/support/alloc_fail.h"

#define MAX_DONE 4096

struct fixture {
	struct captures captures;
	struct capture *capture;
	struct hit_pool *pool;
	struct track *track;
	struct func *func[6]; /* plain, drop, consume, reason, free, dying */
	size_t n_done;
	struct {
		uint64_t number;
		uint64_t packet;
		size_t hops;
		uint64_t hash; /* of the hops, in order */
		enum outcome outcome;
		const char *reason;
		uint64_t culprit;
	} done[MAX_DONE];
};

enum { PLAIN, DROP, CONSUME, REASON, FREE, DYING };

static void one_done(struct fixture *f, const struct path *p)
{
	assert_true(f->n_done < MAX_DONE);
	f->done[f->n_done].number = p->number;
	f->done[f->n_done].packet = p->packet;
	f->done[f->n_done].hops = p->n_hops;
	f->done[f->n_done].outcome = p->outcome;
	f->done[f->n_done].reason = p->reason;
	f->done[f->n_done].culprit = p->culprit;
	f->done[f->n_done].hash = 0;
	for (size_t i = 0; i < p->n_hops; i++) {
		if (i)
			assert_true(p->hops[i].ktime >= p->hops[i - 1].ktime);
		f->done[f->n_done].hash = f->done[f->n_done].hash * 31 + p->hops[i].ktime;
	}
	f->n_done++;
}

static void done(void *ctx, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		one_done(ctx, paths[i]);
}

static void setup(struct fixture *f)
{
	static const uint16_t roles[] = {0,
					 FUNC_ROLE_DROP,
					 FUNC_ROLE_CONSUME,
					 FUNC_ROLE_REASON,
					 FUNC_ROLE_FREE,
					 FUNC_ROLE_DYING | FUNC_ROLE_RELEASE};
	struct event_func e = {.name = "f"};

	memset(f, 0, sizeof(*f));
	f->capture = captures_get(&f->captures, 1);
	assert_non_null(f->capture);
	for (uint64_t i = 0; i < 6; i++) {
		e.addr = i + 1;
		e.roles = roles[i];
		assert_int_equal(capture_add_func(f->capture, &e), 0);
		f->func[i] = capture_func(f->capture, i + 1);
	}
	assert_int_equal(hit_pool_create(&f->pool), 0);
	assert_int_equal(track_create(true, done, f, &f->track), 0);
}

static void teardown(struct fixture *f)
{
	track_destroy(f->track);
	hit_pool_destroy(f->pool);
	captures_deinit(&f->captures);
}

static const struct path *add(struct fixture *f, const struct event *e, int func)
{
	struct hit *h = hit_new(f->pool, e, NULL, 0);
	const struct path *p = NULL;

	assert_non_null(h);
	h->capture = f->capture;
	h->func = f->func[func];
	h->when = (int64_t)e->ktime;
	if (h->when > f->capture->last)
		f->capture->last = h->when;
	assert_int_equal(track_add(f->track, h, true, &p), 0);
	hit_free(f->pool, h);
	return p;
}

static const struct path *hit(struct fixture *f, uint64_t packet, uint64_t ktime, int func,
			      uint32_t flags)
{
	struct event e = {
		.tag = 1, .packet = packet, .ktime = ktime, .flags = flags, .caller = 0x1234};

	return add(f, &e, func);
}

static void one_packet(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_non_null(hit(&f, 7, 1, PLAIN, EVENT_BEGIN));
	hit(&f, 7, 2, CONSUME, 0);
	assert_non_null(hit(&f, 7, 3, FREE, EVENT_END));
	track_finish(f.track);
	assert_int_equal(f.n_done, 1);
	assert_int_equal(f.done[0].hops, 3);
	assert_int_equal(f.done[0].outcome, OUTCOME_CONSUMED);
	teardown(&f);
}

static void outcomes(void **state)
{
	struct fixture f;
	struct event e = {.tag = 1,
			  .packet = 1,
			  .ktime = 1,
			  .flags = EVENT_REASON,
			  .reason = 2,
			  .caller = 0x99};

	(void)state;
	setup(&f);
	add(&f, &e, REASON); /* a reason the capture has no name for */
	hit(&f, 1, 2, FREE, EVENT_END);
	hit(&f, 2, 3, DROP, 0); /* a kernel without reasons */
	hit(&f, 2, 4, FREE, EVENT_END);
	hit(&f, 3, 5, FREE, EVENT_END);
	hit(&f, 4, 6, DROP, 0); /* the last word counts */
	hit(&f, 4, 7, CONSUME, 0);
	hit(&f, 4, 8, FREE, EVENT_END);
	hit(&f, 5, 9, DROP, 0); /* a shared skb: no END, no end */
	track_finish(f.track);
	assert_int_equal(f.n_done, 5);
	assert_int_equal(f.done[0].outcome, OUTCOME_DROPPED);
	assert_null(f.done[0].reason);
	assert_int_equal(f.done[0].culprit, 0x99);
	assert_int_equal(f.done[1].outcome, OUTCOME_DROPPED);
	assert_int_equal(f.done[1].culprit, 0x1234);
	assert_int_equal(f.done[2].outcome, OUTCOME_CONSUMED);
	assert_int_equal(f.done[3].outcome, OUTCOME_CONSUMED);
	assert_int_equal(f.done[4].outcome, OUTCOME_ALIVE);
	teardown(&f);
}

/* Reason 0 and the reasons named "consumed" are no drops. */
static void consumed_reasons(void **state)
{
	struct fixture f;
	struct event e = {.tag = 1, .packet = 1, .flags = EVENT_REASON | EVENT_END};

	(void)state;
	setup(&f);
	add(&f, &e, REASON);
	track_finish(f.track);
	assert_int_equal(f.done[0].outcome, OUTCOME_CONSUMED);
	teardown(&f);
}

static void idle_packets_expire(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	hit(&f, 1, 0, PLAIN, 0);
	hit(&f, 2, 1000, PLAIN, 0);
	hit(&f, 1, 2000, PLAIN, 0);
	track_expire(f.track, 1000 + TRACK_IDLE_NS);
	assert_int_equal(f.n_done, 0);
	track_expire(f.track, 1001 + TRACK_IDLE_NS);
	assert_int_equal(f.n_done, 1);
	assert_int_equal(f.done[0].packet, 2);
	assert_int_equal(f.done[0].outcome, OUTCOME_NO_END);
	track_finish(f.track);
	assert_int_equal(f.done[1].outcome, OUTCOME_ALIVE);
	assert_int_equal(track_counts(f.track)->outcomes[OUTCOME_NO_END], 1);
	teardown(&f);
}

/* Kernels that free in no function of their own: being taken apart was the end. */
static void dying_packets_have_ended(void **state)
{
	struct fixture f;
	struct event e = {.tag = 1, .packet = 3, .ktime = 30, .skb = 0x100};

	(void)state;
	setup(&f);
	hit(&f, 1, 1, DROP, 0);
	hit(&f, 1, 2, DYING, 0);
	track_expire(f.track, 3 + TRACK_IDLE_NS); /* it expires */
	assert_int_equal(f.n_done, 1);
	assert_int_equal(f.done[0].outcome, OUTCOME_DROPPED);
	e.packet = 2;
	add(&f, &e, DYING);
	e.ktime = 31;
	e.packet = 3;
	add(&f, &e, PLAIN); /* another life at its address */
	track_settle(f.track);
	assert_int_equal(f.n_done, 2);
	assert_int_equal(f.done[1].packet, 2);
	assert_int_equal(f.done[1].outcome, OUTCOME_CONSUMED);
	e.ktime = 32;
	add(&f, &e, DYING);
	track_finish(f.track); /* the input ends */
	assert_int_equal(f.done[2].packet, 3);
	assert_int_equal(f.done[2].outcome, OUTCOME_CONSUMED);
	assert_int_equal(track_counts(f.track)->outcomes[OUTCOME_NO_END], 0);
	assert_int_equal(track_counts(f.track)->outcomes[OUTCOME_ALIVE], 0);
	teardown(&f);
}

/* The same packet numbers in another capture are other packets. */
static void captures_are_told_apart(void **state)
{
	struct fixture f;
	struct capture *other;

	(void)state;
	setup(&f);
	hit(&f, 1, 1, PLAIN, 0);
	other = captures_get(&f.captures, 2);
	assert_non_null(other);
	f.capture = other;
	hit(&f, 1, 2, FREE, EVENT_END);
	track_finish(f.track);
	assert_int_equal(f.n_done, 2);
	assert_int_equal(f.done[0].outcome, OUTCOME_CONSUMED);
	assert_int_equal(f.done[1].outcome, OUTCOME_ALIVE);
	teardown(&f);
}

static void out_of_memory(void **state)
{
	struct event e = {.tag = 1, .packet = 1};
	const struct path *p;
	struct fixture f;
	struct hit *h;
	int err;

	(void)state;
	for (int n = 0;; n++) {
		setup(&f);
		h = hit_new(f.pool, &e, NULL, 0);
		h->capture = f.capture;
		h->func = f.func[DYING];
		alloc_fail_at(n);
		err = track_add(f.track, h, true, &p);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
		assert_null(p);
		teardown(&f);
	}
	assert_int_equal(err, 0);
	teardown(&f);
}

static void hits_after_the_end_are_counted(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	hit(&f, 1, 1, FREE, EVENT_END);
	assert_null(hit(&f, 1, 2, PLAIN, 0));
	assert_non_null(hit(&f, 2, 3, PLAIN, 0));
	assert_null(hit(&f, 0, 4, PLAIN, EVENT_NO_ID));
	track_finish(f.track);
	assert_int_equal(f.n_done, 2);
	assert_int_equal(track_counts(f.track)->after_end, 1);
	assert_int_equal(track_counts(f.track)->unidentified, 1);
	teardown(&f);
}

/* A hit that comes late goes to its place in the path. */
static void late_hops_are_put_in_order(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	hit(&f, 1, 10, PLAIN, 0);
	hit(&f, 1, 30, PLAIN, 0);
	hit(&f, 1, 20, PLAIN, 0);
	hit(&f, 1, 5, PLAIN, 0);
	track_finish(f.track); /* done() checks the order */
	assert_int_equal(f.done[0].hops, 4);
	teardown(&f);
}

static void very_long_paths_are_cut(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	for (uint64_t i = 0; i < TRACK_MAX_HOPS + 10; i++)
		hit(&f, 1, i, PLAIN, 0);
	hit(&f, 1, TRACK_MAX_HOPS + 10, DROP, EVENT_END);
	track_finish(f.track);
	assert_int_equal(f.done[0].hops, TRACK_MAX_HOPS + 1);
	assert_int_equal(f.done[0].outcome, OUTCOME_DROPPED);
	assert_int_equal(track_counts(f.track)->not_kept, 10);
	teardown(&f);
}

/* However the hits of many packets are mixed, each packet's path is the same. */
static void any_interleaving_gives_the_same_paths(void **state)
{
	enum { PACKETS = 200, HOPS = 15 };
	static struct fixture f;
	uint64_t want[PACKETS + 1] = {0};

	(void)state;
	srand(2);
	for (int run = 0; run < 20; run++) {
		int next[PACKETS + 1] = {0}, left = PACKETS * HOPS;

		setup(&f);
		while (left) {
			int p = 1 + rand() % PACKETS;

			if (next[p] == HOPS)
				continue;
			hit(&f, (uint64_t)p, (uint64_t)(p * 1000 + next[p] * 7), PLAIN,
			    next[p] == HOPS - 1 ? EVENT_END : 0);
			next[p]++;
			left--;
		}
		track_finish(f.track);
		assert_int_equal(f.n_done, PACKETS);
		for (size_t i = 0; i < f.n_done; i++) {
			uint64_t *w = &want[f.done[i].packet];

			assert_int_equal(f.done[i].hops, HOPS);
			assert_int_equal(f.done[i].outcome, OUTCOME_CONSUMED);
			if (run)
				assert_true(*w == f.done[i].hash);
			*w = f.done[i].hash;
		}
		teardown(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_packet),
		cmocka_unit_test(outcomes),
		cmocka_unit_test(consumed_reasons),
		cmocka_unit_test(idle_packets_expire),
		cmocka_unit_test(dying_packets_have_ended),
		cmocka_unit_test(captures_are_told_apart),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(hits_after_the_end_are_counted),
		cmocka_unit_test(late_hops_are_put_in_order),
		cmocka_unit_test(very_long_paths_are_cut),
		cmocka_unit_test(any_interleaving_gives_the_same_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
