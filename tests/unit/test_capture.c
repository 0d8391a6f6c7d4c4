// SPDX-License-Identifier: GPL-2.0-only
/* Made-up hits, written through the real output and taken apart again by hand, as FORMAT.md says.
 */
#include "tests/support/capture_fixture.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/said.h"

static void expect_types(const struct raw_capture *c, const uint32_t *types, size_t n)
{
	assert_int_equal(c->count, n);
	for (size_t i = 0; i < n; i++)
		if (c->blocks[i].type != types[i])
			fail_msg("block %zu is 0x%x", i, c->blocks[i].type);
}

static void expect_func(const struct raw_block *b, const char *name, const char *description,
			uint64_t addr, unsigned int arg, unsigned int roles, uint32_t flags)
{
	size_t len = 0, n = strlen(name);
	const uint8_t *p = raw_option(b, 9, 0, &len);

	assert_true(p && len == 1 && p[0] == 9); /* if_tsresol */
	assert_int_equal(raw_u16(b->body), 1);	 /* Ethernet */
	assert_int_equal(raw_u32(b->body + 4), 0);
	raw_expect_text(b, 2, name);
	raw_expect_text(b, 3, description);
	p = raw_payload(b, 3, 0, &len);
	assert_non_null(p);
	assert_true(raw_u64(p + 8) == addr);
	assert_int_equal(p[16], FUNC_KPROBE_MULTI);
	assert_int_equal(p[17], arg);
	assert_int_equal(raw_u16(p + 18), roles);
	assert_int_equal(raw_u32(p + 20), flags);
	assert_int_equal(raw_u16(p + 24), 1); /* the name, and no module */
	assert_int_equal(raw_u16(p + 26), n);
	assert_memory_equal(p + 28, name, n);
	assert_int_equal(len, 28 + ((n + 3) & ~(size_t)3));
}

static void head(void **state)
{
	static const uint32_t types[] = {SHB, IDB, IDB, IDB, IDB};
	struct raw_capture raw;
	struct fixture t;
	const uint8_t *p;
	struct stat st;
	uint32_t metas;
	size_t len;
	char *text;

	(void)state;
	start(&t);
	/* It is there before the first hit, and only the owner reads it. */
	assert_int_equal(stat(t.file.path, &st), 0);
	assert_true(st.st_size > 100 && (st.st_mode & 0777) == 0600);
	assert_true(output_bytes(t.output) == (uint64_t)st.st_size);
	raw = stop(&t);
	expect_types(&raw, types, 5);
	p = raw_payload(&raw.blocks[0], 1, 0, &len);
	assert_true(p && len == 32);
	assert_memory_equal(p + 4, p + 8, 4); /* the tag is the uuid's beginning */
	assert_int_equal(p[8 + 6] >> 4, 4);
	assert_int_equal(p[8 + 8] >> 6, 2);
	assert_non_null(raw_option(&raw.blocks[0], 4, 0, &len));
	expect_func(&raw.blocks[2], "ip_rcv", "kprobe-multi ip_rcv [vmlinux]", 0xffffffff81000100,
		    0, 0, 0);
	expect_func(&raw.blocks[3], "kfree_skb_reason", "kprobe-multi kfree_skb_reason [vmlinux]",
		    0xffffffff81000200, 1, FUNC_ROLE_REASON, 0);
	expect_func(&raw.blocks[4], "pwru-other", "kprobe-multi pwru-other [vmlinux]", 0, 0, 0, 0);

	text = raw_snapshot(&raw, &metas);
	assert_int_equal(metas, 1);
	/* HOST is the first record. A newline in the command line makes no line of its own. */
	assert_int_equal(raw_u32((uint8_t *)text), 1);
	assert_non_null(strstr(text + 8, "\ncommand=pwru-record -w x\nfilters=proto=udp\n"
					 "backend=kprobe-multi\nbuffer=ring\n"
					 "realtime=1700000000000000000\nmonotonic=5000000000\n"
					 "boottime=5000000001\n"));
	free(text);
	raw_capture_destroy(&raw);
}

