// SPDX-License-Identifier: GPL-2.0-only
/*
 * FORMAT.md in code, and nothing else: who wants to know what a byte means reads there.
 *
 * The encoder of EVENT runs for every hit, so its fixed part is one piece of memory filled at fixed
 * offsets. Decoders read in order through the cursor, and ask once at the end. They build the
 * result aside, so that a payload that turns out to be cut half way does not leave half an event.
 *
 * TLV padding is worked out from the TLV's own length, not from the buf's: it has to be right
 * wherever the payload begins.
 */
#include "common/event_codec.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "common/cursor.h"
#include "common/snapshot_codec.h"

#define HEADER_LEN	 8 /* magic, version, kind, tag */
#define EVENT_FIXED_LEN	 160
#define CB_LEN		 48
#define TUPLE_LEN	 40
#define FRAME_LEN	 8
#define PARENT_VALUE_LEN 10

enum event_tlv { TLV_TUPLE = 1, TLV_STACK, TLV_SKB, TLV_CB, TLV_PARENT, TLV_LOST_READ };
enum func_tlv { TLV_NAME = 1, TLV_MODULE };

struct tlv {
	uint16_t type;
	uint16_t len;
	const uint8_t *value;
};

const char *func_how_name(uint8_t how)
{
	static const char *const names[] = {
		[FUNC_KPROBE_MULTI] = "kprobe-multi",
		[FUNC_KPROBE] = "kprobe",
		[FUNC_RAW_TP] = "raw_tp",
		[FUNC_TP_BTF] = "tp_btf",
	};

	return how && how < sizeof(names) / sizeof(names[0]) ? names[how] : "?";
}

uint32_t event_tag(const uint8_t uuid[16])
{
	uint32_t tag;

	memcpy(&tag, uuid, sizeof(tag));
	return le32toh(tag);
}

/* ---- what all kinds share ---- */

#define PUT(bits)                                           \
	static void put##bits(uint8_t *p, uint##bits##_t v) \
	{                                                   \
		v = htole##bits(v);                         \
		memcpy(p, &v, sizeof(v));                   \
	}

PUT(16)
PUT(32)
PUT(64)
#undef PUT

static void put_header(uint8_t *p, enum payload_kind kind, uint32_t tag)
{
	p[0] = 'P';
	p[1] = 'W';
	p[2] = PAYLOAD_VERSION;
	p[3] = (uint8_t)kind;
	put32(p + 4, tag);
}

static void header_append(struct buf *out, enum payload_kind kind, uint32_t tag)
{
	uint8_t *to = buf_extend(out, HEADER_LEN);

	if (to)
		put_header(to, kind, tag);
}

int payload_kind(const uint8_t *p, size_t len)
{
	struct cursor c = cursor_of(p, len);
	const uint8_t *head = cursor_bytes(&c, HEADER_LEN);

	if (!head || head[0] != 'P' || head[1] != 'W' || head[2] != PAYLOAD_VERSION)
		return 0;
	return head[3] >= PAYLOAD_INFO && head[3] <= PAYLOAD_NOTE ? head[3] : 0;
}

/* Sets *c behind the header; false when the payload is not of that kind. */
static bool header_take(struct cursor *c, enum payload_kind kind, uint32_t *tag)
{
	if (payload_kind(c->p, cursor_left(c)) != (int)kind)
		return false;
	cursor_bytes(c, 4);
	*tag = cursor_le32(c);
	return true;
}

/* The value of a TLV, to be filled by the caller; NULL without memory or when it cannot be told. */
static uint8_t *tlv_extend(struct buf *out, uint16_t type, size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;
	uint8_t *to;

	if (len > UINT16_MAX) {
		out->failed = true;
		return NULL;
	}
	to = buf_extend(out, 4 + padded);
	if (!to)
		return NULL;
	put16(to, type);
	put16(to + 2, (uint16_t)len);
	memset(to + 4 + len, 0, padded - len);
	return to + 4;
}

static void tlv_append(struct buf *out, uint16_t type, const void *value, size_t len)
{
	uint8_t *to = tlv_extend(out, type, len);

	if (to && len)
		memcpy(to, value, len);
}

