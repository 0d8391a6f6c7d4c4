// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/core/skbuff.c, net/core/gro.c, net/ipv4/ip_output.c, net/ipv6/ip6_output.c,
 * net/ipv4/inet_fragment.c, net/core/xdp.c, in 5.10 to 7.3. __copy_skb_header() is called for
 * clones (from skb_clone() and skb_morph()), copies (from skb_copy_header(), which tells first) and
 * segments: bpf/skb_edge.bpf.h tells them apart by the caller.
 */
#include "record/edge.h"

#include <stddef.h>
#include <string.h>

#include "common/event.h"

static const struct {
	const char *name;
	struct edge edge;
} known[] = {
	{"__copy_skb_header", {.skb = 0, .other = 1, .kind = EDGE_CLONE}},
	{"skb_copy_header", {.skb = 0, .other = 1, .kind = EDGE_COPY}},
	{"skb_split", {.skb = 1, .other = 0, .kind = EDGE_SEGMENT}},
	{"ip_copy_metadata", {.skb = 0, .other = 1, .kind = EDGE_FRAGMENT}},
	{"ip6_copy_metadata", {.skb = 0, .other = 1, .kind = EDGE_FRAGMENT}},
	{"__xdp_build_skb_from_frame", {.skb = 1, .other = 0, .kind = EDGE_FRAME}},
	{"skb_gro_receive", {.skb = 0, .other = 1, .kind = EDGE_MERGE}},
	{"skb_gro_receive_list", {.skb = 0, .other = 1, .kind = EDGE_MERGE}},
	{"skb_try_coalesce", {.skb = 0, .other = 1, .kind = EDGE_MERGE}},
	{"inet_frag_queue_insert", {.skb = 1, .other = 0, .kind = EDGE_QUEUE}},
	{"inet_frag_reasm_finish", {.skb = 1, .other = 0, .kind = EDGE_REASSEMBLE}},
};

bool edge_of_function(const char *name, struct edge *ret)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name))
			continue;
		*ret = known[i].edge;
		return true;
	}
	return false;
}
