// SPDX-License-Identifier: GPL-2.0-only
/* Records as the BPF programs make them, and as they must not. */
#include "record/convert.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADDR 0xffffffff81000000

static const uint8_t ipv4[20] = {0x45, 0,	  0, 84, 0x12, 0x34, 0x40, 0, 64,
				 1,    [12] = 10, 0, 0,	 1,    10,   0,	   0, 2};
static const uint8_t ipv6[40] = {0x60, [6] = 58, 64, 0xfd, [23] = 1, 0xfd, [39] = 2};

/* From the heap and of exactly its size, so that ASan sees a byte too far. */
static int convert_copy(const struct pwru_event *raw, const void *data, size_t len, struct event *e,
			struct convert_frame *f)
{
	struct pwru_event *copy = malloc(sizeof(*copy) + len);
	int err;

	assert_non_null(copy);
	*copy = *raw;
	if (len)
		memcpy(copy->data, data, len);
	err = convert(copy, sizeof(*copy) + len, ADDR, 0, e, f);
	free(copy);
	return err;
}

static struct pwru_event raw_event(uint32_t flags, uint16_t protocol, uint16_t caplen)
{
	return (struct pwru_event){
		.flags = flags, .protocol = protocol, .caplen = caplen, .wire_len = 1500};
}

static void expect_frame(const struct convert_frame *f, const void *data, uint32_t caplen,
			 uint32_t origlen)
{
	assert_int_equal(f->caplen, caplen);
	assert_int_equal(f->origlen, origlen);
	assert_memory_equal(f->data, data, caplen);
}

/* Fourteen made-up bytes, of an ethertype. */
static void expect_synthesized(const struct convert_frame *f, uint16_t ethertype)
{
	static const uint8_t zero[12];

	assert_true(f->caplen >= 14);
	assert_memory_equal(f->data, zero, 12);
	assert_int_equal(f->data[12] << 8 | f->data[13], ethertype);
}

static void expect_no_l3(const struct event *e, const struct convert_frame *f, uint32_t flags)
{
	expect_synthesized(f, 0x88b5);
	assert_int_equal(f->caplen, 14);
	assert_int_equal(f->origlen, 14);
	assert_int_equal(e->flags, EVENT_SYNTH_L2 | EVENT_NO_L3 | flags);
}

static void every_field(void **state)
{
	struct pwru_event raw = {
		.ktime = 0x0102030405060708,
		.skb = 0xffff888000000001,
		.head = 0xffff888000000002,
		.caller = 0xffffffff81000003,
		.packet = 0x1112131415161718,
		.seq = 0x2122232425262728,
		.func = 7,
		.lost = 0x80000001,
		.lost_read = 0x7ffffff1,
		.reason = 0x80000002,
		.netns = 0xf0000003,
		.ifindex = 0x80000004,
		.mark = 0x80000005,
		.pid = 0x80000006,
		.tid = 0x80000007,
		.len = 0x80000008,
		.data_len = 0x80000009,
		.mtu = 0x8000000a,
		.hash = 0x8000000b,
		.protocol = 0x86dd,
		.cpu = 0x8001,
		.vlan = 0x8002,
		.queue = 0x8003,
		.mac_header = 0x8004,
		.network_header = 0x8005,
		.transport_header = 0x8006,
		.comm = "sixteen bytes!!!",
		.ifname = "sixteen bytes???",
	};
	struct convert_frame f;
	struct event e;

	(void)state;
	memset(&e, 0x5a, sizeof(e));
	assert_int_equal(convert_copy(&raw, NULL, 0, &e, &f), 0);
	assert_true(e.addr == ADDR && e.ktime == raw.ktime && e.skb == raw.skb);
	assert_true(e.head == raw.head && e.caller == raw.caller && e.packet == raw.packet);
	assert_true(e.seq == raw.seq && e.lost == raw.lost && e.lost_read == raw.lost_read);
	assert_true(e.reason == raw.reason);
	assert_true(e.netns == raw.netns && e.ifindex == raw.ifindex && e.mark == raw.mark);
	assert_true(e.pid == raw.pid && e.tid == raw.tid && e.len == raw.len);
	assert_true(e.data_len == raw.data_len && e.mtu == raw.mtu && e.hash == raw.hash);
	assert_int_equal(e.protocol, 0x86dd);
	assert_int_equal(e.cpu, 0x8001);
	assert_int_equal(e.vlan, 0x8002);
	assert_int_equal(e.queue, 0x8003);
	assert_int_equal(e.mac_header, 0x8004);
	assert_int_equal(e.network_header, 0x8005);
	assert_int_equal(e.transport_header, 0x8006);
	/* Not ended in the raw record. */
	assert_string_equal(e.comm, "sixteen bytes!!!");
	assert_string_equal(e.ifname, "sixteen bytes???");
	/* No optional part is left of what was there before. */
	assert_true(!e.stack && !e.stack_len && !e.raw_skb && !e.raw_skb_len && !e.cb);
	assert_true(!e.sk_tuple.family && !e.parent && !e.parent_kind && !e.parent_inferred);
}

