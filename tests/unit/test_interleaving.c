// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "tests/support/path_story.h"

struct step {
	enum log_func func;
	uint32_t flags;
	enum edge_kind kind;
	int other; /* packet, from the scene's first */
	int packet;
};

#define HIT(p, f)                      \
	{                              \
		.packet = p, .func = f \
	}
#define END(p)                                                        \
	{                                                             \
		.packet = p, .func = KFREE_SKBMEM, .flags = EVENT_END \
	}
#define EDGE(p, f, k, o)                                      \
	{                                                     \
		.packet = p, .func = f, .kind = k, .other = o \
	}

/* A scene a CPU: a flood with a merge, a reassembly, an offer refused. */
static const struct step flood[] = {
	HIT(0, IP_RCV),
	HIT(3, IP_RCV),
	EDGE(0, SKB_GRO_RECEIVE, EDGE_MERGE, 3),
	HIT(3, STOLEN_HEAD),
	END(3),
	EDGE(1, SKB_CLONE, EDGE_CLONE, 0),
	EDGE(2, SKB_CLONE, EDGE_CLONE, 1),
	HIT(1, KFREE_SKB),
	END(1),
	HIT(0, CONSUME_SKB),
	HIT(0, KFREE_SKB),
	END(0),
	{.packet = 2, .func = KFREE_SKB_REASON, .flags = EVENT_REASON},
	HIT(2, KFREE_SKB),
	END(2),
};
static const struct step fragments[] = {
	EDGE(0, FRAG_INSERT, EDGE_QUEUE, 0),
	EDGE(1, FRAG_INSERT, EDGE_QUEUE, 0),
	EDGE(1, FRAG_FINISH, EDGE_REASSEMBLE, 0),
	HIT(0, KFREE_SKB_PARTIAL),
	END(0),
	EDGE(2, SKB_CLONE, EDGE_COPY, 1),
	HIT(1, KFREE_SKB),
	END(1),
	HIT(2, KFREE_SKB),
	END(2),
};
static const struct step refused[] = {
	HIT(0, IP_RCV),
	HIT(1, IP_RCV),
	EDGE(0, SKB_TRY_COALESCE, EDGE_MERGE, 1),
	HIT(1, TCP_QUEUE),
	HIT(0, KFREE_SKB),
	END(0),
	EDGE(2, SKB_CLONE, EDGE_CLONE, 1),
	HIT(1, KFREE_SKB),
	END(1),
	HIT(2, KFREE_SKB),
	END(2),
};
static const struct {
	const struct step *steps;
	size_t n;
} scenes[] = {
	{flood, sizeof(flood) / sizeof(flood[0])},
	{fragments, sizeof(fragments) / sizeof(fragments[0])},
	{refused, sizeof(refused) / sizeof(refused[0])},
};

#define CPUS   4
#define ROUNDS 12

/* What became of a packet, without numbers: those follow the order of arrival. */
struct fate {
	uint64_t root;
	uint64_t parent;
	uint64_t into;
	size_t merged;
	size_t hops;
	uint64_t way; /* of the hops: which, and in what order */
	uint64_t verdict;
	uint64_t culprit;
	enum outcome outcome;
	bool seen;
};

static struct fate fates[CPUS * ROUNDS * 8], want[CPUS * ROUNDS * 8];
static uint64_t packet_of[sizeof(fates) / sizeof(fates[0])]; /* by number */

static uint64_t packet_at(int cpu, int round, int i)
{
	return (uint64_t)(1 + (cpu * ROUNDS + round) * 8 + i);
}

static uint64_t way_of(const struct path *p)
{
	uint64_t way = 0;

	for (size_t i = 0; i < p->n_hops; i++)
		way = (way ^ p->hops[i].ktime ^ p->hops[i].func->addr << 48) * 0x9e3779b97f4a7c15u;
	return way;
}

static void keep(void *ctx, struct path *const *paths, size_t n)
{
	(void)ctx;
	for (size_t i = 0; i < n; i++) {
		const struct path *p = paths[i];
		struct fate *f = &fates[p->packet - 1];

		assert_false(f->seen);
		*f = (struct fate){.root = p->family,
				   .parent = p->parent ? p->parent->packet : 0,
				   .into = p->outcome == OUTCOME_MERGED ? packet_of[p->into.number]
									: 0,
				   .merged = p->n_merged,
				   .hops = p->n_hops,
				   .way = way_of(p),
				   .verdict = p->verdict ? p->verdict->ktime : 0,
				   .culprit = p->culprit,
				   .outcome = p->outcome,
				   .seen = true};
	}
}