static void expect_epb(const struct raw_block *b, uint32_t interface, uint64_t seq,
		       uint64_t dropped, const char *comment)
{
	uint64_t ns = (uint64_t)raw_u32(b->body + 4) << 32 | raw_u32(b->body + 8);
	const uint8_t *p;
	size_t len;

	assert_int_equal(b->type, EPB);
	assert_int_equal(raw_u32(b->body), interface);
	assert_true(ns == REALTIME + 1000 * seq);
	assert_int_equal(raw_u32(b->body + 12), sizeof(frame));
	assert_int_equal(raw_u32(b->body + 16), 100);
	assert_memory_equal(b->body + 20, frame, sizeof(frame));
	raw_expect_text(b, 1, comment);
	p = raw_option(b, 5, 0, &len);
	assert_true(p && len == 8 && raw_u64(p) == 7); /* epb_packetid */
	p = raw_option(b, 4, 0, &len);
	assert_int_equal(!p, !dropped);
	if (p)
		assert_true(len == 8 && raw_u64(p) == dropped);
	p = raw_payload(b, 4, 0, &len);
	assert_true(p && len == 160);
	assert_true(raw_u64(p + 64) == seq);
	assert_true(raw_u64(p + 56) == 7);
}

#define COUNTERS(recorded)                                                                     \
	"recorded=" #recorded                                                                  \
	"\nlost_ring=5\nlost_read=0\nlost_map=0\nlost_hold=0\nheld=0\nnull_arg=0\nerr_arg=0\n" \
	"not_skb=0\nfiltered=3\nrecursion=2\nnmissed=4\nstale=0\nevicted=0\nnested=counted\n"  \
	"lost_cpu1=5 0\n"

static void whole_recording(void **state)
{
	static const uint32_t types[] = {SHB, IDB, IDB, IDB, IDB, EPB, EPB, EPB, EPB,
					 EPB, EPB, EPB, EPB, ISB, ISB, ISB, ISB};
	const struct counters_cpu cpu[2] = {[1] = {.lost_ring = 5}};
	struct raw_capture raw;
	struct pwru_event e;
	struct fixture t;

	(void)state;
	start(&t);
	capture_second(t.capture, MONOTONIC); /* nothing to tell */
	e = hit(0, 0, 1, 0);
	e.flags |= PWRU_EV_BEGIN;
	deliver(&t, &e);
	e = hit(0, 1, 4, 3); /* the first of its CPU: three before it are lost */
	deliver(&t, &e);
	t.counters = (struct capture_counters){
		.lost_ring = 5, .filtered = 3, .recursion = 2, .nmissed = 4, .cpu = cpu, .cpus = 2};
	capture_second(t.capture, MONOTONIC);
	capture_second(t.capture, MONOTONIC); /* nothing new */
	e = hit(0, 1, 5, 3);
	deliver(&t, &e);
	e = hit(2, 0, 2, 0);
	e.flags |= PWRU_EV_REASON | PWRU_EV_END;
	e.reason = 8;
	e.caller = 0xffffffff8100039f;
	deliver(&t, &e);
	e = hit(0, 1, 8, 5);
	deliver(&t, &e);
	e = hit(0, 1, 7, 4); /* counted before that one, and comes later */
	deliver(&t, &e);
	assert_int_equal(capture_flush(t.capture, true), 0);
	assert_true(capture_recorded(t.capture) == 6 && capture_packets(t.capture) == 1);
	assert_false(capture_full(t.capture));
	assert_int_equal(capture_end(t.capture, "SIGINT", MONOTONIC), 0);
	raw = stop(&t);
	expect_types(&raw, types, sizeof(types) / sizeof(types[0]));
#define IP_RCV(cpu) "func=ip_rcv packet=7 if=eth0 netns=5 cpu=" #cpu " proc=ping:12 len=20 mark=0"
	expect_epb(&raw.blocks[5], 1, 1, 0, IP_RCV(0));
	expect_epb(&raw.blocks[6], 1, 4, 3, IP_RCV(1));
	raw_expect_note(&raw.blocks[7], 1, COUNTERS(2));
	expect_epb(&raw.blocks[8], 1, 5, 0, IP_RCV(1));
	expect_epb(&raw.blocks[9], 2, 2, 0,
		   "func=kfree_skb_reason packet=7 if=eth0 netns=5 cpu=0 proc=ping:12 len=20 "
		   "mark=0 reason=NETFILTER_DROP by=nf_hook_slow+0x9f");
	expect_epb(&raw.blocks[10], 1, 8, 2, IP_RCV(1));
	expect_epb(&raw.blocks[11], 1, 7, 0, IP_RCV(1));
	raw_expect_note(&raw.blocks[12], 2, COUNTERS(6) "end=SIGINT\n");
	/* Of all: 6 recorded, 5 lost; 6 skipped by the kernel. */
	raw_expect_isb(&raw.blocks[13], 0, 11);
	raw_expect_u64(&raw.blocks[13], 5, 5);
	raw_expect_u64(&raw.blocks[13], 6, 11);
	raw_expect_u64(&raw.blocks[13], 7, 6);
	raw_expect_isb(&raw.blocks[14], 1, 5);
	raw_expect_isb(&raw.blocks[15], 2, 1);
	raw_expect_isb(&raw.blocks[16], 3, 0);
	raw_capture_destroy(&raw);
}

