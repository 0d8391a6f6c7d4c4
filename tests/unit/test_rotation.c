// SPDX-License-Identifier: GPL-2.0-only
/* One recording in several files: what each must have by FORMAT.md, where its hits begin, and that
 * none is lost between two. */
#include "tests/support/capture_row.h"

static void by_hand(void **state)
{
	struct row r;
	struct file f;

	(void)state;
	begin(&r);
	create(&r);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 0); /* no hit yet */
	give(&r, 0, 3, MONOTONIC, 0);
	r.seq[2] = 5; /* five lost before the first */
	give(&r, 2, 2, MONOTONIC, 5);
	r.t.counters.lost_ring = 6;
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 1);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 0);
	give(&r, 0, 1, MONOTONIC, 0);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 1);
	give(&r, 1, 1, MONOTONIC, 0);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 3);
	f = look(&r, 0);
	assert_int_equal(f.number, 0);
	expect_span(&f, 0, 1, 3);
	expect_span(&f, 2, 6, 7);
	expect_text(f.close, "5", "6", "more=0\nend=SIGUSR1\n");
	f = look(&r, 1);
	assert_int_equal(f.number, 1);
	expect_text(f.part, "5", "6", "cpu0=3 0 0\ncpu2=7 5 0\n");
	expect_span(&f, 0, 4, 4);
	expect_span(&f, 2, 0, 0);
	expect_text(f.close, "6", "6", "more=1\nend=SIGUSR1\n");
	f = look(&r, 2);
	assert_int_equal(f.number, 2);
	expect_text(f.part, "6", "6", "cpu0=4 0 0\ncpu2=7 5 0\n");
	expect_span(&f, 1, 1, 1);
	expect_text(f.close, "7", "6", "end=SIGINT\n");
	end(&r);
}

/* Each file is nearly as large as asked for and never larger; no hit is in none or in two. */
static void by_size(void **state)
{
	uint64_t limit = 100 << 10, last[2] = {0, 0}, hits = 0;
	struct row r;

	(void)state;
	begin(&r);
	r.t.spec.rotate_size = limit;
	create(&r);
	for (int i = 0; i < 450; i++) {
		give(&r, 0, 1, MONOTONIC + (uint64_t)i, 0);
		give(&r, 1, 1, MONOTONIC + (uint64_t)i, 0);
		r.t.counters.filtered++;
		if (i % 3 == 0)
			capture_second(r.t.capture, MONOTONIC + (uint64_t)i);
		r.t.counters.filtered = 0;
	}
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_true(r.files >= 4);
	for (size_t i = 0; i < r.files; i++) {
		struct file f = look(&r, i);

		assert_int_equal(f.number, i);
		assert_true(f.len <= limit);
		assert_true(i + 1 == r.files || f.len > limit - 8192);
		for (unsigned int cpu = 0; cpu < 2; cpu++) {
			expect_span(&f, cpu, last[cpu] + 1, f.last[cpu]);
			last[cpu] = f.last[cpu];
		}
		hits += f.hits;
		assert_int_equal(!strstr(f.close, "more="), i + 1 == r.files);
	}
	assert_true(hits == 900 && last[0] == 450 && last[1] == 450);
	end(&r);
}

/* A head that is larger than that leaves room for hits. */
static void size_below_the_head(void **state)
{
	struct row r;

	(void)state;
	begin(&r);
	r.t.spec.rotate_size = 100;
	create(&r);
	for (int i = 0; i < 300; i++)
		give(&r, 0, 1, MONOTONIC, 0);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_true(r.files >= 2 && r.files <= 3);
	for (size_t i = 0; i + 1 < r.files; i++)
		assert_true(look(&r, i).hits >= 100);
	end(&r);
}

