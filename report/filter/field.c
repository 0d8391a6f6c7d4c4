// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/field.h"

#include <stdio.h>
#include <string.h>

#include "common/packet.h"
#include "report/read/capture.h"
#include "report/symbol/debuginfo.h"

#define FRAME_HEADER 14u

const struct field fields[FIELD_COUNT] = {
#define HIT(id, name, type, help) \
	[FIELD_##id] = {FIELD_##id, name, name, FIELD_TYPE_##type, FIELD_SCOPE_HIT, help},
#define PATH(id, name, key, type, help) \
	[FIELD_##id] = {FIELD_##id, name, key, FIELD_TYPE_##type, FIELD_SCOPE_PATH, help},
#include "report/filter/fields.def"
#undef HIT
#undef PATH
};

static const struct field *named(const char *name, size_t len)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (strlen(fields[i].name) == len && !memcmp(fields[i].name, name, len))
			return &fields[i];
	return NULL;
}

const struct field *field_find(const char *name, size_t len, bool *any)
{
	static const char prefix[] = "path.";
	size_t n = sizeof(prefix) - 1;
	const struct field *f = named(name, len);

	*any = false;
	if (f || len <= n || memcmp(name, prefix, n))
		return f;
	f = named(name + n, len - n);
	*any = f && f->scope == FIELD_SCOPE_HIT;
	return f;
}

#define NEAR_LEN 32u

/* How many letters have to be changed, added or left out to make one of the other. */
static unsigned int distance(const char *a, size_t len, const char *b)
{
	unsigned int row[NEAR_LEN + 1], left, above;

	for (unsigned int k = 0; k <= len; k++)
		row[k] = k;
	for (; *b; b++) {
		left = row[0]++;
		for (size_t k = 1; k <= len; k++) {
			above = row[k];
			row[k] = left + (a[k - 1] != *b);
			if (row[k] > above + 1)
				row[k] = above + 1;
			if (row[k] > row[k - 1] + 1)
				row[k] = row[k - 1] + 1;
			left = above;
		}
	}
	return row[len];
}

const struct field *field_near(const char *name, size_t len)
{
	const struct field *best = NULL;
	unsigned int least = len > 3 ? 3 : 2, far;

	if (len > NEAR_LEN)
		return NULL;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const char *dot = strchr(fields[i].name, '.');

		if (dot && strlen(dot + 1) == len && !memcmp(dot + 1, name, len))
			return &fields[i];
		far = distance(name, len, fields[i].name);
		if (far >= least)
			continue;
		least = far;
		best = &fields[i];
	}
	return best;
}

static void set_bytes(struct field_value *v, const uint8_t *bytes, size_t n)
{
	v->known = bytes;
	v->bytes = bytes;
	v->n_bytes = n;
}

/* ---- of a hit ---- */

static void set_mac(struct field_value *v, const struct hit *h, size_t at)
{
	v->known = h->caplen >= FRAME_HEADER &&
		   !(h->event.flags & (EVENT_SYNTH_L2 | EVENT_UNREADABLE));
	if (v->known)
		memcpy(v->mac, h->bytes + at, sizeof(v->mac));
}

static void set_reason(struct field_value *v, const struct hit *h)
{
	const char *name;

	if (!(h->event.flags & EVENT_REASON))
		return;
	name = capture_reason(h->capture, h->event.reason);
	if (!name)
		snprintf(v->scratch, sizeof(v->scratch), "0x%x", h->event.reason);
	field_set_text(v, name ? name : v->scratch);
}

static void find_caller(struct field_hit *at)
{
	const struct hit *h = at->hit;

	if (!at->has_caller && h->event.caller)
		symbols_find_caller(capture_symbols(h->capture), h->event.caller, &at->caller);
	at->has_caller = true;
}

static void caller_field(enum field_id id, struct field_hit *at, struct field_value *v)
{
	find_caller(at);
	if (id == FIELD_CALLER_OFFSET)
		field_set_number(v, at->caller.name, at->caller.offset);
	else
		field_set_text(v, id == FIELD_CALLER_FUNC ? at->caller.name : at->caller.module);
}