/* 1 a TLV, 0 the end, -EBADMSG. */
static int tlv_next(struct cursor *c, struct tlv *t)
{
	if (!cursor_left(c))
		return 0;
	t->type = cursor_le16(c);
	t->len = cursor_le16(c);
	t->value = cursor_bytes(c, t->len);
	cursor_bytes(c, -t->len & 3u);
	return c->bad ? -EBADMSG : 1;
}

/* ---- EVENT ---- */

static void tuple_append(struct buf *out, const struct event_tuple *t)
{
	uint8_t *to = tlv_extend(out, TLV_TUPLE, TUPLE_LEN);

	if (!to)
		return;
	to[0] = t->family;
	to[1] = t->proto;
	put16(to + 2, t->has_ports ? t->sport : 0);
	put16(to + 4, t->has_ports ? t->dport : 0);
	put16(to + 6, 0);
	memcpy(to + 8, t->src, sizeof(t->src));
	memcpy(to + 24, t->dst, sizeof(t->dst));
}

static void parent_append(struct buf *out, const struct event *e)
{
	uint8_t *to = tlv_extend(out, TLV_PARENT, PARENT_VALUE_LEN);

	if (!to)
		return;
	put64(to, e->parent);
	to[8] = e->parent_kind;
	to[9] = e->parent_inferred;
}

static void event_tlvs_append(struct buf *out, const struct event *e)
{
	if (e->sk_tuple.family)
		tuple_append(out, &e->sk_tuple);
	if (e->stack_len)
		tlv_append(out, TLV_STACK, e->stack, (size_t)e->stack_len * FRAME_LEN);
	if (e->raw_skb_len)
		tlv_append(out, TLV_SKB, e->raw_skb, e->raw_skb_len);
	if (e->cb)
		tlv_append(out, TLV_CB, e->cb, CB_LEN);
	if (e->parent_kind)
		parent_append(out, e);
	if (e->lost_read)
		tlv_append(out, TLV_LOST_READ, &(uint32_t){htole32(e->lost_read)}, 4);
}

static void put_skb_fields(uint8_t *p, const struct event *e)
{
	put32(p + 80, e->netns);
	put32(p + 84, e->ifindex);
	put32(p + 88, e->mark);
	put32(p + 100, e->len);
	put32(p + 104, e->mtu);
	put16(p + 110, e->vlan);
	put32(p + 112, e->data_len);
	put32(p + 116, e->hash);
	put16(p + 120, e->queue);
	put16(p + 122, e->mac_header);
	put16(p + 124, e->network_header);
	put16(p + 126, e->transport_header);
}

void event_encode(struct buf *out, const struct event *e)
{
	uint8_t *p = buf_extend(out, EVENT_FIXED_LEN);

	if (!p)
		return;
	put_header(p, PAYLOAD_EVENT, e->tag);
	put32(p + 8, e->flags);
	put16(p + 12, EVENT_FIXED_LEN);
	put16(p + 14, e->protocol);
	put64(p + 16, e->addr);
	put64(p + 24, e->skb);
	put64(p + 32, e->head);
	put64(p + 40, e->ktime);
	put64(p + 48, e->caller);
	put64(p + 56, e->packet);
	put64(p + 64, e->seq);
	put32(p + 72, e->lost);
	put32(p + 76, e->reason);
	put_skb_fields(p, e);
	put32(p + 92, e->pid);
	put32(p + 96, e->tid);
	put16(p + 108, e->cpu);
	memset(p + 128, 0, 2 * EVENT_NAME_LEN);
	memcpy(p + 128, e->comm, strnlen(e->comm, EVENT_NAME_LEN));
	memcpy(p + 144, e->ifname, strnlen(e->ifname, EVENT_NAME_LEN));
	event_tlvs_append(out, e);
}

