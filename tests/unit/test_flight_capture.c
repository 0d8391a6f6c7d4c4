// SPDX-License-Identifier: GPL-2.0-only
/* The flight recorder: what its memory becomes in files, and when a trigger has it written. */
#include "tests/support/capture_row.h"

#include "record/trigger.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/said.h"

static void flight(struct row *r, uint64_t bytes, uint64_t ns)
{
	begin(r);
	r->t.spec.flight_size = bytes;
	r->t.spec.flight_time = ns;
	create(r);
}

static void nothing_forgotten(void **state)
{
	struct row r;
	struct file f;

	(void)state;
	flight(&r, 1 << 20, 0);
	assert_int_equal(output_files(r.t.output), 0);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 0);
	r.t.counters.filtered = 5;
	capture_second(r.t.capture, MONOTONIC); /* counters are no content */
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 0);
	r.t.counters.filtered = 0;
	give(&r, 0, 2, MONOTONIC, 0);
	assert_int_equal(capture_flush(r.t.capture, true), 0);
	assert_int_equal(output_files(r.t.output), 0);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 1);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 0);
	give(&r, 0, 3, MONOTONIC, 0);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 2);
	f = look(&r, 0);
	assert_int_equal(f.number, 0);
	expect_span(&f, 0, 1, 2);
	expect_text(f.close, "2", "0", "more=0\nend=SIGUSR1\n");
	f = look(&r, 1);
	assert_int_equal(f.number, 1);
	expect_text(f.part, "2", "0", "cpu0=2 0 0\n");
	expect_span(&f, 0, 3, 5);
	expect_text(f.close, "5", "0", "end=SIGINT\n");
	end(&r);
}

/* Nothing ever happened; and it happened, was written, and then no more did. */
static void a_file_at_the_end(void **state)
{
	struct row r;
	struct file f;

	(void)state;
	flight(&r, 1 << 20, 0);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 1);
	f = look(&r, 0);
	assert_true(f.hits == 0 && f.number == 0);
	end(&r);
	flight(&r, 1 << 20, 0);
	give(&r, 0, 1, MONOTONIC, 0);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 1);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 1);
	end(&r);
}

/* 64 KiB and chunks of 256 KiB: what is left of each CPU is its last, and the file says what came
 * before. */
static void forgotten_by_size(void **state)
{
	struct row r;
	struct file f;
	char cpus[64], recorded[32];

	(void)state;
	flight(&r, 64 << 10, 0);
	give(&r, 3, 1, MONOTONIC, 0); /* will be forgotten, and its CPU has no more */
	for (int i = 0; i < 2000; i++) {
		if (i == 10)
			r.t.counters.lost_ring = 2;
		give(&r, 0, 1, MONOTONIC, 0);
		give(&r, 1, 1, MONOTONIC, i < 10 ? 0 : 2);
	}
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC), 1);
	give(&r, 0, 1, MONOTONIC, 0);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 2);
	f = look(&r, 0);
	assert_int_equal(f.number, 1); /* a file 0 that nobody has */
	assert_true(f.len - f.head >= 64 << 10 && f.len - f.head < (64 + 2 * 256 + 2) << 10);
	assert_true(f.first[0] > 1);
	expect_span(&f, 0, f.first[0], 2000);
	expect_span(&f, 1, f.first[1], 2000);
	expect_span(&f, 3, 0, 0);
	snprintf(cpus, sizeof(cpus), "cpu0=%llu 0 0\ncpu1=%llu 2 0\ncpu3=1 0 0\n",
		 (unsigned long long)f.first[0] - 1, (unsigned long long)f.first[1] - 1);
	snprintf(recorded, sizeof(recorded), "%u", 4001 - f.hits);
	expect_text(f.part, recorded, "2", cpus);
	expect_text(f.close, "4001", "2", "more=1\nend=SIGUSR1\n");
	f = look(&r, 1);
	assert_int_equal(f.number, 2); /* nothing between the two */
	expect_text(f.part, "4001", "2", "cpu0=2000 0 0\ncpu1=2000 2 0\ncpu3=1 0 0\n");
	expect_span(&f, 0, 2001, 2001);
	end(&r);
}