static void find_line(struct field_hit *at)
{
	const struct hit *h = at->hit;
	struct debuginfo_frames f;

	if (!at->has_line && debuginfo_caller(h->capture, h->event.caller, &f)) {
		at->file = debuginfo_outermost(&f)->file;
		at->line = debuginfo_outermost(&f)->line;
		at->verified = f.verified;
	}
	at->has_line = true;
}

static void line_field(enum field_id id, struct field_hit *at, struct field_value *v)
{
	find_line(at);
	if (id == FIELD_CALLER_FILE)
		field_set_text(v, at->file && *at->file ? at->file : NULL);
	else if (id == FIELD_CALLER_LINE)
		field_set_number(v, at->line, at->line);
	else if (id == FIELD_CALLER_VERIFIED)
		field_set_number(v, at->file, at->verified);
}

static void set_address(struct field_value *v, uint8_t family, const uint8_t *address)
{
	v->known = family;
	v->family = family;
	memcpy(v->address, address, sizeof(v->address));
}

static void set_l4(struct field_value *v, const struct event_tuple *t)
{
	const char *name = packet_proto_name(t->proto);

	if (!t->family)
		return;
	if (!name)
		snprintf(v->scratch, sizeof(v->scratch), "%u", t->proto);
	field_set_text(v, name ? name : v->scratch);
}

static void set_flags(struct field_value *v, const struct event_tuple *t)
{
	if (!t->has_tcp_flags)
		return;
	packet_tcp_flags(t->tcp_flags, v->scratch);
	field_set_text(v, v->scratch);
}

static void tuple_field(enum field_id id, struct field_hit *at, struct field_value *v)
{
	const struct event_tuple *t = &at->tuple;

	if (!at->has_tuple)
		hit_tuple(at->hit, &at->tuple);
	at->has_tuple = true;
	switch (id) {
	case FIELD_SRC:
		return set_address(v, t->family, t->src);
	case FIELD_DST:
		return set_address(v, t->family, t->dst);
	case FIELD_SPORT:
		return field_set_number(v, t->has_ports, t->sport);
	case FIELD_DPORT:
		return field_set_number(v, t->has_ports, t->dport);
	case FIELD_L4:
		return set_l4(v, t);
	case FIELD_TCP_FLAGS:
		return field_set_number(v, t->has_tcp_flags, t->tcp_flags);
	case FIELD_FLAGS:
		return set_flags(v, t);
	case FIELD_ICMP_TYPE:
		return field_set_number(v, t->has_icmp, t->icmp_type);
	case FIELD_ICMP_ID:
		return field_set_number(v, packet_is_echo(t), t->icmp_id);
	case FIELD_ICMP_SEQ:
		return field_set_number(v, packet_is_echo(t), t->icmp_seq);
	default:
		return field_set_number(v, t->has_ip_id, t->ip_id);
	}
}

/* The flag of the event that a field is; 0: it is none. */
static uint32_t flag_of(enum field_id id)
{
	static const uint32_t flags[FIELD_COUNT] = {
		[FIELD_SYNTH_L2] = EVENT_SYNTH_L2,
		[FIELD_NO_L3] = EVENT_NO_L3,
		[FIELD_UNREADABLE] = EVENT_UNREADABLE,
		[FIELD_NO_ID] = EVENT_NO_ID,
		[FIELD_TX] = EVENT_TX,
		[FIELD_RX] = EVENT_RX,
		[FIELD_RETURN] = EVENT_RETURN,
		[FIELD_BEGIN] = EVENT_BEGIN,
		[FIELD_END] = EVENT_END,
		[FIELD_MATCHED] = EVENT_MATCHED,
		[FIELD_INFERRED] = EVENT_INFERRED,
		[FIELD_LIFECYCLE] = EVENT_LIFECYCLE,
	};

	return flags[id];
}

/* What is not known of a function that no FUNC told of. */
static void func_field(enum field_id id, const struct func *f, struct field_value *v)
{
	switch (id) {
	case FIELD_ATTACH:
		return field_set_number(v, f->known, f->how);
	case FIELD_SKB_ARG:
		return field_set_number(v, f->known, f->arg);
	case FIELD_ROLES:
		return field_set_number(v, f->known, f->roles);
	default:
		return field_set_number(v, f->known, f->ordinal);
	}
}

