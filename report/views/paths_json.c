// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/paths.h"

#include "report/read/capture.h"
#include "report/render/debuginfo_json.h"
#include "report/filter/field.h"
#include "report/path/hop_changes.h"
#include "report/render/render_field.h"
#include "report/render/render_json.h"

/* The key of a field: a hop has some that a hit has. */
#define KEY(id) fields[FIELD_##id].key

static void json_hop(struct paths *v, const struct path *p, const struct hop_walk *w)
{
	const struct hop *h = w->hop, *prev = w->prev;
	struct sink *s = v->out;

	json_open(s, '{');
	json_u64(s, KEY(KTIME), h->ktime);
	json_u64(s, "delay_ns", prev && h->ktime > prev->ktime ? h->ktime - prev->ktime : 0);
	json_str(s, KEY(FUNC), h->func->name);
	json_str(s, KEY(MODULE), h->func->module);
	json_u64(s, KEY(CPU), h->cpu);
	json_u64(s, KEY(PID), h->pid);
	json_str(s, KEY(COMM), h->comm);
	json_u64(s, KEY(NETNS), h->netns);
	json_u64(s, KEY(IFINDEX), h->ifindex);
	json_str(s, KEY(IFNAME), h->ifname);
	json_u64(s, KEY(MARK), h->mark);
	json_u64(s, KEY(LEN), h->len);
	json_u64(s, KEY(MTU), h->mtu);
	json_u64(s, KEY(PROTO), h->protocol);
	if (h->tuple == TUPLES_NONE)
		json_null(s, "tuple");
	else
		json_u64(s, "tuple", h->tuple);
	json_caller(s, KEY(CALLER), p->capture, h->caller);
	if (!(h->flags & EVENT_REASON))
		json_null(s, KEY(REASON));
	else if (capture_reason(p->capture, h->reason))
		json_str(s, KEY(REASON), capture_reason(p->capture, h->reason));
	else
		json_hex(s, KEY(REASON), h->reason);
	json_bool(s, KEY(RETURN), h->flags & EVENT_RETURN);
	json_hop_changes(s, "changed", w->changes);
	json_close(s, '}');
}

static void json_parent(struct sink *s, const struct path *p)
{
	if (!p->origin.kind) {
		json_null(s, KEY(PATH_PARENT));
		return;
	}
	json_key(s, KEY(PATH_PARENT));
	json_open(s, '{');
	json_hex(s, "packet", p->origin.packet);
	json_maybe(s, "number", p->origin.number, p->origin.packet);
	json_str(s, "kind", path_edge_word(p->origin.kind));
	json_bool(s, "inferred", p->origin.inferred);
	json_close(s, '}');
}

static void json_merged(struct sink *s, const struct path *p)
{
	json_key(s, KEY(PATH_MERGED));
	json_open(s, '[');
	for (size_t i = 0; i < p->n_merged; i++) {
		sink_str(s, i ? "," : "");
		sink_u64(s, p->merged[i].packet);
	}
	json_close(s, ']');
}

static void json_tuples(struct sink *s, const struct path *p)
{
	json_key(s, KEY(PATH_TUPLES));
	json_open(s, '[');
	for (uint16_t i = 0; i < p->tuples.count; i++) {
		json_open(s, '{');
		json_tuple(s, &p->tuples.all[i]);
		json_bool(s, "from_socket", !tuples_from_headers(&p->tuples, i));
		json_close(s, '}');
	}
	json_close(s, ']');
}

static void json_hops(struct paths *v, const struct path *p)
{
	struct hop_walk walk;

	hop_walk_init(&walk);
	json_key(v->out, KEY(PATH_HOPS));
	json_open(v->out, '[');
	for (size_t i = 0; i < p->n_hops; i++) {
		if (!paths_hop_shown(v, &p->hops[i]))
			continue;
		hop_walk_next(&walk, &p->hops[i]);
		json_hop(v, p, &walk);
	}
	json_close(v->out, ']');
}

static void json_path(struct paths *v, const struct path *p)
{
	struct field_value value;
	struct sink *s = v->out;

	json_open(s, '{');
	for (enum field_id id = 0; id < FIELD_COUNT; id++) {
		if (fields[id].scope != FIELD_SCOPE_PATH)
			continue;
		switch (id) {
		case FIELD_PATH_CULPRIT_INLINED:
			json_key(s, fields[id].key);
			debuginfo_json_inlined(s, p->capture, p->culprit);
			break;
		case FIELD_PATH_PARENT:
			json_parent(s, p);
			break;
		case FIELD_PATH_MERGED:
			json_merged(s, p);
			break;
		case FIELD_PATH_TUPLES:
			json_tuples(s, p);
			break;
		case FIELD_PATH_HOPS:
			json_hops(v, p);
			break;
		default:
			field_of_path(id, p, &value);
			json_field(s, &fields[id], &value);
		}
	}
	json_close(s, '}');
	sink_char(s, '\n');
}

void paths_json(struct paths *v, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_path(v, paths[i]);
}