static void by_time(void **state)
{
	struct row r;

	(void)state;
	begin(&r);
	r.t.spec.rotate_time = SECOND;
	create(&r);
	give(&r, 0, 1, MONOTONIC, 0);
	assert_int_equal(capture_due(r.t.capture, MONOTONIC - 5, 0), 0);
	assert_int_equal(capture_due(r.t.capture, MONOTONIC + SECOND - 1, 0), 0);
	assert_int_equal(output_files(r.t.output), 1);
	assert_int_equal(capture_due(r.t.capture, MONOTONIC + SECOND, 0), 0);
	assert_int_equal(output_files(r.t.output), 2);
	/* Nothing happens: that file goes on. */
	assert_int_equal(capture_due(r.t.capture, MONOTONIC + 3 * SECOND, 0), 0);
	assert_int_equal(output_files(r.t.output), 2);
	give(&r, 0, 1, MONOTONIC + 3 * SECOND, 0);
	/* By hand: the second begins anew. */
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC + 3 * SECOND + SECOND / 2),
			 1);
	give(&r, 0, 1, MONOTONIC + 3 * SECOND, 0);
	assert_int_equal(capture_due(r.t.capture, MONOTONIC + 4 * SECOND, 0), 0);
	assert_int_equal(output_files(r.t.output), 3);
	assert_int_equal(capture_due(r.t.capture, MONOTONIC + 4 * SECOND + SECOND / 2, 0), 0);
	assert_int_equal(output_files(r.t.output), 4);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	end(&r);
}

/* Modules that came stand in that file and in all later ones. */
static void late_notes(void **state)
{
	struct row r;

	(void)state;
	begin(&r);
	create(&r);
	for (unsigned int i = 0; i < 3; i++) {
		give(&r, 0, 1, MONOTONIC, 0);
		if (i < 2)
			capture_module(r.t.capture, i ? "b" : "a", true, MONOTONIC);
		assert_int_equal(capture_next(r.t.capture, "rotated", MONOTONIC), 1);
	}
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 4);
	for (size_t i = 0; i < 4; i++) {
		struct raw_capture c = raw_capture_read(r.names[i]);
		unsigned int found = 0;

		for (size_t b = 0; b < c.count; b++) {
			size_t len = 0;
			const uint8_t *p = c.blocks[b].type == EPB
						   ? raw_option(&c.blocks[b], 2989, 0, &len)
						   : NULL;

			if (!p || p[7] != 5 || raw_u16(p + 12) != 5)
				continue;
			assert_int_equal(raw_u32(c.blocks[b].body), 3); /* on pwru-other */
			assert_memory_equal(p + 28, found ? "name=b\n" : "name=a\n", 7);
			found++;
		}
		assert_int_equal(found, i == 0 ? 1 : 2);
		raw_capture_destroy(&c);
	}
	end(&r);
}

/* --filter-drop gives hits late: a file begins behind the highest number there was. */
static void out_of_order(void **state)
{
	static const uint64_t seqs[] = {1, 9, 4};
	struct raw_capture c;
	struct row r;
	struct file f = {};

	(void)state;
	begin(&r);
	create(&r);
	for (size_t i = 0; i < 3; i++) {
		struct pwru_event e = hit(0, 0, seqs[i], i == 1 ? 3 : 1);

		deliver(&r.t, &e);
	}
	assert_int_equal(capture_next(r.t.capture, "rotated", MONOTONIC), 1);
	r.seq[0] = 9;
	give(&r, 0, 1, MONOTONIC, 3);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	f = look(&r, 1);
	expect_text(f.part, "3", "0", "cpu0=9 3 0\n");
	c = raw_capture_read(r.names[0]);
	for (size_t b = 0; b < c.count; b++)
		if (c.blocks[b].type == EPB) {
			size_t len;
			const uint8_t *p = raw_option(&c.blocks[b], 4, 0, &len);

			assert_true(!p || raw_u64(p) < 3); /* epb_dropcount */
		}
	raw_capture_destroy(&c);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(by_size),
		cmocka_unit_test(size_below_the_head),
		cmocka_unit_test(by_time),
		cmocka_unit_test(late_notes),
		cmocka_unit_test(out_of_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
