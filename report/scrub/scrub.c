// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"
#include "report/read/lines.h"
#include "report/scrub/scrub_code.h"
#include "report/scrub/scrub_names.h"
#include "report/scrub/scrub_packet.h"
#include "report/scrub/scrub_snapshot.h"
#include "report/scrub/scrub_text.h"

#define FLAGS_KNOWN  ((EVENT_RETURN << 1) - 1)
#define ROLES_KNOWN  ((FUNC_ROLE_BUFFER << 1) - 1)
#define FRAME_LEN    8
#define ORDINAL_MOST (1u << 20) /* a larger one is no tracepoint's number */

struct scrub {
	struct scrub_key *key;
	struct scrub_address *addresses;
	struct capture *capture;
	struct scrub_code *code;
	struct scrub_names *names;
	struct event_info info;
};

/* RFC 4122 version 4, as the recorder's own; derived, so that parts of one recording stay so. */
static void make_info(struct scrub *s)
{
	const struct capture *c = s->capture;
	uint8_t *uuid = s->info.uuid;

	if (c->has_info)
		scrub_key_hash(s->key, SCRUB_UUID, c->uuid, sizeof(c->uuid), uuid);
	else
		scrub_key_hash(s->key, SCRUB_UUID, &c->tag, sizeof(c->tag), uuid);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	s->info.tag = event_tag(uuid);
	s->info.file_number = c->first_file;
	s->info.flags = INFO_FLAG_EXTRACT | INFO_FLAG_SCRUBBED;
}