static void no_more_than_max_events(void **state)
{
	struct raw_capture raw;
	struct fixture t;

	(void)state;
	prepare(&t, symbols);
	t.spec.max_events = 2;
	t.spec.comment = COMMENT_SHORT;
	assert_int_equal(capture_create(&t.spec, t.output, &t.capture), 0);
	assert_int_equal(capture_begin(t.capture), 0);
	for (unsigned int i = 1; i <= 4; i++) {
		struct pwru_event e = hit(0, 0, i, 0);

		assert_int_equal(capture_full(t.capture), i > 2);
		deliver(&t, &e);
	}
	assert_true(capture_recorded(t.capture) == 2);
	assert_int_equal(capture_end(t.capture, "max-events", MONOTONIC), 0);
	raw = stop(&t);
	assert_int_equal(raw.count, 5 + 2 + 1 + 4);
	expect_epb(&raw.blocks[6], 1, 2, 0, "ip_rcv #7");
	assert_int_equal(raw.blocks[8].type, ISB);
	raw_capture_destroy(&raw);
}

/* Tracepoints have no address: their number in the table, from 1, stands for it. No comments. */
static void ordinals(void **state)
{
	struct target one = {.name = "kfree_skb", .module = "", .status = TARGET_ATTACHED};
	struct pwru_event e = hit(0, 0, 1, 0);
	struct raw_capture raw;
	struct fixture t;
	const uint8_t *p;
	size_t len;

	(void)state;
	prepare(&t, symbols);
	t.targets = (struct target_set){.all = &one, .count = 1};
	t.spec.comment = COMMENT_NONE;
	t.spec.inferred = true;
	assert_int_equal(capture_create(&t.spec, t.output, &t.capture), 0);
	assert_int_equal(capture_begin(t.capture), 0);
	deliver(&t, &e);
	assert_int_equal(capture_flush(t.capture, true), 0);
	raw = stop(&t);
	assert_int_equal(raw.count, 5);
	expect_func(&raw.blocks[2], "kfree_skb", "kprobe-multi kfree_skb [vmlinux]", 1, 0, 0, 1);
	raw_expect_none(&raw.blocks[4], 1);
	p = raw_payload(&raw.blocks[4], 4, 0, &len);
	assert_true(p && raw_u64(p + 16) == 1);
	assert_int_equal(raw_u32(p + 8), EVENT_INFERRED);
	raw_capture_destroy(&raw);
}

