// SPDX-License-Identifier: GPL-2.0-only
/*
 * EVENTs against bytes that were written down from FORMAT.md, not made by the encoder; then every
 * way to cut or bend them. The other kinds are test_payloads'.
 */
#include "common/event_codec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"

/* clang-format off */
static const uint8_t event_bytes[] = {
	/*   0 */ 'P', 'W', 1, 4,
	/*   4 */ 0xef, 0xbe, 0xad, 0xde,			/* tag */
	/*   8 */ 0x05, 0x2a, 0x00, 0x00,			/* flags */
	/*  12 */ 160, 0,					/* fixed part */
	/*  14 */ 0xdd, 0x86,					/* protocol */
	/*  16 */ 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,	/* function */
	/*  24 */ 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,	/* skb */
	/*  32 */ 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,	/* head */
	/*  40 */ 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f,	/* ktime */
	/*  48 */ 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,	/* caller */
	/*  56 */ 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f,	/* packet */
	/*  64 */ 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,	/* sequence */
	/*  72 */ 0x48, 0x49, 0x4a, 0x4b,			/* lost */
	/*  76 */ 0x4c, 0x4d, 0x4e, 0x4f,			/* reason */
	/*  80 */ 0x50, 0x51, 0x52, 0x53,			/* netns */
	/*  84 */ 0x54, 0x55, 0x56, 0x57,			/* ifindex */
	/*  88 */ 0x58, 0x59, 0x5a, 0x5b,			/* mark */
	/*  92 */ 0x5c, 0x5d, 0x5e, 0x5f,			/* pid */
	/*  96 */ 0x60, 0x61, 0x62, 0x63,			/* tid */
	/* 100 */ 0x64, 0x65, 0x66, 0x67,			/* len */
	/* 104 */ 0x68, 0x69, 0x6a, 0x6b,			/* mtu */
	/* 108 */ 0x6c, 0x6d,					/* cpu */
	/* 110 */ 0x6e, 0x6f,					/* vlan */
	/* 112 */ 0x70, 0x71, 0x72, 0x73,			/* data_len */
	/* 116 */ 0x74, 0x75, 0x76, 0x77,			/* hash */
	/* 120 */ 0x78, 0x79,					/* queue */
	/* 122 */ 0x7a, 0x7b,					/* mac header */
	/* 124 */ 0x7c, 0x7d,					/* network header */
	/* 126 */ 0x7e, 0x7f,					/* transport header */
	/* 128 */ 'c', 'u', 'r', 'l', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* 144 */ 'a', 'n', ' ', 'i', 'n', 't', 'e', 'r', 'f', 'a', 'c', 'e', '1', '2', '3', '4',
};
#define FIXED 160

static const uint8_t tuple_bytes[] = {
	1, 0, 40, 0,
	6, 17, 0x34, 0x12, 53, 0, 0, 0,
	0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
};
static const uint8_t stack_bytes[] = {
	2, 0, 16, 0,
	1, 0, 0, 0, 0, 0, 0, 0x80, 2, 0, 0, 0, 0, 0, 0, 0x80,
};
static const uint8_t skb_bytes[] = {3, 0, 5, 0, 's', 'k', 'b', 0xff, 0xfe, 0, 0, 0};
static const uint8_t cb_bytes[] = {
	4, 0, 48, 0,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
	24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
};
static const uint8_t parent_bytes[] = {
	5, 0, 10, 0,
	8, 7, 6, 5, 4, 3, 2, 1, 3, 1, 0, 0,
};
static const uint8_t lost_read_bytes[] = {6, 0, 4, 0, 4, 3, 2, 1};
/* clang-format on */