static void feed(struct path_log *log, int cpu, int at[2])
{
	size_t scene = (size_t)(cpu + at[0]) % 3;
	const struct step *s = &scenes[scene].steps[at[1]];
	struct event e = {.packet = packet_at(cpu, at[0], s->packet),
			  .cpu = (uint16_t)cpu,
			  .ktime = (uint64_t)(1000 + at[0] * 100 + at[1] * 3),
			  .flags = s->flags,
			  .reason = 5,
			  .caller = (uint64_t)(0x1000 + at[1]),
			  .parent_kind = (uint8_t)s->kind,
			  .parent = packet_at(cpu, at[0], s->other)};
	const struct path *p;

	e.skb = 0x1000 + e.packet;
	if (s->kind == EDGE_QUEUE || s->kind == EDGE_REASSEMBLE)
		e.parent = 0x900 + (uint64_t)cpu; /* one address, round after round */
	p = path_log_event(log, &e, s->func);
	assert_non_null(p);
	packet_of[p->number] = p->packet;
	if (++at[1] < (int)scenes[scene].n)
		return;
	at[0]++;
	at[1] = 0;
}

/* However the hits of the CPUs come in between one another, the families are the same. */
static void any_interleaving_gives_the_same_families(void **state)
{
	(void)state;
	srand(5);
	for (int run = 0; run < 200; run++) {
		int at[CPUS][2] = {{0}}, left = CPUS;

		memset(fates, 0, sizeof(fates));
		track_destroy(story.track);
		assert_int_equal(track_create(true, keep, &story, &story.track), 0);
		memset(story.seq, 0, sizeof(story.seq));
		while (left) {
			int cpu = rand() % CPUS;

			if (at[cpu][0] == ROUNDS)
				continue;
			/* In runs, as buffers are read. */
			for (int n = rand() % 40; n >= 0 && at[cpu][0] < ROUNDS; n--)
				feed(&story, cpu, at[cpu]);
			left -= at[cpu][0] == ROUNDS;
		}
		track_finish(story.track);
		if (!run)
			memcpy(want, fates, sizeof(want));
		for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++)
			assert_memory_equal(&fates[i], &want[i], sizeof(want[i]));
	}
	/* The scene of CPU 0's first round. */
	assert_int_equal(want[3].into, 1);
	assert_int_equal(want[2].root, 1);
	assert_int_equal(want[2].parent, 2);
	assert_int_equal(want[2].outcome, OUTCOME_DROPPED);
	assert_int_equal(want[0].merged, 1);
	assert_int_equal(want[2].culprit, 0x1000 + 12);
	assert_int_not_equal(want[2].way, want[1].way);
}

/* Of hits that make no sense at all, every path is handed on once, and in a proper family. */
static void nonsense(void **state)
{
	static const enum log_func some[] = {IP_RCV,	   SKB_CLONE,	 DATAGRAM_ITER, KFREE_SKB,
					     KFREE_SKBMEM, RELEASE_DATA, CONSUME_SKB};
	uint64_t ended = 0;

	(void)state;
	srand(7);
	for (int n = 0; n < 300000; n++) {
		int around = n / 40;
		struct event e = {.packet = (uint64_t)(1 + around + rand() % 30),
				  .skb = (uint64_t)(rand() % 50),
				  .cpu = (uint16_t)(rand() % 3),
				  .flags = (rand() % 12 ? 0 : EVENT_END) |
					   (rand() % 6 ? 0 : EVENT_REASON),
				  .reason = 5,
				  .parent_kind = (uint8_t)(rand() % (EDGES + 1))};

		story.ktime += rand() % 2000 ? (uint64_t)(rand() % 3000) : TRACK_IDLE_NS / 2;
		e.ktime = story.ktime - (uint64_t)(rand() % 3);
		e.parent = e.parent_kind >= EDGE_QUEUE ? (uint64_t)(rand() % 5)
						       : (uint64_t)(1 + around + rand() % 30);
		path_log_event(&story, &e, some[rand() % 7]);
		if (!(rand() % 500))
			track_expire(story.track, (int64_t)story.ktime);
		if (!(rand() % 5000))
			track_settle(story.track);
	}
	path_log_finish(&story);
	for (int i = 0; i < OUTCOMES; i++) {
		assert_int_not_equal(track_counts(story.track)->outcomes[i], 0);
		ended += track_counts(story.track)->outcomes[i];
	}
	assert_int_equal(story.paths, track_counts(story.track)->packets);
	assert_int_equal(story.paths, ended);
	assert_true(story.largest > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_interleaving_gives_the_same_families),
		TEST(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
