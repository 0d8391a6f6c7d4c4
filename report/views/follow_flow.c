// SPDX-License-Identifier: GPL-2.0-only
#include "report/views/follow.h"

#include "common/packet.h"
#include "report/read/capture.h"
#include "report/path/outcome.h"
#include "report/views/path_text.h"
#include "report/views/paths.h"
#include "report/render/render_json.h"

#define DELAY_COLUMNS 14
#define FLAGS_COLUMNS 6

static void text_flags(struct sink *s, const struct event_tuple *t)
{
	char flags[PACKET_TCP_FLAGS_LEN];

	if (!t->has_tcp_flags) {
		sink_fill(s, ' ', FLAGS_COLUMNS);
		return;
	}
	packet_tcp_flags(t->tcp_flags, flags);
	sink_char(s, '[');
	sink_str(s, flags);
	sink_char(s, ']');
	sink_fill(s, ' ', FLAGS_COLUMNS - 2 - (int)strlen(flags));
}

static void text_origin(struct sink *s, const struct path *p)
{
	if (!p->origin.kind)
		return;
	sink_mem(s, " (", 2);
	sink_str(s, path_edge_word(p->origin.kind));
	if (p->origin.number) {
		sink_str(s, " of #");
		sink_u64(s, p->origin.packet);
	}
	sink_char(s, ')');
}

void follow_flow_text(struct sink *s, const struct flow_packet *p, int64_t since)
{
	const struct path *path = &p->path;
	const char *name = capture_name(path->capture);

	text_time(s, path->first, false);
	text_duration(s, "+", time_span(since, path->first), DELAY_COLUMNS);
	sink_str(s, p->direction == FLOW_THERE ? "  ->  " : "  <-  ");
	text_flags(s, &p->tuple);
	sink_str(s, "  len ");
	sink_u64(s, p->len);
	sink_str(s, "  #");
	sink_u64(s, path->packet);
	text_origin(s, path);
	if (name) {
		sink_mem(s, "  ", 2);
		text_escaped(s, name, strlen(name));
	}
	sink_mem(s, "  ", 2);
	path_text_sum(s, path, p->hops, p->may_lack > 0);
	if (path->outcome == OUTCOME_DROPPED && path->culprit) {
		path_text_colour(s, path);
		sink_str(s, " by ");
		text_caller(s, path->capture, path->culprit);
		text_colour(s, TEXT_PLAIN);
	}
	sink_char(s, '\n');
}

void follow_flow_json(struct sink *s, const struct flow_packet *p, int64_t since)
{
	const struct path *path = &p->path;

	json_open(s, '{');
	json_str(s, "line", "packet");
	json_u64(s, "number", path->packet);
	json_hex(s, "capture", path->capture->tag);
	json_str(s, "host", path->capture->host);
	json_time(s, "time", path->first);
	json_u64(s, "delay_ns", time_span(since, path->first));
	json_str(s, "direction", p->direction == FLOW_THERE ? "->" : "<-");
	json_tuple(s, &p->tuple);
	json_bool(s, "from_socket", p->from_socket);
	json_u64(s, "len", p->len);
	json_u64(s, "hops", p->hops);
	json_u64(s, "duration_ns", time_span(path->first, path->last));
	json_maybe(s, "parent", path->origin.number, path->origin.packet);
	json_str(s, "kind", path->origin.kind ? path_edge_word(path->origin.kind) : NULL);
	json_str(s, "outcome", outcome_word(path->outcome));
	json_str(s, "reason", paths_reason(path));
	json_str(s, "by", p->by ? p->by->name : NULL);
	json_caller(s, "culprit", path->capture, path->culprit);
	json_maybe(s, "merged_into", path->outcome == OUTCOME_MERGED, path->into.packet);
	json_u64(s, "may_lack", p->may_lack);
	json_close(s, '}');
	sink_char(s, '\n');
}