static struct event fixed_event(void)
{
	return (struct event){
		.tag = 0xdeadbeef,
		.flags = EVENT_END | EVENT_MATCHED | EVENT_VLAN | EVENT_TX | EVENT_RETURN,
		.addr = 0x1716151413121110,
		.skb = 0x1f1e1d1c1b1a1918,
		.head = 0x2726252423222120,
		.ktime = 0x2f2e2d2c2b2a2928,
		.caller = 0x3736353433323130,
		.packet = 0x3f3e3d3c3b3a3938,
		.seq = 0x4746454443424140,
		.lost = 0x4b4a4948,
		.reason = 0x4f4e4d4c,
		.netns = 0x53525150,
		.ifindex = 0x57565554,
		.mark = 0x5b5a5958,
		.pid = 0x5f5e5d5c,
		.tid = 0x63626160,
		.len = 0x67666564,
		.data_len = 0x73727170,
		.mtu = 0x6b6a6968,
		.hash = 0x77767574,
		.protocol = 0x86dd,
		.cpu = 0x6d6c,
		.vlan = 0x6f6e,
		.queue = 0x7978,
		.mac_header = 0x7b7a,
		.network_header = 0x7d7c,
		.transport_header = 0x7f7e,
		.comm = "curl",
		.ifname = "an interface1234",
	};
}

static struct event full_event(void)
{
	struct event e = fixed_event();

	e.sk_tuple = (struct event_tuple){
		.family = 6,
		.proto = 17,
		.has_ports = true,
		.sport = 0x1234,
		.dport = 53,
		.src = {0xfd, [15] = 1},
		.dst = {0xfd, [15] = 2},
	};
	e.stack = stack_bytes + 4;
	e.stack_len = 2;
	e.raw_skb = skb_bytes + 4;
	e.raw_skb_len = 5;
	e.cb = cb_bytes + 4;
	e.parent = 0x0102030405060708;
	e.parent_kind = 3;
	e.parent_inferred = true;
	e.lost_read = 0x01020304;
	return e;
}

/* The whole payload by hand; returns its length. */
static size_t full_bytes(uint8_t *to)
{
	uint8_t *at = to;

	at = (uint8_t *)memcpy(at, event_bytes, FIXED) + FIXED;
	at = (uint8_t *)memcpy(at, tuple_bytes, sizeof(tuple_bytes)) + sizeof(tuple_bytes);
	at = (uint8_t *)memcpy(at, stack_bytes, sizeof(stack_bytes)) + sizeof(stack_bytes);
	at = (uint8_t *)memcpy(at, skb_bytes, sizeof(skb_bytes)) + sizeof(skb_bytes);
	at = (uint8_t *)memcpy(at, cb_bytes, sizeof(cb_bytes)) + sizeof(cb_bytes);
	at = (uint8_t *)memcpy(at, parent_bytes, sizeof(parent_bytes)) + sizeof(parent_bytes);
	at = (uint8_t *)memcpy(at, lost_read_bytes, sizeof(lost_read_bytes)) +
	     sizeof(lost_read_bytes);
	return (size_t)(at - to);
}

/* Both are zeroed before they are filled, so that fields can be compared through their bytes. */
static void expect_event(const struct event *got, const struct event *want)
{
	struct event a = *got, b = *want;

	assert_int_equal(a.stack_len, b.stack_len);
	assert_int_equal(a.raw_skb_len, b.raw_skb_len);
	if (b.stack_len)
		assert_memory_equal(a.stack, b.stack, b.stack_len * 8);
	if (b.raw_skb_len)
		assert_memory_equal(a.raw_skb, b.raw_skb, b.raw_skb_len);
	assert_int_equal(!a.cb, !b.cb);
	if (b.cb)
		assert_memory_equal(a.cb, b.cb, 48);
	a.stack = a.raw_skb = a.cb = b.stack = b.raw_skb = b.cb = NULL;
	assert_int_equal(a.tag, b.tag);
	assert_int_equal(a.flags, b.flags);
	assert_memory_equal(&a.addr, &b.addr,
			    offsetof(struct event, comm) - offsetof(struct event, addr));
	assert_string_equal(a.comm, b.comm);
	assert_string_equal(a.ifname, b.ifname);
	assert_memory_equal(&a.sk_tuple, &b.sk_tuple, sizeof(a.sk_tuple));
	assert_true(a.parent == b.parent && a.parent_kind == b.parent_kind);
	assert_int_equal(a.parent_inferred, b.parent_inferred);
	assert_int_equal(a.lost_read, b.lost_read);
}