static void l2(void **state)
{
	uint8_t packet[PWRU_DATA_LARGE];
	struct pwru_event raw = raw_event(PWRU_EV_L2, 0x0800, sizeof(packet));
	struct convert_frame f;
	struct event e;

	(void)state;
	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i + 1);
	assert_int_equal(convert_copy(&raw, packet, sizeof(packet), &e, &f), 0);
	expect_frame(&f, packet, sizeof(packet), 1500);
	assert_int_equal(e.flags, 0);
	/* The rings' records are of two sizes: what is behind caplen does not count. */
	raw.caplen = 14;
	assert_int_equal(convert_copy(&raw, packet, sizeof(packet), &e, &f), 0);
	expect_frame(&f, packet, 14, 1500);
}

static void l3(void **state)
{
	struct pwru_event raw = raw_event(0, 0x0800, sizeof(ipv4));
	uint8_t large[PWRU_DATA_LARGE] = {0x45};
	struct convert_frame f;
	struct event e;

	(void)state;
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	expect_synthesized(&f, 0x0800);
	assert_int_equal(f.caplen, 14 + sizeof(ipv4));
	assert_int_equal(f.origlen, 14 + 1500);
	assert_memory_equal(f.data + 14, ipv4, sizeof(ipv4));
	assert_int_equal(e.flags, EVENT_SYNTH_L2);

	raw = raw_event(0, 0x86dd, sizeof(ipv6));
	assert_int_equal(convert_copy(&raw, ipv6, sizeof(ipv6), &e, &f), 0);
	expect_synthesized(&f, 0x86dd);
	assert_memory_equal(f.data + 14, ipv6, sizeof(ipv6));
	assert_int_equal(e.flags, EVENT_SYNTH_L2);

	/* ARP begins with anything. */
	raw = raw_event(0, 0x0806, 8);
	assert_int_equal(convert_copy(&raw, "\0\1\x08\0\6\4\0\1", 8, &e, &f), 0);
	expect_synthesized(&f, 0x0806);
	assert_int_equal(f.caplen, 22);
	assert_int_equal(e.flags, EVENT_SYNTH_L2);

	raw = raw_event(0, 0x0800, sizeof(large));
	assert_int_equal(convert_copy(&raw, large, sizeof(large), &e, &f), 0);
	assert_int_equal(f.caplen, CONVERT_FRAME_MAX);
	assert_memory_equal(f.data + 14, large, sizeof(large));
}

/* On the way out the network header may point at bytes that are not written yet. */
static void protocol_and_version_differ(void **state)
{
	struct pwru_event raw = raw_event(0, 0x86dd, sizeof(ipv4));
	struct convert_frame f;
	struct event e;

	(void)state;
	/* The header's own version counts. */
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	assert_memory_equal(f.data + 12, "\x08\x00", 2);
	assert_int_equal(f.caplen, 14 + sizeof(ipv4));
	assert_int_equal(e.flags, EVENT_SYNTH_L2);
	raw = raw_event(0, 0x0800, sizeof(ipv6));
	assert_int_equal(convert_copy(&raw, ipv6, sizeof(ipv6), &e, &f), 0);
	assert_memory_equal(f.data + 12, "\x86\xdd", 2);
	assert_int_equal(e.flags, EVENT_SYNTH_L2);
	raw = raw_event(0, 0x0800, 1);
	assert_int_equal(convert_copy(&raw, "\0", 1, &e, &f), 0);
	expect_no_l3(&e, &f, 0);
	/* With the MAC header in front it is what it is. */
	raw = raw_event(PWRU_EV_L2, 0x0800, sizeof(ipv6));
	assert_int_equal(convert_copy(&raw, ipv6, sizeof(ipv6), &e, &f), 0);
	expect_frame(&f, ipv6, sizeof(ipv6), 1500);
	assert_int_equal(e.flags, 0);
}

static void nothing_to_show(void **state)
{
	struct pwru_event raw = raw_event(0, 0x0800, 0);
	struct convert_frame f;
	struct event e;

	(void)state;
	assert_int_equal(convert_copy(&raw, NULL, 0, &e, &f), 0);
	expect_no_l3(&e, &f, 0);
	raw.flags = PWRU_EV_UNREADABLE;
	assert_int_equal(convert_copy(&raw, NULL, 0, &e, &f), 0);
	expect_no_l3(&e, &f, EVENT_UNREADABLE);
	/* Bytes that look right are not believed either. */
	raw = raw_event(PWRU_EV_UNREADABLE, 0x0800, sizeof(ipv4));
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	expect_no_l3(&e, &f, EVENT_UNREADABLE);
}

