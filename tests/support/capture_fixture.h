/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_CAPTURE_FIXTURE_H
#define TESTS_CAPTURE_FIXTURE_H

/* For unit tests of the capture: one of made-up functions and hits, through the real output. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "record/capture.h"
#include "record/kallsyms.h"
#include "record/reasons.h"
#include "tests/support/raw_capture.h"
#include "tests/support/temp_file.h"

#define REALTIME  1700000000000000000
#define MONOTONIC 5000000000

static const char symbols[] = "ffffffff81000000 T _text\n"
			      "ffffffff81000100 T ip_rcv\n"
			      "ffffffff81000200 T kfree_skb_reason\n"
			      "ffffffff81000300 T nf_hook_slow\n";

/* Interfaces: 0 meta, 1 ip_rcv, 2 kfree_skb_reason, 3 pwru-other. */
static struct target targets[] = {
	{.name = "ip_rcv", .module = "", .addr = 0xffffffff81000100, .status = TARGET_ATTACHED},
	{.name = "skipped", .module = "", .status = TARGET_SKIPPED, .why = "for a reason"},
	{.name = "kfree_skb_reason",
	 .module = "",
	 .addr = 0xffffffff81000200,
	 .skb_arg = 1,
	 .roles = FUNC_ROLE_REASON,
	 .status = TARGET_ATTACHED},
	{.name = "failed", .module = "veth", .status = TARGET_FAILED, .err = EBUSY},
};

static const uint8_t frame[34] = {2, [6] = 4, [12] = 8, 0, 0x45, 0, 0, 20, [22] = 64, 17};
struct fixture {
	struct btf *btf;
	struct reasons *reasons;
	struct kallsyms *kallsyms;
	struct target_set targets;
	struct snapshot_source source;
	struct capture_spec spec;
	struct temp_file file;
	struct output *output;
	struct capture *capture;
	struct capture_counters counters;
};

/* What the recorder's other parts have counted. */
static inline void count(void *ctx, struct capture_counters *n)
{
	*n = *(const struct capture_counters *)ctx;
}

static inline struct kallsyms *read_symbols(const char *text)
{
	struct temp_file f = temp_file_text(text);
	struct kallsyms *k;

	assert_int_equal(kallsyms_create(f.path, &k), 0);
	temp_file_destroy(&f);
	return k;
}

static inline void prepare(struct fixture *t, const char *text)
{
	memset(t, 0, sizeof(*t));
	t->btf = btf__new_empty();
	assert_true(btf__add_enum(t->btf, "skb_drop_reason", 4) > 0);
	btf__add_enum_value(t->btf, "SKB_NOT_DROPPED_YET", 0);
	btf__add_enum_value(t->btf, "SKB_DROP_REASON_NETFILTER_DROP", 8);
	assert_int_equal(reasons_create(t->btf, NULL, &t->reasons), 0);
	t->kallsyms = read_symbols(text);
	t->targets =
		(struct target_set){.all = targets, .count = sizeof(targets) / sizeof(targets[0])};
	t->source = (struct snapshot_source){.btf = t->btf,
					     .kallsyms = t->kallsyms,
					     .reasons = t->reasons,
					     .targets = &t->targets,
					     .command_line = "pwru-record\n-w x",
					     .filters = "proto=udp",
					     .backend = "kprobe-multi",
					     .buffer = "ring",
					     .clocks = {REALTIME, MONOTONIC, MONOTONIC + 1}};
	t->spec = (struct capture_spec){.snapshot = &t->source,
					.targets = &t->targets,
					.kallsyms = t->kallsyms,
					.how = FUNC_KPROBE_MULTI,
					.cpus = 4,
					.count = count,
					.ctx = &t->counters};
	t->file = temp_file_text("something else");
	assert_int_equal(output_open(t->file.path, &t->output), 0);
}

static inline void start(struct fixture *t)
{
	prepare(t, symbols);
	assert_int_equal(capture_create(&t->spec, t->output, &t->capture), 0);
	assert_true(output_bytes(t->output) == 0); /* privileges go first */
	assert_int_equal(capture_begin(t->capture), 0);
}

/* The file, closed. */
static inline struct raw_capture stop(struct fixture *t)
{
	struct raw_capture raw;

	capture_destroy(t->capture);
	assert_int_equal(output_close(t->output), 0);
	raw = raw_capture_read(t->file.path);
	temp_file_destroy(&t->file);
	kallsyms_destroy(t->kallsyms);
	reasons_destroy(t->reasons);
	btf__free(t->btf);
	return raw;
}

static inline struct pwru_event hit(uint32_t func, uint16_t cpu, uint64_t seq, uint32_t lost)
{
	return (struct pwru_event){.ktime = MONOTONIC + 1000 * seq,
				   .skb = 0xffff888000001000,
				   .packet = 7,
				   .seq = seq,
				   .func = func,
				   .flags = PWRU_EV_L2,
				   .lost = lost,
				   .netns = 5, /* of no name */
				   .pid = 12,
				   .len = 20,
				   .protocol = 0x0800,
				   .cpu = cpu,
				   .caplen = sizeof(frame),
				   .wire_len = 100,
				   .comm = "ping",
				   .ifname = "eth0"};
}

/* From the heap and of exactly its size, so that ASan sees a byte too far. */
static inline void deliver(struct fixture *t, const struct pwru_event *e)
{
	struct pwru_event *copy = malloc(sizeof(*e) + sizeof(frame));

	assert_non_null(copy);
	*copy = *e;
	memcpy(copy->data, frame, sizeof(frame));
	capture_hit(t->capture, copy, sizeof(*copy) + sizeof(frame));
	free(copy);
}

static inline void expect_note(const struct raw_block *b, unsigned int type, const char *body)
{
	size_t len = 0;
	const uint8_t *p = raw_payload(b, 5, 0, &len);

	assert_int_equal(b->type, EPB);
	assert_int_equal(raw_u32(b->body), 0);
	assert_int_equal(raw_u32(b->body + 12), 14);
	assert_memory_equal(b->body + 20, "\0\0\0\0\0\0\0\0\0\0\0\0\x88\xb5", 14);
	assert_non_null(p);
	assert_int_equal(raw_u16(p + 8), type);
	assert_int_equal(raw_u32(p + 12), len - 24);
	if (len - 24 != strlen(body) || memcmp(p + 24, body, len - 24))
		fail_msg("%.*s", (int)(len - 24), p + 24);
}

#endif