static void event_to_bytes(void **state)
{
	struct event e = fixed_event();
	uint8_t want[512];
	struct buf b = {};
	size_t len;

	(void)state;
	assert_int_equal(sizeof(event_bytes), FIXED);
	event_encode(&b, &e);
	assert_int_equal(b.len, FIXED);
	assert_memory_equal(b.data, event_bytes, FIXED);

	/* Padding is right wherever the payload starts. */
	e = full_event();
	len = full_bytes(want);
	for (size_t at = 0; at < 4; at++) {
		buf_reset(&b);
		buf_zero(&b, at);
		event_encode(&b, &e);
		assert_int_equal(b.len, at + len);
		assert_memory_equal(b.data + at, want, len);
	}
	buf_deinit(&b);
}

static void event_from_bytes(void **state)
{
	struct event e, want = fixed_event();
	uint8_t bytes[512];
	size_t len = full_bytes(bytes);

	(void)state;
	assert_int_equal(payload_kind(event_bytes, FIXED), PAYLOAD_EVENT);
	assert_int_equal(event_decode(event_bytes, FIXED, &e), 0);
	expect_event(&e, &want);
	want = full_event();
	assert_int_equal(event_decode(bytes, len, &e), 0);
	expect_event(&e, &want);
	/* Optional parts borrow. */
	assert_ptr_equal(e.stack, bytes + FIXED + sizeof(tuple_bytes) + 4);
}

/* From the heap, so that ASan sees a byte too far. */
static int decode_copy(const uint8_t *p, size_t len, struct event *e)
{
	uint8_t *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, p, len);
	err = event_decode(copy, len, e);
	free(copy);
	return err;
}

static void event_truncated_at_every_byte(void **state)
{
	struct event e, untouched;
	uint8_t bytes[512];
	size_t len = full_bytes(bytes);

	(void)state;
	memset(&e, 0x5a, sizeof(e));
	untouched = e;
	for (size_t n = 0, end = FIXED; n < len; n++) {
		/* Between two TLVs nothing is missing that the payload itself could tell. */
		if (n == end) {
			assert_int_equal(event_decode(bytes, n, &e), 0);
			memset(&e, 0x5a, sizeof(e));
			end += 4 + ((bytes[n + 2] + 3u) & ~3u);
			continue;
		}
		assert_int_equal(decode_copy(bytes, n, &e), -EBADMSG);
		assert_memory_equal(&e, &untouched, sizeof(e));
	}
}

static void event_damaged_at_every_byte(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	uint8_t bytes[512];
	size_t len = full_bytes(bytes);

	(void)state;
	for (size_t i = 0; i < len * sizeof(values); i++) {
		uint8_t was = bytes[i / sizeof(values)];
		struct event e;
		int err;

		bytes[i / sizeof(values)] = values[i % sizeof(values)];
		err = decode_copy(bytes, len, &e);
		assert_true(err == 0 || err == -EBADMSG);
		bytes[i / sizeof(values)] = was;
	}
}

static void event_of_a_later_version(void **state)
{
	uint8_t bytes[FIXED + 8 + 8 + sizeof(parent_bytes)] = {};
	struct event e, want = fixed_event();

	(void)state;
	/* A longer fixed part, and a TLV nobody knows yet. */
	memcpy(bytes, event_bytes, FIXED);
	bytes[12] = FIXED + 8;
	memset(bytes + FIXED, 0xee, 8);
	memcpy(bytes + FIXED + 8, "\x63\0\1\0x\0\0\0", 8);
	memcpy(bytes + FIXED + 16, parent_bytes, sizeof(parent_bytes));
	want.parent = 0x0102030405060708;
	want.parent_kind = 3;
	want.parent_inferred = true;
	assert_int_equal(event_decode(bytes, sizeof(bytes), &e), 0);
	expect_event(&e, &want);
	bytes[12] = FIXED - 1;
	assert_int_equal(event_decode(bytes, sizeof(bytes), &e), -EBADMSG);
	bytes[12] = bytes[13] = 0xff;
	assert_int_equal(event_decode(bytes, sizeof(bytes), &e), -EBADMSG);
	bytes[12] = FIXED + 8;
	bytes[13] = 0;
	bytes[2] = 2;
	assert_int_equal(payload_kind(bytes, sizeof(bytes)), 0);
	assert_int_equal(event_decode(bytes, sizeof(bytes), &e), -EBADMSG);
}