static void tuple_of_the_socket(void **state)
{
	struct pwru_tuple t = {.family = 6,
			       .proto = 17,
			       .has_ports = 1,
			       .sport = 0x1234,
			       .dport = 53,
			       .src = {0xfd, [15] = 1},
			       .dst = {0xfd, [15] = 2}};
	struct pwru_event raw = raw_event(PWRU_EV_SK_TUPLE, 0, sizeof(t));
	struct convert_frame f;
	struct event e;

	(void)state;
	assert_int_equal(convert_copy(&raw, &t, sizeof(t), &e, &f), 0);
	expect_no_l3(&e, &f, 0);
	assert_int_equal(e.sk_tuple.family, 6);
	assert_int_equal(e.sk_tuple.proto, 17);
	assert_true(e.sk_tuple.has_ports);
	assert_int_equal(e.sk_tuple.sport, 0x1234);
	assert_int_equal(e.sk_tuple.dport, 53);
	assert_memory_equal(e.sk_tuple.src, t.src, 16);
	assert_memory_equal(e.sk_tuple.dst, t.dst, 16);
	/* The first byte of the tuple is no header, whatever the protocol. */
	raw.protocol = 0x0806;
	assert_int_equal(convert_copy(&raw, &t, sizeof(t), &e, &f), 0);
	expect_no_l3(&e, &f, 0);
	t.has_ports = 0;
	assert_int_equal(convert_copy(&raw, &t, sizeof(t), &e, &f), 0);
	assert_false(e.sk_tuple.has_ports);
}

static void origlen_is_never_below_caplen(void **state)
{
	struct pwru_event raw = raw_event(PWRU_EV_L2, 0x0800, sizeof(ipv4));
	struct convert_frame f;
	struct event e;

	(void)state;
	for (raw.wire_len = 0; raw.wire_len < 64; raw.wire_len++) {
		raw.flags = PWRU_EV_L2;
		assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
		assert_int_equal(f.origlen, raw.wire_len > 20 ? raw.wire_len : 20);
		raw.flags = 0;
		assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
		assert_int_equal(f.origlen, 14 + (raw.wire_len > 20 ? raw.wire_len : 20));
	}
	raw.wire_len = UINT32_MAX;
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	assert_true(f.origlen >= f.caplen);
}

static void edge(void **state)
{
	struct pwru_event raw = raw_event(PWRU_EV_L2, 0x0800, sizeof(ipv4));
	struct convert_frame f;
	struct event e;

	(void)state;
	/* Without the flag what stands there means nothing. */
	raw.parent = 0x1112131415161718;
	raw.flags |= 9 << PWRU_EV_EDGE_SHIFT;
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	assert_true(e.parent_kind == 0 && e.parent == 0 && !e.parent_inferred);
	raw.flags = PWRU_EV_L2 | PWRU_EV_EDGE | EDGE_REASSEMBLE << PWRU_EV_EDGE_SHIFT;
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	assert_int_equal(e.parent_kind, EDGE_REASSEMBLE);
	assert_true(e.parent == 0x1112131415161718);
	assert_false(e.parent_inferred);
	raw.flags |= PWRU_EV_GUESSED;
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	assert_true(e.parent_inferred);
}

static void flags_one_by_one(void **state)
{
	static const struct {
		uint32_t raw;
		uint32_t event;
	} all[] = {
		{PWRU_EV_END, EVENT_END},
		{PWRU_EV_BEGIN, EVENT_BEGIN},
		{PWRU_EV_MATCHED, EVENT_MATCHED},
		{PWRU_EV_REASON, EVENT_REASON},
		{PWRU_EV_NO_ID, EVENT_NO_ID},
		{PWRU_EV_VLAN, EVENT_VLAN},
		{PWRU_EV_LIFECYCLE, EVENT_LIFECYCLE},
		{PWRU_EV_RETURN, EVENT_RETURN | EVENT_LIFECYCLE},
	};
	struct pwru_event raw = raw_event(PWRU_EV_L2, 0x0800, sizeof(ipv4));
	struct convert_frame f;
	struct event e;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		raw.flags = PWRU_EV_L2 | all[i].raw;
		assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
		assert_int_equal(e.flags, all[i].event);
	}
	/* Bits that mean something in the file only are not passed through. */
	raw.flags = 0xffffffff & ~(PWRU_EV_SK_TUPLE | PWRU_EV_UNREADABLE);
	assert_int_equal(convert_copy(&raw, ipv4, sizeof(ipv4), &e, &f), 0);
	assert_int_equal(e.flags, EVENT_END | EVENT_BEGIN | EVENT_MATCHED | EVENT_REASON |
					  EVENT_NO_ID | EVENT_VLAN | EVENT_LIFECYCLE |
					  EVENT_RETURN);
	assert_int_equal(convert(&raw, sizeof(raw), ADDR, 1, &e, &f), -EBADMSG);
	raw = raw_event(PWRU_EV_END, 0, 0);
	assert_int_equal(convert(&raw, sizeof(raw), ADDR, 1, &e, &f), 0);
	assert_int_equal(e.flags, EVENT_END | EVENT_INFERRED | EVENT_SYNTH_L2 | EVENT_NO_L3);
}