/* Symbols that do not compress: more pieces than one meta interface takes. */
static void more_than_one_meta(void **state)
{
	enum { SYMBOLS = 60000 };
	char *text = malloc(SYMBOLS * 48), *at = text;
	struct pwru_event e = hit(2, 0, 1, 0);
	uint64_t random = 88172645463325252;
	struct raw_capture raw;
	struct fixture t;
	uint32_t metas;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < SYMBOLS; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		at += sprintf(at, "ffffffff%08x t %016llx\n", i * 16, (unsigned long long)random);
	}
	prepare(&t, text);
	free(text);
	assert_int_equal(capture_create(&t.spec, t.output, &t.capture), 0);
	assert_int_equal(capture_begin(t.capture), 0);
	deliver(&t, &e);
	assert_int_equal(capture_flush(t.capture, true), 0);
	raw = stop(&t);
	free(raw_snapshot(&raw, &metas));
	assert_true(metas >= 2);
	assert_int_equal(raw.count, 1 + metas + 3 + 1);
	raw_expect_text(&raw.blocks[1 + metas], 2, "ip_rcv");
	assert_int_equal(raw_u32(raw.blocks[raw.count - 1].body), metas + 1);
	raw_capture_destroy(&raw);
}

static void records_that_make_no_sense(void **state)
{

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct pwru_event good = hit(0, 0, 1, 0), bad = hit(0, 0, 2, 0);
		struct raw_capture raw;
		struct fixture t;
		struct said err;
		void *tiny = calloc(1, 8);

		bad.func = i == 0 ? 4 : 0;
		bad.cpu = i == 1 ? 4 : 0;
		bad.caplen += i == 2;
		start(&t);
		deliver(&t, &good);
		err = said_begin(STDERR_FILENO);
		if (i == 3)
			capture_hit(t.capture, tiny, 8);
		else
			deliver(&t, &bad);
		deliver(&t, &bad);
		said_end(&err);
		free(tiny);
		assert_int_equal(err.lines, 1);
		assert_int_equal(capture_flush(t.capture, true), -EBADMSG);
		assert_int_equal(capture_end(t.capture, "error", MONOTONIC), -EBADMSG);
		raw = stop(&t); /* whole blocks, asserted there */
		assert_true(raw.count >= 5);
		raw_capture_destroy(&raw);
	}
}

static void out_of_memory(void **state)
{
	struct pwru_event e = hit(0, 0, 1, 0);
	bool ended;
	int failures = 0;

	(void)state;
	for (int nth = 0;; nth++) {
		struct raw_capture raw;
		struct fixture t;
		int err;

		prepare(&t, symbols);
		truncate(t.file.path, 0);
		alloc_fail_at(nth);
		err = capture_create(&t.spec, t.output, &t.capture);
		if (!err)
			err = capture_begin(t.capture);
		if (!err) {
			e.caplen = 0;
			e.flags = 0;
			capture_hit(t.capture, &e, sizeof(e));
			err = capture_end(t.capture, "done", MONOTONIC);
		}
		ended = !alloc_fail_end();
		raw = stop(&t);
		assert_true(err == -ENOMEM || err == 0);
		if (!t.capture)
			assert_int_equal(raw.len, 0);
		if (!err)
			assert_int_equal(raw.blocks[raw.count - 1].type, ISB);
		raw_capture_destroy(&raw);
		failures += err != 0;
		if (ended)
			break;
	}
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 10 : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head),
		cmocka_unit_test(whole_recording),
		cmocka_unit_test(no_more_than_max_events),
		cmocka_unit_test(ordinals),
		cmocka_unit_test(more_than_one_meta),
		cmocka_unit_test(records_that_make_no_sense),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
