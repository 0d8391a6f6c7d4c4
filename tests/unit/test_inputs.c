// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "report/read/inputs.h"
#include "report/totals.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/capture_builder.h"
#include "tests/support/said.h"
#include "tests/support/temp_file.h"

#define FUNC	  0xffffffff81001000
#define MAX_FILES 40
#define MAX_HITS  512

struct fixture {
	struct temp_file files[MAX_FILES];
	char *names[MAX_FILES];
	size_t n;
	struct captures captures;
	struct hit_pool *pool;
	struct inputs *in;
	size_t hits;
	uint64_t packet[MAX_HITS]; /* in the order they came */
	uint32_t tag[MAX_HITS];
	bool sorted;
};

/* A file of `count` hits from `ktime` on, each `step` later, packets and numbers from `first`. */
struct part {
	uint8_t uuid;
	uint32_t number;
	uint64_t first;
	uint64_t count;
	uint64_t ktime;
	uint64_t step;
	uint32_t lost;
	bool close;
	int64_t boot; /* how much later than others it was booted */
	size_t cut;
};

static void add_file(struct fixture *f, const struct part *p)
{
	struct builder b;
	char host[32];

	builder_init(&b, p->uuid);
	b.clock += p->boot;
	builder_shb(&b, p->number);
	snprintf(host, sizeof(host), "hostname=host%u\n", p->uuid);
	builder_text_record(&b, 1, host);
	builder_meta(&b);
	builder_func(&b, FUNC, "ip_rcv", "", 0);
	builder_other(&b);
	for (uint64_t i = 0; i < p->count; i++) {
		struct builder_hit h = {.func = FUNC,
					.packet = p->first + i,
					.seq = p->first + i,
					.lost = p->lost,
					.ktime = p->ktime + i * p->step};

		builder_hit(&b, &h);
	}
	if (p->close)
		builder_close(&b, p->ktime, "end=x\n");
	f->files[f->n] = temp_file_create(b.data, b.len - p->cut);
	f->names[f->n] = f->files[f->n].path;
	f->n++;
	builder_deinit(&b);
}

static int create(struct fixture *f)
{
	int err = f->pool ? 0 : hit_pool_create(&f->pool);

	return err ? err : inputs_create(&f->captures, f->pool, NULL, f->names, f->n, &f->in);
}

static int read_all(struct fixture *f)
{
	int64_t last = INT64_MIN;
	struct hit *h;
	int got;

	f->hits = 0;
	f->sorted = true;
	while ((got = inputs_next(f->in, &h)) == 1) {
		if (f->hits < MAX_HITS) {
			f->packet[f->hits] = h->event.packet;
			f->tag[f->hits++] = h->event.tag;
		}
		f->sorted = f->sorted && h->when >= last;
		last = h->when;
		hit_free(f->pool, h);
	}
	return got;
}

static void run(struct fixture *f)
{
	assert_int_equal(create(f), 0);
	assert_int_equal(read_all(f), 0);
}

static void close_all(struct fixture *f)
{
	inputs_destroy(f->in);
	hit_pool_destroy(f->pool);
	captures_deinit(&f->captures);
	f->in = NULL;
	f->pool = NULL;
}

static void teardown(struct fixture *f)
{
	close_all(f);
	for (size_t i = 0; i < f->n; i++)
		temp_file_destroy(&f->files[i]);
}

static struct ledger_totals ledger(const struct fixture *f, size_t capture)
{
	struct ledger_totals t;

	ledger_totals(f->captures.all[capture]->ledger, &t);
	return t;
}

/* Hits of all hosts in order of wall time, whatever their monotonic clocks and the order given. */
static void hosts_are_merged(void **state)
{
	struct fixture f = {0};

	(void)state;
	for (uint8_t i = 5; i--;)
		add_file(&f, &(struct part){.uuid = 1 + i,
					    .first = 1,
					    .count = 50,
					    .ktime = 5000000000u * (i + 1) + i,
					    .step = 1000,
					    .boot = -5000000000 * (i + 1),
					    .close = true});
	run(&f);
	assert_true(f.sorted);
	assert_int_equal(f.hits, 250);
	for (size_t i = 0; i < f.hits; i++) {
		assert_int_equal(f.packet[i], 1 + i / 5);
		assert_int_equal(f.tag[i] & 0xff, 1 + i % 5);
	}
	assert_int_equal(f.captures.count, 5);
	assert_string_equal(capture_name(f.captures.all[0]), f.captures.all[0]->host);
	assert_int_equal(inputs_late(f.in), 0);
	teardown(&f);
}