/* Behind the large data area, in records that are large enough for it. */
static void stack_struct_and_control_block(void **state)
{
	size_t size = CONVERT_EXTRA_SIZE, at = sizeof(struct pwru_event) + PWRU_DATA_LARGE;
	struct pwru_event *raw = calloc(1, size);
	struct pwru_extra *x = (void *)((uint8_t *)raw + at);
	struct convert_frame f;
	struct event e;

	(void)state;
	assert_non_null(raw);
	assert_int_equal(convert(raw, size, ADDR, 0, &e, &f), 0);
	assert_true(!e.stack_len && !e.raw_skb && !e.raw_skb_len && !e.cb);
	x->stack_len = 16;
	x->skb_len = 232;
	x->cb_len = 48;
	assert_int_equal(convert(raw, size, ADDR, 0, &e, &f), 0);
	assert_ptr_equal(e.stack, x->stack);
	assert_int_equal(e.stack_len, 2);
	assert_ptr_equal(e.raw_skb, x->skb);
	assert_int_equal(e.raw_skb_len, 232);
	assert_ptr_equal(e.cb, x->cb);
	/* One byte less, and there is none of it. */
	assert_int_equal(convert(raw, size - 1, ADDR, 0, &e, &f), 0);
	assert_true(!e.stack_len && !e.raw_skb && !e.raw_skb_len && !e.cb);
	/* Lengths that cannot be. */
	x->stack_len = (uint32_t)-14;
	x->skb_len = PWRU_SKB_MAX + 1;
	assert_int_equal(convert(raw, size, ADDR, 0, &e, &f), 0);
	assert_true(!e.stack_len && !e.raw_skb && !e.raw_skb_len);
	free(raw);
}

static void inconsistent(void **state)
{
	struct pwru_event raw = raw_event(PWRU_EV_L2, 0x0800, 21);
	uint8_t data[PWRU_DATA_LARGE + 1] = {0x45};
	uint8_t *cut;
	struct convert_frame f;
	struct event e;

	(void)state;
	assert_int_equal(convert_copy(&raw, data, 20, &e, &f), -EBADMSG);
	assert_int_equal(convert_copy(&raw, data, 21, &e, &f), 0);
	raw.caplen = 65535;
	assert_int_equal(convert_copy(&raw, data, 21, &e, &f), -EBADMSG);
	raw.caplen = PWRU_DATA_LARGE + 1;
	assert_int_equal(convert_copy(&raw, data, sizeof(data), &e, &f), -EBADMSG);
	/* A socket's tuple of another size. */
	raw = raw_event(PWRU_EV_SK_TUPLE, 0, sizeof(struct pwru_tuple) - 1);
	assert_int_equal(convert_copy(&raw, data, sizeof(data), &e, &f), -EBADMSG);
	raw.caplen = sizeof(struct pwru_tuple) + 1;
	assert_int_equal(convert_copy(&raw, data, sizeof(data), &e, &f), -EBADMSG);
	/* A MAC header of no bytes would be a block that captured nothing. */
	raw = raw_event(PWRU_EV_L2, 0x0800, 0);
	assert_int_equal(convert_copy(&raw, data, 0, &e, &f), -EBADMSG);
	for (size_t n = 0; n < sizeof(raw); n++) {
		cut = malloc(n + 1);
		assert_non_null(cut);
		memset(cut, 0, n + 1);
		assert_int_equal(convert((void *)cut, n, ADDR, 0, &e, &f), -EBADMSG);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field),
		cmocka_unit_test(l2),
		cmocka_unit_test(l3),
		cmocka_unit_test(protocol_and_version_differ),
		cmocka_unit_test(nothing_to_show),
		cmocka_unit_test(tuple_of_the_socket),
		cmocka_unit_test(origlen_is_never_below_caplen),
		cmocka_unit_test(flags_one_by_one),
		cmocka_unit_test(edge),
		cmocka_unit_test(stack_struct_and_control_block),
		cmocka_unit_test(inconsistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
