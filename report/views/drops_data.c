// SPDX-License-Identifier: GPL-2.0-only
/* As JSON a line a place with its flows, as CSV a line a flow. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common/packet.h"
#include "report/read/capture.h"
#include "report/views/drops.h"
#include "report/path/reason.h"
#include "report/render/render_csv.h"
#include "report/render/render_json.h"

/* "10.0.0.1"; NULL: none known. */
static const char *address(const struct drops_flow *f, const uint8_t *a, char *text)
{
	return f->family ? inet_ntop(f->family == 4 ? AF_INET : AF_INET6, a, text, INET6_ADDRSTRLEN)
			 : NULL;
}

static const char *protocol(const struct drops_flow *f, char *number)
{
	const char *name = f->family ? packet_proto_name(f->proto) : NULL;

	if (name || !f->family)
		return name;
	snprintf(number, 8, "%u", f->proto);
	return number;
}

/* ---- JSON ---- */

static void json_flow(struct sink *s, const struct drops_flow *f, const struct drops_count *c)
{
	char text[INET6_ADDRSTRLEN];

	json_open(s, '{');
	json_str(s, "src", address(f, f->src, text));
	json_str(s, "dst", address(f, f->dst, text));
	json_maybe(s, "sport", f->has_ports, f->sport);
	json_maybe(s, "dport", f->has_ports, f->dport);
	json_str(s, "l4", protocol(f, text));
	json_maybe(s, "icmp_type", f->has_icmp, f->icmp_type);
	json_u64(s, "packets", c->packets);
	json_time(s, "first", c->first);
	json_time(s, "last", c->last);
	json_close(s, '}');
}

static void json_before(struct sink *s, const struct drops_place *p)
{
	json_key(s, "before");
	json_open(s, '[');
	for (uint32_t i = 0; i < p->n_before; i++) {
		json_open(s, '{');
		json_str(s, "func", p->before[i]->name);
		json_str(s, "module", p->before[i]->module);
		json_close(s, '}');
	}
	json_close(s, ']');
	json_u64(s, "before_packets", p->alike);
}

static void json_place(struct drops *v, uint32_t index, const uint32_t *flows)
{
	const struct drops_place_key *k = groups_key(v->places, index);
	const struct drops_place *p = groups_value(v->places, index);
	const struct reason *why;
	struct sink *s = v->out;
	char text[24];

	why = reason_find(drops_reason(k, text));
	json_open(s, '{');
	json_hex(s, "capture", k->capture->tag);
	json_str(s, "host", k->capture->host);
	json_str(s, "reason", drops_reason(k, text));
	json_maybe(s, "reason_number", k->has_reason, k->reason);
	json_str(s, "by", k->by->name);
	json_str(s, "by_module", k->by->module);
	json_caller(s, "culprit", k->capture, k->culprit);
	json_u64(s, "packets", p->packets);
	json_time(s, "first", p->first);
	json_time(s, "last", p->last);
	json_before(s, p);
	json_str(s, "usually", why->usually);
	json_str(s, "look", why->look);
	json_key(s, "flows");
	json_open(s, '[');
	for (uint32_t i = 0; i < p->flows; i++)
		json_flow(s, groups_key(v->flows, flows[i]), groups_value(v->flows, flows[i]));
	json_close(s, ']');
	json_u64(s, "flows_not_kept", p->flowless);
	json_close(s, '}');
	sink_char(s, '\n');
}

void drops_json(struct drops *v)
{
	const uint32_t *flows = v->by_place;
	size_t n = tally_top(v->options, groups_count(v->places));

	for (size_t i = 0; i < n; i++) {
		json_place(v, v->order[i], flows);
		flows += ((struct drops_place *)groups_value(v->places, v->order[i]))->flows;
	}
}

/* ---- CSV ---- */

/* "ip_rcv nf_hook_slow" */
static void csv_before(struct sink *s, const struct drops_place *p)
{
	char text[1024];
	size_t len = 0;
	int n;

	for (uint32_t i = 0; i < p->n_before; i++) {
		n = snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
			     p->before[i]->name);
		len = n < (int)(sizeof(text) - len) ? len + (size_t)n : sizeof(text) - 1;
	}
	csv_text(s, text, len);
}

static void csv_place(struct sink *s, const struct drops_place_key *k, const struct drops_place *p)
{
	char text[24];

	csv_hex(s, k->capture->tag);
	csv_str(s, k->capture->host);
	csv_str(s, drops_reason(k, text));
	csv_maybe(s, k->has_reason, k->reason);
	csv_str(s, k->by->name);
	csv_str(s, k->by->module);
	csv_caller(s, k->capture, k->culprit);
	csv_before(s, p);
}

static void csv_flow(struct sink *s, const struct drops_flow *f, const struct drops_count *c)
{
	char text[INET6_ADDRSTRLEN];

	csv_str(s, address(f, f->src, text));
	csv_str(s, address(f, f->dst, text));
	csv_maybe(s, f->has_ports, f->sport);
	csv_maybe(s, f->has_ports, f->dport);
	csv_str(s, protocol(f, text));
	csv_maybe(s, f->has_icmp, f->icmp_type);
	csv_u64(s, c->packets);
	csv_time(s, c->first);
	csv_time(s, c->last);
	csv_end(s);
}

void drops_csv(struct drops *v)
{
	const uint32_t *flows = v->by_place;
	size_t n = tally_top(v->options, groups_count(v->places));
	struct sink *s = v->out;

	sink_str(s, "capture,host,reason,reason_number,by,by_module,");
	sink_str(s, CSV_CALLER("culprit"));
	sink_str(s, ",before,src,dst,sport,dport,l4,icmp_type,packets,first,last\n");
	for (size_t i = 0; i < n; i++) {
		const struct drops_place_key *k = groups_key(v->places, v->order[i]);
		const struct drops_place *p = groups_value(v->places, v->order[i]);

		for (uint32_t j = 0; j < p->flows; j++) {
			csv_place(s, k, p);
			csv_flow(s, groups_key(v->flows, flows[j]),
				 groups_value(v->flows, flows[j]));
		}
		flows += p->flows;
	}
}
