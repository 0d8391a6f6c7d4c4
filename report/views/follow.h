/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FOLLOW_H
#define REPORT_FOLLOW_H

/* The view follow: a packet with its family hop by hop, or a flow packet by packet. */

#include "report/views/flow_log.h"
#include "report/options.h"
#include "report/path/path.h"
#include "report/render/sink.h"

/* A family as one timeline, a line a hop, whichever of them is hit. -ENOMEM. */
int follow_family_text(struct sink *s, struct hop_choice choice, struct path *const *paths,
		       size_t n);
/* The same as JSON Lines: report/schema/follow.json. */
int follow_family_json(struct sink *s, struct hop_choice choice, struct path *const *paths,
		       size_t n);

/* A packet of a flow. since: the first hit of the one printed before; its own at the first. */
void follow_flow_text(struct sink *s, const struct flow_packet *p, int64_t since);
void follow_flow_json(struct sink *s, const struct flow_packet *p, int64_t since);

#endif