static int decode_tlv(const void *tlv, size_t len, struct event *e)
{
	uint8_t bytes[FIXED + 64];

	memcpy(bytes, event_bytes, FIXED);
	memcpy(bytes + FIXED, tlv, len);
	return event_decode(bytes, FIXED + len, e);
}

static void event_tlvs_that_cannot_be(void **state)
{
	uint8_t tlv[64] = {};
	struct event e;

	(void)state;
	assert_int_equal(decode_tlv("\2\0\x07\0"
				    "1234567",
				    12, &e),
			 -EBADMSG); /* half a frame */
	memcpy(tlv, tuple_bytes, sizeof(tuple_bytes));
	assert_int_equal(decode_tlv(tlv, sizeof(tuple_bytes), &e), 0);
	assert_int_equal(e.sk_tuple.family, 6);
	assert_true(e.sk_tuple.has_ports && !e.sk_tuple.has_ip_id);
	tlv[6] = tlv[7] = tlv[8] = tlv[9] = 0;
	assert_int_equal(decode_tlv(tlv, sizeof(tuple_bytes), &e), 0);
	assert_false(e.sk_tuple.has_ports);
	tlv[4] = 5; /* a family that is none */
	assert_int_equal(decode_tlv(tlv, sizeof(tuple_bytes), &e), 0);
	assert_int_equal(e.sk_tuple.family, 0);
	tlv[2] = 36;
	assert_int_equal(decode_tlv(tlv, 40, &e), -EBADMSG); /* a short tuple */
	memset(tlv, 0, sizeof(tlv));
	tlv[0] = 4;
	tlv[2] = 44;
	assert_int_equal(decode_tlv(tlv, 48, &e), -EBADMSG); /* a short cb */
	tlv[0] = 5;
	tlv[2] = 8;
	assert_int_equal(decode_tlv(tlv, 12, &e), -EBADMSG); /* a parent of no kind */
}

static void event_oversized(void **state)
{
	static uint8_t stack[65536];
	struct event e = fixed_event();
	struct buf b = {};

	(void)state;
	e.stack = stack;
	e.stack_len = 65528 / 8;
	event_encode(&b, &e);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, FIXED + 4 + 65528);
	buf_reset(&b);
	e.stack_len = 65536 / 8;
	event_encode(&b, &e);
	assert_int_equal(buf_error(&b), -ENOMEM);
	buf_reset(&b);
	e.stack_len = UINT32_MAX; /* times 8 is over 32 bits */
	event_encode(&b, &e);
	assert_int_equal(buf_error(&b), -ENOMEM);
	buf_deinit(&b);
}

static void out_of_memory(void **state)
{
	struct event e = full_event();
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct buf b = {};
		bool ended;

		alloc_fail_at(n);
		event_encode(&b, &e);
		ended = !alloc_fail_end();
		assert_int_equal(buf_error(&b), ended ? 0 : -ENOMEM);
		buf_deinit(&b);
		if (ended)
			break;
		failures++;
	}
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 2 : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_to_bytes),
		cmocka_unit_test(event_from_bytes),
		cmocka_unit_test(event_truncated_at_every_byte),
		cmocka_unit_test(event_damaged_at_every_byte),
		cmocka_unit_test(event_of_a_later_version),
		cmocka_unit_test(event_tlvs_that_cannot_be),
		cmocka_unit_test(event_oversized),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