/* In the order of the bytes, which are all there; e is zeroed. */
static void take_fixed(struct cursor *c, struct event *e)
{
	const uint8_t *comm, *ifname;

	e->protocol = cursor_le16(c);
	e->addr = cursor_le64(c);
	e->skb = cursor_le64(c);
	e->head = cursor_le64(c);
	e->ktime = cursor_le64(c);
	e->caller = cursor_le64(c);
	e->packet = cursor_le64(c);
	e->seq = cursor_le64(c);
	e->lost = cursor_le32(c);
	e->reason = cursor_le32(c);
	e->netns = cursor_le32(c);
	e->ifindex = cursor_le32(c);
	e->mark = cursor_le32(c);
	e->pid = cursor_le32(c);
	e->tid = cursor_le32(c);
	e->len = cursor_le32(c);
	e->mtu = cursor_le32(c);
	e->cpu = cursor_le16(c);
	e->vlan = cursor_le16(c);
	e->data_len = cursor_le32(c);
	e->hash = cursor_le32(c);
	e->queue = cursor_le16(c);
	e->mac_header = cursor_le16(c);
	e->network_header = cursor_le16(c);
	e->transport_header = cursor_le16(c);
	comm = cursor_bytes(c, EVENT_NAME_LEN);
	ifname = cursor_bytes(c, EVENT_NAME_LEN);
	if (c->bad)
		return;
	memcpy(e->comm, comm, EVENT_NAME_LEN);
	memcpy(e->ifname, ifname, EVENT_NAME_LEN);
}

/* A family we do not know is as good as no tuple. */
static void take_tuple(struct cursor *c, struct event_tuple *t)
{
	const uint8_t *src, *dst;

	t->family = cursor_u8(c);
	t->proto = cursor_u8(c);
	t->sport = cursor_le16(c);
	t->dport = cursor_le16(c);
	cursor_le16(c);
	src = cursor_bytes(c, sizeof(t->src));
	dst = cursor_bytes(c, sizeof(t->dst));
	if (c->bad)
		return;
	t->has_ports = t->sport || t->dport;
	memcpy(t->src, src, sizeof(t->src));
	memcpy(t->dst, dst, sizeof(t->dst));
	if (t->family != 4 && t->family != 6)
		memset(t, 0, sizeof(*t));
}

static int take_event_tlv(const struct tlv *t, struct event *e)
{
	struct cursor c = cursor_of(t->value, t->len);

	switch (t->type) {
	case TLV_TUPLE:
		take_tuple(&c, &e->sk_tuple);
		break;
	case TLV_STACK:
		if (t->len % FRAME_LEN)
			return -EBADMSG;
		e->stack = t->value;
		e->stack_len = t->len / FRAME_LEN;
		break;
	case TLV_SKB:
		e->raw_skb = t->value;
		e->raw_skb_len = t->len;
		break;
	case TLV_CB:
		e->cb = cursor_bytes(&c, CB_LEN);
		break;
	case TLV_PARENT:
		e->parent = cursor_le64(&c);
		e->parent_kind = cursor_u8(&c);
		e->parent_inferred = cursor_u8(&c);
		break;
	case TLV_LOST_READ:
		e->lost_read = cursor_le32(&c);
		break;
	}
	return c.bad ? -EBADMSG : 0;
}

int event_decode(const uint8_t *p, size_t len, struct event *ret)
{
	struct cursor c = cursor_of(p, len);
	struct event e = {};
	uint16_t fixed_len;
	struct tlv t;
	int err;

	if (!header_take(&c, PAYLOAD_EVENT, &e.tag))
		return -EBADMSG;
	e.flags = cursor_le32(&c);
	fixed_len = cursor_le16(&c);
	if (c.bad || fixed_len < EVENT_FIXED_LEN || fixed_len > len)
		return -EBADMSG;
	take_fixed(&c, &e);
	c = cursor_of(p + fixed_len, len - fixed_len);
	while ((err = tlv_next(&c, &t)) > 0 && !(err = take_event_tlv(&t, &e)))
		;
	if (!err)
		*ret = e;
	return err;
}

/* ---- FUNC ---- */

void event_func_encode(struct buf *out, const struct event_func *f)
{
	size_t name = strnlen(f->name, sizeof(f->name));
	size_t module = strnlen(f->module, sizeof(f->module));

	header_append(out, PAYLOAD_FUNC, f->tag);
	buf_le64(out, f->addr);
	buf_u8(out, f->how);
	buf_u8(out, f->arg);
	buf_le16(out, f->roles);
	buf_le32(out, f->flags);
	if (name)
		tlv_append(out, TLV_NAME, f->name, name);
	if (module)
		tlv_append(out, TLV_MODULE, f->module, module);
}