static void forgotten_by_time(void **state)
{
	struct row r;
	struct file f;

	(void)state;
	flight(&r, 1 << 20, 2 * SECOND);
	for (unsigned int i = 0; i < 100; i++) { /* ten seconds */
		uint64_t now = MONOTONIC + i * (SECOND / 10);

		give(&r, 0, 1, now, 0);
		assert_int_equal(capture_due(r.t.capture, now, now), 0);
	}
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	f = look(&r, 0);
	assert_int_equal(f.number, 1);
	/* 20 hits are two seconds; chunks go on for a quarter of one. */
	assert_true(f.hits >= 20 && f.hits <= 24);
	expect_span(&f, 0, 101 - f.hits, 100);
	end(&r);
}

static void did_not_fit(void **state)
{
	struct row r;
	struct said err;
	int got;

	(void)state;
	flight(&r, 64 << 10, 10 * SECOND);
	give(&r, 0, 2000, MONOTONIC, 0);
	err = said_begin(STDERR_FILENO);
	got = capture_next(r.t.capture, "SIGUSR1", MONOTONIC);
	said_end(&err);
	assert_int_equal(got, 1);
	assert_int_equal(err.lines, 1);
	assert_non_null(strstr(err.text, "did not fit in 64 KiB"));
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	end(&r);
}

/* What goes wrong ends the recording, but what memory has is written. */
static void written_whatever_happens(void **state)
{
	struct row r;
	struct said err;
	struct file f;
	int got;

	(void)state;
	flight(&r, 1 << 20, 0);
	give(&r, 0, 700, MONOTONIC, 0);
	err = said_begin(STDERR_FILENO);
	capture_hit(r.t.capture, &(struct pwru_event){}, 8);
	give(&r, 0, 5, MONOTONIC, 0); /* after it nothing is taken */
	got = capture_end(r.t.capture, "error", MONOTONIC);
	said_end(&err);
	assert_int_equal(got, -EBADMSG);
	assert_int_equal(err.lines, 1);
	finish(&r);
	assert_int_equal(r.files, 1);
	f = look(&r, 0);
	expect_span(&f, 0, 1, 700);
	expect_text(f.close, "700", "0", "end=error\n");
	end(&r);
}

/* An allocation fails somewhere on the way; there are all hits before it, and no half of one. */
static void out_of_memory(void **state)
{
	int failures = 0;

	(void)state;
	if (!ALLOC_FAIL_WORKS)
		return;
	for (int nth = 0;; nth++) {
		struct row r;
		struct file f;
		char recorded[32];
		bool ended;

		flight(&r, 1 << 20, 0);
		alloc_fail_at(nth);
		for (unsigned int i = 1; i <= 700; i++) {
			struct pwru_event e = hit(0, 0, i, 0);

			e.caplen = e.flags = 0;
			capture_hit(r.t.capture, &e, sizeof(e));
		}
		ended = !alloc_fail_end();
		failures += !ended && capture_flush(r.t.capture, true) == -ENOMEM;
		capture_end(r.t.capture, "error", MONOTONIC);
		finish(&r);
		assert_int_equal(r.files, 1);
		f = look(&r, 0);
		snprintf(recorded, sizeof(recorded), "%u", f.hits);
		expect_span(&f, 0, f.hits ? 1 : 0, f.hits);
		expect_text(f.close, recorded, "0", "end=error\n");
		assert_true(!ended || f.hits == 700);
		end(&r);
		if (ended)
			break;
		if (nth > 20)
			nth += 100;
	}
	assert_true(failures >= 3);
}

/* ---- triggers ---- */

static void arm(struct row *r, struct trigger **trigger, const char *text, uint64_t after)
{
	begin(r);
	assert_int_equal(trigger_create(&text, 1, trigger), 0);
	assert_int_equal(trigger_reasons(*trigger, r->t.reasons), 0);
	assert_int_equal(trigger_functions(*trigger, &r->t.targets), 0);
	r->t.spec.flight_size = 1 << 20;
	r->t.spec.trigger = *trigger;
	r->t.spec.trigger_after = after;
	create(r);
}

static void give_drop(struct row *r, uint64_t when)
{
	struct pwru_event e = hit(2, 0, ++r->seq[0], 0);

	e.ktime = when;
	deliver(&r->t, &e);
}

/* capture_due() says a line when it writes. */
static unsigned int due(struct row *r, uint64_t now, uint64_t taken)
{
	struct said err = said_begin(STDERR_FILENO);
	int got = capture_due(r->t.capture, now, taken);

	said_end(&err);
	assert_int_equal(got, 0);
	return err.lines;
}

static void close_triggers(struct row *r, struct trigger *t)
{
	trigger_destroy(t);
	end(r);
}

