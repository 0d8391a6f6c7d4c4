// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/read/source.h"
#include "tests/support/capture_builder.h"

#define IP_RCV	 0xffffffff81001000
#define KFREE	 0xffffffff81002000
#define UNLISTED 0xffffffff81003000

struct fixture {
	struct builder b;
	struct captures captures;
	struct hit_pool *pool;
	struct source *s;
	int fd;
	size_t hits;
	char funcs[64][32];
};

static void setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	builder_init(&f->b, 0x11);
	builder_shb(&f->b, 0);
	builder_text_record(&f->b, 1, "release=6.1\nhostname=box\n");
	builder_text_record(&f->b, 5, "2 SKB_DROP_REASON_NOT_SPECIFIED\n3 NO_SOCKET\nrubbish\n");
	builder_text_record(&f->b, 7, "4026531840 root\n");
	builder_text_record(&f->b, 6, "4026531840 2 eth0\n");
	builder_meta(&f->b);
	builder_func(&f->b, IP_RCV, "ip_rcv", "", 0);
	builder_func(&f->b, KFREE, "kfree_skb", "", FUNC_ROLE_DROP);
	builder_other(&f->b);
	assert_int_equal(hit_pool_create(&f->pool), 0);
	assert_int_equal(source_create(&f->captures, f->pool, NULL, &f->s), 0);
}

static void teardown(struct fixture *f)
{
	source_destroy(f->s);
	hit_pool_destroy(f->pool);
	captures_deinit(&f->captures);
	builder_deinit(&f->b);
}

static void hit(struct fixture *f, uint64_t func, uint32_t interface)
{
	struct builder_hit h = {
		.func = func, .packet = 1, .ktime = 1000 + f->b.recorded, .interface = interface};

	builder_hit(&f->b, &h);
}

/* Reads the first len bytes built; what source_next() ended with. */
static int read_all(struct fixture *f, size_t len)
{
	struct hit *h;
	int got;

	f->fd = memfd_create("capture", 0);
	f->hits = 0;
	assert_true(f->fd >= 0);
	assert_int_equal(write(f->fd, f->b.data, len), (ssize_t)len);
	lseek(f->fd, 0, SEEK_SET);
	assert_int_equal(source_open(f->s, f->fd, "test"), 0);
	while ((got = source_next(f->s, &h)) == 1) {
		assert_true(f->hits < 64);
		snprintf(f->funcs[f->hits++], 32, "%s", h->func->name);
		hit_free(f->pool, h);
	}
	close(f->fd);
	return got;
}

static void reads_hits_notes_and_names(void **state)
{
	struct fixture f;
	struct capture *c;
	char value[32];

	(void)state;
	setup(&f);
	hit(&f, IP_RCV, 0);
	hit(&f, KFREE, 0);
	builder_note(&f.b, NOTE_NETNS, 5, "inode=4026532000\nname=late\n");
	builder_note(&f.b, NOTE_INTERFACE, 5, "netns=4026532000\nifindex=7\nname=veth7\n");
	builder_note(&f.b, 99, 5, "unknown=1\n");
	builder_close(&f.b, 9000, "lost_ring=4\nend=interrupted\n");
	assert_int_equal(read_all(&f, f.b.len), 0);
	assert_int_equal(f.hits, 2);
	assert_string_equal(f.funcs[0], "ip_rcv");
	assert_string_equal(f.funcs[1], "kfree_skb");
	assert_int_equal(f.captures.count, 1);
	c = f.captures.all[0];
	assert_int_equal(c->tag, 0x11111111);
	assert_true(capture_closed(c));
	assert_string_equal(c->end, "interrupted");
	assert_int_equal(c->counters[COUNTER_RECORDED], 2);
	assert_int_equal(c->counters[COUNTER_LOST_RING], 4);
	assert_string_equal(capture_host(c, "hostname", value, sizeof(value)), "box");
	assert_string_equal(capture_reason(c, 2), "NOT_SPECIFIED");
	assert_string_equal(capture_reason(c, 3), "NO_SOCKET");
	assert_null(capture_reason(c, 4));
	assert_string_equal(capture_netns(c, 4026531840), "root");
	assert_string_equal(capture_netns(c, 4026532000), "late");
	assert_string_equal(capture_iface(c, 4026531840, 2), "eth0");
	assert_string_equal(capture_iface(c, 4026532000, 7), "veth7");
	assert_int_equal(c->first, 1767225600000000000 + 1000);
	assert_int_equal(source_counts(f.s)->repaired, 0);
	teardown(&f);
}