/* Cuts at size; a NUL inside ends it too. to is zeroed. */
static void take_text(const struct tlv *t, char *to, size_t size)
{
	size_t len = t->len < size ? t->len : size - 1;

	memcpy(to, t->value, strnlen((const char *)t->value, len));
}

int event_func_decode(const uint8_t *p, size_t len, struct event_func *ret)
{
	struct cursor c = cursor_of(p, len);
	struct event_func f = {};
	struct tlv t;
	int err;

	if (!header_take(&c, PAYLOAD_FUNC, &f.tag))
		return -EBADMSG;
	f.addr = cursor_le64(&c);
	f.how = cursor_u8(&c);
	f.arg = cursor_u8(&c);
	f.roles = cursor_le16(&c);
	f.flags = cursor_le32(&c);
	if (c.bad)
		return -EBADMSG;
	while ((err = tlv_next(&c, &t)) > 0) {
		if (t.type == TLV_NAME)
			take_text(&t, f.name, sizeof(f.name));
		else if (t.type == TLV_MODULE)
			take_text(&t, f.module, sizeof(f.module));
	}
	if (err)
		return err;
	*ret = f;
	return 0;
}

/* ---- NOTE ---- */

void event_note_encode(struct buf *out, const struct event_note *n)
{
	header_append(out, PAYLOAD_NOTE, n->tag);
	buf_le16(out, n->type);
	buf_le16(out, 0);
	buf_le32(out, n->body_len);
	buf_le64(out, n->ktime);
	buf_append(out, n->body, n->body_len);
}

int event_note_decode(const uint8_t *p, size_t len, struct event_note *ret)
{
	struct cursor c = cursor_of(p, len);
	struct event_note n = {};

	if (!header_take(&c, PAYLOAD_NOTE, &n.tag))
		return -EBADMSG;
	n.type = cursor_le16(&c);
	cursor_le16(&c);
	n.body_len = cursor_le32(&c);
	n.ktime = cursor_le64(&c);
	n.body = (const char *)cursor_bytes(&c, n.body_len);
	if (c.bad)
		return -EBADMSG;
	*ret = n;
	return 0;
}

/* ---- INFO ---- */

void event_info_encode(struct buf *out, const struct event_info *i)
{
	header_append(out, PAYLOAD_INFO, event_tag(i->uuid));
	buf_append(out, i->uuid, sizeof(i->uuid));
	buf_le32(out, i->file_number);
	buf_le32(out, i->flags);
}

int event_info_decode(const uint8_t *p, size_t len, struct event_info *ret)
{
	struct cursor c = cursor_of(p, len);
	struct event_info i = {};
	const uint8_t *uuid;
	struct tlv t;
	int err;

	if (!header_take(&c, PAYLOAD_INFO, &i.tag))
		return -EBADMSG;
	uuid = cursor_bytes(&c, sizeof(i.uuid));
	i.file_number = cursor_le32(&c);
	i.flags = cursor_le32(&c);
	if (c.bad || i.tag != event_tag(uuid))
		return -EBADMSG;
	memcpy(i.uuid, uuid, sizeof(i.uuid));
	while ((err = tlv_next(&c, &t)) > 0)
		; /* none defined, but a cut one tells of damage */
	if (err)
		return err;
	*ret = i;
	return 0;
}

/* ---- META ---- */

void event_meta_encode(struct buf *out, const struct event_meta *m)
{
	header_append(out, PAYLOAD_META, m->tag);
	buf_le32(out, m->index);
	buf_le32(out, m->count);
	buf_le32(out, m->raw_len);
	buf_append(out, m->data, m->data_len);
}

int event_meta_decode(const uint8_t *p, size_t len, struct event_meta *ret)
{
	struct cursor c = cursor_of(p, len);
	struct event_meta m = {};
	size_t left;

	if (!header_take(&c, PAYLOAD_META, &m.tag))
		return -EBADMSG;
	m.index = cursor_le32(&c);
	m.count = cursor_le32(&c);
	m.raw_len = cursor_le32(&c);
	left = cursor_left(&c);
	if (c.bad || m.index >= m.count || left > SNAPSHOT_MAX_PIECE)
		return -EBADMSG;
	m.data = cursor_bytes(&c, left);
	m.data_len = (uint32_t)left;
	*ret = m;
	return 0;
}