/* Two recordings of one host: the name alone does not tell them apart. */
static void captures_of_one_host_have_names(void **state)
{
	struct captures all = {0};
	struct capture *a = captures_get(&all, 0x04030201), *b;

	(void)state;
	assert_null(capture_name(a));
	b = captures_get(&all, 0x14131211);
	strcpy(a->host, "box");
	strcpy(b->host, "box");
	assert_string_equal(capture_name(a), "box/01020304");
	assert_string_equal(capture_name(b), "box/11121314");
	strcpy(b->host, "");
	all.names++;
	assert_string_equal(capture_name(a), "box");
	assert_string_equal(capture_name(b), "11121314");
	captures_deinit(&all);
}

/* Parts of a recording, given in any order, are one. */
static void parts_are_joined(void **state)
{
	struct fixture f = {0};

	(void)state;
	for (uint32_t i = 30; i--;)
		add_file(&f, &(struct part){.uuid = 1,
					    .number = i,
					    .first = 1 + 10 * i,
					    .count = 10,
					    .ktime = 1000000000ull * 3 * i,
					    .step = 1000});
	run(&f);
	assert_int_equal(f.hits, 300);
	for (size_t i = 0; i < f.hits; i++)
		assert_int_equal(f.packet[i], i + 1);
	assert_int_equal(f.captures.count, 1);
	assert_int_equal(f.captures.all[0]->parts_missing, 0);
	assert_int_equal(ledger(&f, 0).removed, 0);
	teardown(&f);
}

static void a_part_that_is_not_here_is_no_loss(void **state)
{
	struct fixture f = {0};
	struct part p = {.uuid = 1, .number = 2, .first = 21, .count = 10, .step = 1000};

	(void)state;
	p.ktime = 2000000000;
	add_file(&f, &p);
	p.number = 3; /* follows on, and lost two */
	p.first = 33;
	p.lost = 2;
	p.ktime = 3000000000;
	add_file(&f, &p);
	p.number = 6; /* those between held 50 hits and 3 losses more */
	p.first = 96;
	p.lost = 5;
	p.ktime = 6000000000;
	add_file(&f, &p);
	run(&f);
	assert_int_equal(f.hits, 30);
	assert_int_equal(ledger(&f, 0).lost, 2);
	assert_int_equal(ledger(&f, 0).removed, 0);
	assert_int_equal(f.captures.all[0]->parts_missing, 2);
	teardown(&f);
}

/* Pieces of one file, cut by editcap -c; and the whole of it too. */
static void pieces_and_duplicates(void **state)
{
	struct fixture f = {0};
	struct part p = {.uuid = 1, .step = 1000000, .close = true};

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		p.first = 1 + 25 * i;
		p.ktime = 25 * i * p.step;
		p.count = 25;
		add_file(&f, &p);
	}
	p.first = 1;
	p.count = 100;
	p.ktime = 0;
	add_file(&f, &p);
	run(&f);
	assert_int_equal(f.hits, 100);
	assert_true(f.sorted);
	assert_int_equal(ledger(&f, 0).duplicates, 100);
	assert_int_equal(ledger(&f, 0).removed, 0);
	teardown(&f);
}

static void what_is_known_of_each_file(void **state)
{
	struct fixture f = {0};
	const struct inputs_file *files;
	struct source_counts counts;
	size_t n;

	(void)state;
	add_file(&f, &(struct part){.uuid = 1, .first = 1, .count = 3, .ktime = 9000, .step = 5});
	add_file(&f, &(struct part){.uuid = 2, .number = 4, .first = 1, .count = 2, .ktime = 1});
	run(&f);
	files = inputs_files(f.in, &n);
	assert_int_equal(n, 2);
	assert_string_equal(files[0].name, f.names[0]);
	assert_true(files[0].read && files[1].read);
	assert_int_equal(files[0].is.hits, 3);
	assert_int_equal(files[0].is.last - files[0].is.first, 10);
	assert_int_equal(files[0].is.n_captures, 1);
	assert_int_equal(files[0].is.captures[0]->tag & 0xff, 1);
	assert_int_equal(files[1].is.part, 4);
	inputs_counts(f.in, &counts);
	assert_int_equal(counts.files, 2);
	assert_int_equal(counts.hits, 5);
	assert_int_equal(counts.bytes, files[0].is.bytes + files[1].is.bytes);
	teardown(&f);
}

