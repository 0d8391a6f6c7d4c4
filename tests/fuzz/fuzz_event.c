// SPDX-License-Identifier: GPL-2.0-only
/*
 * The input is a payload of any kind. What can be decoded can be encoded, is then understood, and
 * encodes to the same bytes again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/event_codec.h"
#include "tests/fuzz/fuzz.h"

union any {
	struct event event;
	struct event_func func;
	struct event_note note;
	struct event_info info;
	struct event_meta meta;
};

#define KIND(name, type, member)                                               \
	static int decode_##name(const uint8_t *p, size_t len, union any *ret) \
	{                                                                      \
		return type##_decode(p, len, &ret->member);                    \
	}                                                                      \
	static void encode_##name(struct buf *out, const union any *a)         \
	{                                                                      \
		type##_encode(out, &a->member);                                \
	}
KIND(info, event_info, info)
KIND(meta, event_meta, meta)
KIND(func, event_func, func)
KIND(event, event, event)
KIND(note, event_note, note)
#undef KIND

static const struct {
	int kind;
	int (*decode)(const uint8_t *p, size_t len, union any *ret);
	void (*encode)(struct buf *out, const union any *a);
} kinds[] = {
	{PAYLOAD_INFO, decode_info, encode_info}, {PAYLOAD_META, decode_meta, encode_meta},
	{PAYLOAD_FUNC, decode_func, encode_func}, {PAYLOAD_EVENT, decode_event, encode_event},
	{PAYLOAD_NOTE, decode_note, encode_note},
};

/* Everything borrowed has to be there. */
static void touch_event(const struct event *e)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < (size_t)e->stack_len * 8; i++)
		sum += e->stack[i];
	for (size_t i = 0; i < e->raw_skb_len; i++)
		sum += e->raw_skb[i];
	for (size_t i = 0; e->cb && i < 48; i++)
		sum += e->cb[i];
	FUZZ_CHECK(sum + 1);
	FUZZ_CHECK(strlen(e->comm) <= EVENT_NAME_LEN && strlen(e->ifname) <= EVENT_NAME_LEN);
	FUZZ_CHECK(e->sk_tuple.family == 0 || e->sk_tuple.family == 4 || e->sk_tuple.family == 6);
}

static void round_trip(size_t k, const union any *first)
{
	struct buf once = {}, twice = {};
	union any again;
	uint8_t *copy;

	memset(&again, 0, sizeof(again));
	kinds[k].encode(&once, first);
	FUZZ_CHECK(!buf_error(&once));
	copy = fuzz_copy(once.data, once.len);
	FUZZ_CHECK(payload_kind(copy, once.len) == kinds[k].kind);
	FUZZ_CHECK(!kinds[k].decode(copy, once.len, &again));
	if (kinds[k].kind == PAYLOAD_EVENT)
		touch_event(&again.event);
	kinds[k].encode(&twice, &again);
	FUZZ_CHECK(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
	free(copy);
	buf_deinit(&once);
	buf_deinit(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = fuzz_copy(data, size);
	int kind = payload_kind(copy, size);
	union any a, untouched;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		int err;

		memset(&a, 0x5a, sizeof(a));
		untouched = a;
		err = kinds[k].decode(copy, size, &a);
		FUZZ_CHECK(err == 0 || err == -EBADMSG);
		FUZZ_CHECK(err || kind == kinds[k].kind);
		if (err) {
			FUZZ_CHECK(!memcmp(&a, &untouched, sizeof(a)));
			continue;
		}
		if (kind == PAYLOAD_EVENT)
			touch_event(&a.event);
		round_trip(k, &a);
		if (kind == PAYLOAD_FUNC)
			FUZZ_CHECK(func_how_name(a.func.how)[0]);
	}
	free(copy);
	return 0;
}