static void expect_times(const struct row *r, size_t i, uint64_t first, uint64_t last)
{
	struct raw_capture c = raw_capture_read(r->names[i]);
	uint64_t low = UINT64_MAX, high = 0;

	for (size_t b = 0; b < c.count; b++) {
		size_t len = 0;
		const uint8_t *p =
			c.blocks[b].type == EPB ? raw_option(&c.blocks[b], 2989, 0, &len) : NULL;

		if (!p || p[7] != 4)
			continue;
		low = raw_u64(p + 68) < low ? raw_u64(p + 68) : low;
		high = raw_u64(p + 68) > high ? raw_u64(p + 68) : high;
	}
	raw_capture_destroy(&c);
	if (low != first || high != last)
		fail_msg("%s: %llu to %llu", r->names[i], (unsigned long long)low,
			 (unsigned long long)high);
}

static void goes_off(void **state)
{
	struct trigger *t;
	struct row r;

	(void)state;
	arm(&r, &t, "func=kfree_skb_reason", 1000);
	give(&r, 0, 5, MONOTONIC, 0);
	assert_int_equal(due(&r, MONOTONIC + SECOND, MONOTONIC + SECOND), 0);
	give_drop(&r, MONOTONIC + SECOND);
	give_drop(&r, MONOTONIC + SECOND + 900); /* within the time after: part of the same */
	assert_int_equal(due(&r, MONOTONIC + SECOND + 999, MONOTONIC + SECOND + 999), 0);
	/* It is time, but hits until then are still in the kernel's buffer. */
	assert_int_equal(due(&r, MONOTONIC + 2 * SECOND, MONOTONIC + SECOND + 999), 0);
	assert_int_equal(output_files(r.t.output), 0);
	give(&r, 0, 1, MONOTONIC + SECOND + 1000, 0);
	assert_int_equal(due(&r, MONOTONIC + 2 * SECOND, MONOTONIC + SECOND + 1000), 1);
	assert_int_equal(output_files(r.t.output), 1);
	/* And it goes on: nothing for other hits, another file for the next. */
	give(&r, 0, 2, MONOTONIC + 3 * SECOND, 0);
	assert_int_equal(due(&r, MONOTONIC + 9 * SECOND, MONOTONIC + 9 * SECOND), 0);
	give_drop(&r, MONOTONIC + 9 * SECOND);
	assert_int_equal(due(&r, MONOTONIC + 10 * SECOND, MONOTONIC + 10 * SECOND), 1);
	assert_int_equal(output_files(r.t.output), 2);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	assert_int_equal(r.files, 2);
	expect_times(&r, 0, 1, 8);
	expect_times(&r, 1, 9, 11);
	close_triggers(&r, t);
}

/* SIGUSR1 between the trigger and its time after: that is still written. */
static void dumped_meanwhile(void **state)
{
	struct trigger *t;
	struct row r;

	(void)state;
	arm(&r, &t, "func=kfree_skb_reason", SECOND);
	give_drop(&r, MONOTONIC);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC + 1), 1);
	give(&r, 0, 1, MONOTONIC + 2, 0);
	assert_int_equal(due(&r, MONOTONIC + SECOND, MONOTONIC + SECOND), 1);
	assert_int_equal(output_files(r.t.output), 2);
	/* The same, and nothing came: it is over without a file. */
	give_drop(&r, MONOTONIC + 2 * SECOND);
	assert_int_equal(capture_next(r.t.capture, "SIGUSR1", MONOTONIC + 2 * SECOND), 1);
	assert_int_equal(due(&r, MONOTONIC + 4 * SECOND, MONOTONIC + 4 * SECOND), 0);
	give(&r, 0, 1, MONOTONIC + 5 * SECOND, 0);
	assert_int_equal(due(&r, MONOTONIC + 9 * SECOND, MONOTONIC + 9 * SECOND), 0);
	assert_int_equal(output_files(r.t.output), 3);
	assert_int_equal(capture_end(r.t.capture, "SIGINT", MONOTONIC), 0);
	finish(&r);
	expect_times(&r, 1, 2, 2);
	expect_times(&r, 3, 4, 4);
	close_triggers(&r, t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_forgotten), cmocka_unit_test(a_file_at_the_end),
		cmocka_unit_test(forgotten_by_size), cmocka_unit_test(forgotten_by_time),
		cmocka_unit_test(did_not_fit),	     cmocka_unit_test(written_whatever_happens),
		cmocka_unit_test(out_of_memory),     cmocka_unit_test(goes_off),
		cmocka_unit_test(dumped_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