/* One file that is not there, one that is no capture, one that is cut: the others are read. */
static void bad_files_do_not_end_it(void **state)
{
	static char missing[] = "/nonexistent/x.pcapng";
	struct fixture f = {0};
	struct said err;

	(void)state;
	add_file(&f, &(struct part){.uuid = 1, .first = 1, .count = 3, .close = true});
	add_file(&f, &(struct part){.uuid = 2, .first = 1, .count = 3, .cut = 9});
	f.files[2] = temp_file_text("no capture at all, but some text");
	f.names[2] = f.files[2].path;
	f.names[3] = missing;
	f.n = 4;
	err = said_begin(STDERR_FILENO);
	if (!create(&f))
		read_all(&f);
	said_end(&err);
	f.n = 3;
	assert_int_equal(f.hits, 5);
	assert_int_equal(err.lines, 2);
	assert_non_null(strstr(err.text, missing));
	assert_non_null(strstr(err.text, f.names[2]));
	assert_true(inputs_any(f.in) && inputs_failed(f.in) && inputs_damaged(f.in));
	err = said_begin(STDERR_FILENO);
	inputs_complain(f.in);
	said_end(&err);
	assert_int_equal(err.lines, 1);
	assert_non_null(strstr(err.text, f.names[1]));
	teardown(&f);
}

static void removed_is_not_lost(void **state)
{
	static const struct track_counts none;
	struct source_counts counts = {0};
	struct totals t = {.source = &counts, .track = &none};
	struct fixture f = {0};

	(void)state;
	add_file(&f, &(struct part){.uuid = 1, .first = 13, .count = 3});
	run(&f);
	t.captures = &f.captures;
	totals_collect(&t);
	assert_int_equal(t.removed, 12);
	assert_int_equal(t.lost, 0);
	assert_true(t.complete); /* the CLOSE note was removed with them */
	assert_true(totals_many_removed(&t));
	teardown(&f);

	f = (struct fixture){0};
	add_file(&f, &(struct part){.uuid = 1, .first = 1, .count = 3});
	run(&f);
	t = (struct totals){.source = &counts, .track = &none, .captures = &f.captures};
	totals_collect(&t);
	assert_false(t.complete); /* nothing tells why it is missing */
	assert_false(totals_many_removed(&t));
	teardown(&f);

	f = (struct fixture){0};
	add_file(&f, &(struct part){.uuid = 1, .first = 13, .count = 3, .lost = 4, .close = true});
	run(&f);
	t = (struct totals){.source = &counts, .track = &none, .captures = &f.captures};
	totals_collect(&t);
	assert_int_equal(t.lost, 4);
	assert_int_equal(t.removed, 8);
	assert_false(t.complete);
	teardown(&f);
}

static void out_of_memory(void **state)
{
	struct fixture f = {0};
	struct said err_out;
	int err = 0;

	(void)state;
	add_file(&f, &(struct part){.uuid = 1, .first = 1, .count = 3, .close = true});
	add_file(&f, &(struct part){.uuid = 2, .first = 1, .count = 3, .close = true});
	for (int n = 0;; n++) {
		bool failed;

		err_out = said_begin(STDERR_FILENO);
		alloc_fail_at(n);
		err = create(&f);
		if (!err)
			err = read_all(&f);
		failed = alloc_fail_end();
		said_end(&err_out);
		if (!failed)
			break;
		/* Names that could not be kept are missing, no more. */
		assert_true(err == -ENOMEM || (!err && f.hits == 6));
		close_all(&f);
	}
	assert_int_equal(err, 0);
	assert_int_equal(f.hits, 6);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_merged),
		cmocka_unit_test(captures_of_one_host_have_names),
		cmocka_unit_test(parts_are_joined),
		cmocka_unit_test(a_part_that_is_not_here_is_no_loss),
		cmocka_unit_test(pieces_and_duplicates),
		cmocka_unit_test(what_is_known_of_each_file),
		cmocka_unit_test(bad_files_do_not_end_it),
		cmocka_unit_test(removed_is_not_lost),
		cmocka_unit_test(out_of_memory),
	};

	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