/* A tool mixed interfaces up: the address is right. */
static void repairs_interfaces(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	hit(&f, IP_RCV, 2); /* KFREE's */
	hit(&f, KFREE, 2);
	hit(&f, UNLISTED, 0); /* goes to pwru-other: right, but of no known name */
	assert_int_equal(read_all(&f, f.b.len), 0);
	assert_int_equal(f.hits, 3);
	assert_string_equal(f.funcs[0], "ip_rcv");
	assert_int_equal(source_counts(f.s)->repaired, 1);
	teardown(&f);
}

static void unlisted_functions(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	hit(&f, UNLISTED, 0);
	assert_int_equal(read_all(&f, f.b.len), 0);
	assert_string_equal(f.funcs[0], "0xffffffff81003000");
	assert_int_equal(source_counts(f.s)->unknown, 1);
	assert_int_equal(source_counts(f.s)->repaired, 0);
	teardown(&f);
}

static void any_pen_and_foreign_packets(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	f.b.pen = 12345;
	hit(&f, IP_RCV, 0);
	builder_foreign(&f.b, 10);
	assert_int_equal(read_all(&f, f.b.len), 0);
	assert_int_equal(f.hits, 1);
	assert_int_equal(source_counts(f.s)->foreign, 1);
	teardown(&f);
}

/* Wherever the file is cut, all before is delivered, and it is known to be cut. */
static void cut_anywhere(void **state)
{
	struct fixture f;
	size_t before, block;

	(void)state;
	setup(&f);
	hit(&f, IP_RCV, 0);
	before = f.b.len;
	hit(&f, KFREE, 0);
	block = f.b.len;
	teardown(&f);
	for (size_t len = before; len <= block; len++) {
		setup(&f);
		hit(&f, IP_RCV, 0);
		hit(&f, KFREE, 0);
		assert_int_equal(read_all(&f, len), len == before || len == block ? 0 : -EBADMSG);
		assert_int_equal(f.hits, len == block ? 2 : 1);
		if (len != before && len != block)
			assert_non_null(strstr(source_error(f.s), "offset"));
		teardown(&f);
	}
}

static void not_ours(void **state)
{
	struct fixture f;
	static const char text[] = "no pcapng at all, but long enough to look";

	(void)state;
	setup(&f);
	memcpy(f.b.data, text, sizeof(text));
	assert_int_equal(read_all(&f, sizeof(text)), -EBADMSG);
	assert_true(source_not_pcapng(f.s));
	assert_false(source_has_pwru(f.s));
	teardown(&f);
}

/* Any byte of the file changed: no crash, no endless loop. */
static void any_byte_changed(void **state)
{
	struct fixture f;
	size_t len;

	(void)state;
	setup(&f);
	hit(&f, IP_RCV, 0);
	builder_close(&f.b, 9000, "end=x\n");
	len = f.b.len;
	teardown(&f);
	for (size_t i = 0; i < len; i++) {
		setup(&f);
		hit(&f, IP_RCV, 0);
		builder_close(&f.b, 9000, "end=x\n");
		f.b.data[i] ^= 0xff;
		assert_true(read_all(&f, f.b.len) <= 0);
		teardown(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_hits_notes_and_names),
		cmocka_unit_test(repairs_interfaces),
		cmocka_unit_test(unlisted_functions),
		cmocka_unit_test(any_pen_and_foreign_packets),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(not_ours),
		cmocka_unit_test(any_byte_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