/* The numbers that each hit has. */
static bool plain_number(enum field_id id, const struct event *e, uint64_t *ret)
{
	switch (id) {
#define NUMBER(ID, member)          \
	case FIELD_##ID:            \
		*ret = (e)->member; \
		return true
		NUMBER(KTIME, ktime);
		NUMBER(CAPTURE, tag);
		NUMBER(PACKET, packet);
		NUMBER(SKB, skb);
		NUMBER(CPU, cpu);
		NUMBER(SEQ, seq);
		NUMBER(PID, pid);
		NUMBER(TID, tid);
		NUMBER(NETNS, netns);
		NUMBER(IFINDEX, ifindex);
		NUMBER(MARK, mark);
		NUMBER(LEN, len);
		NUMBER(DATA_LEN, data_len);
		NUMBER(MTU, mtu);
		NUMBER(PROTO, protocol);
		NUMBER(HASH, hash);
		NUMBER(QUEUE, queue);
		NUMBER(HEAD, head);
		NUMBER(MAC_HEADER, mac_header);
		NUMBER(NETWORK_HEADER, network_header);
		NUMBER(TRANSPORT_HEADER, transport_header);
		NUMBER(LOST, lost);
#undef NUMBER
	default:
		return false;
	}
}

/* The others, and those that not each hit has. */
static void other_field(enum field_id id, struct field_hit *at, struct field_value *v)
{
	const struct hit *h = at->hit;
	const struct event *e = &h->event;

	switch (id) {
	case FIELD_TIME:
		v->known = true;
		v->time = h->when;
		return;
	case FIELD_NUMBER:
		return field_set_number(v, e->packet, e->packet);
	case FIELD_HOST:
		return field_set_text(v, h->capture->host);
	case FIELD_FUNC:
		return field_set_text(v, h->func->name);
	case FIELD_MODULE:
		return field_set_text(v, h->func->module);
	case FIELD_COMM:
		return field_set_text(v, e->comm);
	case FIELD_IFNAME:
		return field_set_text(v, e->ifname);
	case FIELD_SRC_MAC:
		return set_mac(v, h, 6);
	case FIELD_DST_MAC:
		return set_mac(v, h, 0);
	case FIELD_VLAN:
		return field_set_number(v, e->flags & EVENT_VLAN, e->vlan);
	case FIELD_STACK:
		return set_bytes(v, e->stack_len ? e->stack : NULL,
				 e->stack_len * sizeof(uint64_t));
	case FIELD_CB:
		return set_bytes(v, e->cb, 48);
	case FIELD_RAW_SKB:
		return set_bytes(v, e->raw_skb, e->raw_skb_len);
	case FIELD_FUNC_ADDRESS:
		return field_set_number(v, true, h->func->addr);
	case FIELD_ATTACH:
	case FIELD_SKB_ARG:
	case FIELD_ROLES:
	case FIELD_ORDINAL:
		return func_field(id, h->func, v);
	case FIELD_PARENT:
		return field_set_number(v, e->parent_kind, e->parent);
	case FIELD_PARENT_KIND:
		return field_set_text(v, e->parent_kind ? path_edge_word(e->parent_kind) : NULL);
	case FIELD_PARENT_INFERRED:
		return field_set_number(v, e->parent_kind, e->parent_inferred);
	case FIELD_REASON:
		return set_reason(v, h);
	case FIELD_REASON_CODE:
		return field_set_number(v, e->flags & EVENT_REASON, e->reason);
	case FIELD_CALLER:
		return field_set_number(v, e->caller, e->caller);
	case FIELD_CALLER_FUNC:
	case FIELD_CALLER_OFFSET:
	case FIELD_CALLER_MODULE:
		return caller_field(id, at, v);
	case FIELD_CALLER_FILE:
	case FIELD_CALLER_LINE:
	case FIELD_CALLER_INLINED:
	case FIELD_CALLER_VERIFIED:
		return line_field(id, at, v);
	default:
		return tuple_field(id, at, v);
	}
}

void field_of_hit(enum field_id id, struct field_hit *at, struct field_value *ret)
{
	uint32_t flag = flag_of(id);
	uint64_t number;

	ret->known = false;
	if (flag)
		field_set_number(ret, true, !!(at->hit->event.flags & flag));
	else if (plain_number(id, &at->hit->event, &number))
		field_set_number(ret, true, number);
	else
		other_field(id, at, ret);
}
