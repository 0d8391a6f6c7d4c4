/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_CAPTURE_ROW_H
#define TESTS_CAPTURE_ROW_H

/* For unit tests of a capture in several files: made-up hits, and each file taken apart by hand. */

#include "tests/support/capture_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#define MOST_FILES 16
#define SECOND	   1000000000ull

struct row {
	struct fixture t;
	char dir[64];
	char path[80];
	char *names[MOST_FILES]; /* as they were made */
	size_t files;
	uint64_t seq[4]; /* given so far */
};

static inline void begin(struct row *r)
{
	memset(r, 0, sizeof(*r));
	prepare(&r->t, symbols);
	assert_int_equal(output_close(r->t.output), 0);
	temp_file_destroy(&r->t.file);
	strcpy(r->dir, "/tmp/test_rotation.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/x.pcapng", r->dir);
	assert_int_equal(output_open_row(r->path, 0, &r->t.output), 0);
}

static inline void create(struct row *r)
{
	assert_int_equal(capture_create(&r->t.spec, r->t.output, &r->t.capture), 0);
	assert_int_equal(capture_begin(r->t.capture), 0);
}

static inline int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All is written; the names of the files in order. */
static inline void finish(struct row *r)
{
	DIR *d = opendir(r->dir);
	char name[400];

	capture_destroy(r->t.capture);
	assert_int_equal(output_close(r->t.output), 0);
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		assert_true(r->files < MOST_FILES);
		snprintf(name, sizeof(name), "%s/%s", r->dir, e->d_name);
		r->names[r->files++] = strdup(name);
	}
	closedir(d);
	qsort(r->names, r->files, sizeof(r->names[0]), by_name);
}

static inline void end(struct row *r)
{
	for (size_t i = 0; i < r->files; i++) {
		unlink(r->names[i]);
		free(r->names[i]);
	}
	rmdir(r->dir);
	kallsyms_destroy(r->t.kallsyms);
	reasons_destroy(r->t.reasons);
	btf__free(r->t.btf);
}

/* n hits of that CPU at that time, after so many that were lost. */
static inline void give(struct row *r, uint16_t cpu, unsigned int n, uint64_t when, uint32_t lost)
{
	while (n--) {
		struct pwru_event e = hit(0, cpu, ++r->seq[cpu], lost);

		e.ktime = when;
		deliver(&r->t, &e);
	}
}

/* What one file says. */
struct file {
	uint32_t number;
	bool has_part;
	char part[512];
	bool closed;
	char close[512];
	uint64_t first[4]; /* numbers of hits, by CPU; 0 none */
	uint64_t last[4];
	unsigned int hits;
	unsigned int names; /* notes of types 3 to 5 */
	unsigned int counters;
	size_t len;
	size_t head; /* bytes before the first EPB */
};

static inline void take_hit(struct file *f, const uint8_t *p)
{
	unsigned int cpu = raw_u16(p + 108);
	uint64_t seq = raw_u64(p + 64);

	assert_true(cpu < 4);
	assert_true(!f->last[cpu] || seq == f->last[cpu] + 1); /* no hole within a file */
	if (!f->first[cpu])
		f->first[cpu] = seq;
	f->last[cpu] = seq;
	f->hits++;
}

static inline void take_note(struct file *f, const uint8_t *p, size_t len)
{
	unsigned int type = raw_u16(p + 8);
	char *to = type == 7 ? f->part : f->close;

	if (type == 7) {
		assert_true(!f->hits && !f->names && !f->counters && !f->has_part);
		f->has_part = true;
	} else if (type == 2) {
		f->closed = true;
	} else {
		f->names += type >= 3 && type <= 5;
		f->counters += type == 1;
		return;
	}
	assert_true(len - 24 < 512);
	memcpy(to, p + 24, len - 24);
	to[len - 24] = 0;
}

static inline void take_block(struct file *f, const struct raw_block *b)
{
	size_t len = 0;
	const uint8_t *p;

	if (b->type == EPB) {
		assert_false(f->closed);
		p = raw_option(b, 2989, 0, &len);
		assert_true(p && len > 28 && p[4] == 'P' && p[5] == 'W');
		p += 4;
		if (p[3] == 4)
			take_hit(f, p);
		else
			take_note(f, p, len - 4);
	}
}

/* Reads a file, which must be closed and have statistics that are right. */
static inline struct file look(const struct row *r, size_t i)
{
	struct raw_capture c = raw_capture_read(r->names[i]);
	struct file f = {.len = c.len};
	unsigned int idbs = 0;
	const uint8_t *p;
	uint32_t metas;
	size_t len;

	assert_true(c.count > 9 && c.blocks[0].type == SHB);
	p = raw_payload(&c.blocks[0], 1, 0, &len);
	f.number = raw_u32(p + 24);
	free(raw_snapshot(&c, &metas)); /* complete in itself */
	assert_int_equal(metas, 1);
	for (size_t b = 0; b < c.count; b++) {
		idbs += c.blocks[b].type == IDB;
		if (c.blocks[b].type == EPB && !f.head)
			f.head = (size_t)(c.blocks[b].body - c.data) - 8;
		take_block(&f, &c.blocks[b]);
	}
	assert_int_equal(idbs, 4);
	assert_true(f.closed);
	assert_int_equal(f.has_part, f.number > 0);
	assert_int_equal(raw_u32(c.blocks[c.count - 4].body), 0); /* with totals */
	raw_expect_isb(&c.blocks[c.count - 3], 1, f.hits);
	raw_expect_isb(&c.blocks[c.count - 2], 2, 0);
	raw_expect_isb(&c.blocks[c.count - 1], 3, 0);
	raw_capture_destroy(&c);
	return f;
}

#define REST "lost_read=0\nlost_map=0\nlost_hold=0\nheld=0\nnull_arg=0\nerr_arg=0\nnot_skb=0\n"

static inline void expect_text(const char *got, const char *recorded, const char *lost,
			       const char *more)
{
	char want[512];

	snprintf(want, sizeof(want),
		 "recorded=%s\nlost_ring=%s\n" REST
		 "filtered=0\nrecursion=0\nnmissed=0\nstale=0\nevicted=0\nnested=counted\n%s",
		 recorded, lost, more);
	if (strcmp(got, want))
		fail_msg("%s is not %s", got, want);
}

static inline void expect_span(const struct file *f, unsigned int cpu, uint64_t first,
			       uint64_t last)
{
	if (f->first[cpu] != first || f->last[cpu] != last)
		fail_msg("cpu %u: %llu to %llu", cpu, (unsigned long long)f->first[cpu],
			 (unsigned long long)f->last[cpu]);
}

#endif