int scrub_create(struct scrub_key *key, struct scrub_address *addresses, struct capture *c,
		 struct scrub **ret)
{
	struct scrub *s = calloc(1, sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	if (!err)
		*s = (struct scrub){.key = key, .addresses = addresses, .capture = c};
	if (!err)
		err = scrub_code_create(key, c, &s->code);
	if (!err)
		err = scrub_names_create(key, c, &s->names);
	if (err) {
		scrub_destroy(s);
		return err;
	}
	make_info(s);
	*ret = s;
	return 0;
}

void scrub_destroy(struct scrub *s)
{
	if (!s)
		return;
	scrub_code_destroy(s->code);
	scrub_names_destroy(s->names);
	free(s);
}

static uint64_t frame_at(const struct event *e, uint32_t i)
{
	struct cursor c = cursor_of(e->stack + (size_t)i * FRAME_LEN, FRAME_LEN);

	return cursor_le64(&c);
}

int scrub_survey(struct scrub *s, const struct hit *h)
{
	const struct event *e = &h->event;
	int err = scrub_names_add(s->names, e);

	if (!err)
		err = scrub_code_add(s->code, e->addr, false);
	if (!err)
		err = scrub_code_add_module(s->code, h->func->module);
	if (!err)
		err = scrub_code_add(s->code, e->caller, true);
	for (uint32_t i = 0; !err && i < e->stack_len; i++)
		err = scrub_code_add(s->code, frame_at(e, i), true);
	return err;
}

int scrub_settle(struct scrub *s)
{
	return scrub_code_settle(s->code);
}

void scrub_info(const struct scrub *s, struct event_info *ret)
{
	*ret = s->info;
}

/* A tracepoint's number says nothing of the machine; an address does. */
static uint64_t func_key(const struct scrub *s, const struct func *f)
{
	if (f->ordinal && f->addr < ORDINAL_MOST)
		return f->addr;
	return scrub_code_map(s->code, f->addr, false);
}

void scrub_func(const struct scrub *s, const struct func *f, struct event_func *ret)
{
	char name[SCRUB_WORD_MOST], module[SCRUB_WORD_MOST];

	*ret = (struct event_func){
		.tag = s->info.tag,
		.addr = func_key(s, f),
		.how = f->how >= FUNC_KPROBE_MULTI && f->how <= FUNC_TP_BTF ? f->how : 0,
		.arg = f->arg,
		.roles = f->roles & ROLES_KNOWN,
		.flags = (f->ordinal ? FUNC_FLAG_ORDINAL : 0) |
			 (f->lifecycle ? FUNC_FLAG_LIFECYCLE : 0),
	};
	scrub_text_word(f->name, f->name_len, name);
	scrub_text_word(f->module, f->module_len, module);
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	snprintf(ret->module, sizeof(ret->module), "%.63s", module);
}

void scrub_snapshot(const struct scrub *s, struct buf *raw)
{
	scrub_snapshot_build(s->capture, s->code, s->names, raw);
}

/* ---- hits ---- */

/* A pointer becomes a number that is its own in this capture. */
static uint64_t pointer(const struct scrub *s, uint64_t p)
{
	uint64_t what[2] = {s->capture->tag, p};

	return p ? scrub_key_number(s->key, SCRUB_POINTER, what, sizeof(what)) | 1 : 0;
}

static void tuple(const struct scrub *s, const struct event_tuple *from, struct event_tuple *to)
{
	if (from->family != 4 && from->family != 6)
		return;
	to->family = from->family;
	to->proto = from->proto;
	to->has_ports = from->has_ports;
	to->sport = from->sport;
	to->dport = from->dport;
	if (from->family == 4) {
		scrub_address_ip4(s->addresses, from->src, to->src);
		scrub_address_ip4(s->addresses, from->dst, to->dst);
	} else {
		scrub_address_ip6(s->addresses, from->src, to->src);
		scrub_address_ip6(s->addresses, from->dst, to->dst);
	}
}

static void parent(const struct scrub *s, const struct event *from, struct event *to)
{
	bool queue = from->parent_kind == EDGE_QUEUE || from->parent_kind == EDGE_REASSEMBLE;

	if (!from->parent_kind || from->parent_kind >= EDGES)
		return;
	to->parent_kind = from->parent_kind;
	to->parent_inferred = from->parent_inferred;
	to->parent = queue ? pointer(s, from->parent) : from->parent;
}

/* frames: room for all of them. */
static void stack(const struct scrub *s, const struct event *from, struct event *to,
		  uint8_t *frames)
{
	uint64_t addr;

	for (uint32_t i = 0; i < from->stack_len; i++) {
		addr = htole64(scrub_code_map(s->code, frame_at(from, i), true));
		memcpy(frames + (size_t)i * FRAME_LEN, &addr, FRAME_LEN);
	}
	to->stack = frames;
	to->stack_len = from->stack_len;
}

static void event(const struct scrub *s, const struct hit *h, struct event *to)
{
	const struct event *e = &h->event;

	*to = (struct event){
		.tag = s->info.tag,
		.flags = e->flags & FLAGS_KNOWN,
		.addr = func_key(s, h->func),
		.skb = pointer(s, e->skb),
		.head = pointer(s, e->head),
		.ktime = e->ktime,
		.caller = scrub_code_map(s->code, e->caller, true),
		.packet = e->packet,
		.seq = e->seq,
		.lost = e->lost,
		.reason = e->reason,
		.netns = scrub_names_netns(s->names, e->netns),
		.ifindex = e->ifindex,
		.mark = e->mark,
		.pid = scrub_names_process(s->names, e->pid),
		.tid = scrub_names_process(s->names, e->tid),
		.len = e->len,
		.data_len = e->data_len,
		.mtu = e->mtu,
		.protocol = e->protocol,
		.cpu = e->cpu,
		.vlan = e->vlan,
		.queue = e->queue,
		.mac_header = e->mac_header,
		.network_header = e->network_header,
		.transport_header = e->transport_header,
	};
	scrub_names_interface(s->names, e->netns, e->ifname, to->ifname);
	tuple(s, &e->sk_tuple, &to->sk_tuple);
	parent(s, e, to);
}

struct hit *scrub_hit(const struct scrub *s, struct hit_pool *pool, const struct hit *h)
{
	uint8_t packet[SCRUB_PACKET_MOST];
	uint8_t frames[UINT16_MAX];
	struct event e;
	struct hit *new;
	size_t len;

	event(s, h, &e);
	stack(s, &h->event, &e, frames);
	len = scrub_packet(s->addresses, h->bytes, h->caplen, packet);
	new = hit_new(pool, &e, packet, (uint32_t)len);
	if (!new)
		return NULL;
	new->capture = h->capture;
	new->func = h->func;
	new->when = h->when;
	new->origlen = h->origlen;
	return new;
}

/* ---- notes ---- */

bool scrub_note(const struct scrub *s, const struct event_note *n, struct buf *body,
		struct event_note *ret)
{
	buf_reset(body);
	if (!scrub_snapshot_note(n, s->code, s->names, body) || buf_error(body))
		return false;
	*ret = (struct event_note){.tag = s->info.tag,
				   .type = n->type,
				   .ktime = n->ktime,
				   .body = (const char *)body->data,
				   .body_len = (uint32_t)body->len};
	return true;
}
