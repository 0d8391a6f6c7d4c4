/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PATH_TEXT_H
#define REPORT_PATH_TEXT_H

/* Parts of a path as people read them, for the views that print paths. Only the head ends
 * its line. */

#include "report/path/hop_changes.h"
#include "report/path/loss.h"
#include "report/path/path.h"
#include "report/render/render_text.h"

/* "#5 clone of #4 (inferred)"; a parent that is not handed on with it is said to stand elsewhere.
 */
void path_text_name(struct sink *s, const struct path *p);
/* "10.0.0.1:43210 > 10.0.0.2:80 tcp [S]" of its first headers, or "no IP addresses". */
void path_text_tuple(struct sink *s, const struct path *p);
/* "netns 4026532208 (client)  veth0  ping(1234)  cpu 0". */
void path_text_place(struct sink *s, const struct path *p, const struct hop_place *at);
/* "nf_hook_slow (return)  mark 0x0 -> 0x1  len 84 -> 98": the function, and what changed there. */
void path_text_hop(struct sink *s, const struct path *p, const struct hop_walk *w);

/* "5 hops, 4.0 µs  merged into #3 (may lack hops)". */
void path_text_sum(struct sink *s, const struct path *p, uint64_t hops, bool lacks);
/* The line that heads a path: name, host, addresses, time, and that. */
void path_text_head(struct sink *s, const struct path *p, struct hop_choice choice,
		    const struct loss *loss);

/* The colour of its outcome, or none; to be followed by TEXT_PLAIN. */
void path_text_colour(struct sink *s, const struct path *p);
/* "merged into #3", "dropped NETFILTER_DROP". */
void path_text_end(struct sink *s, const struct path *p);
/* "dropped: NETFILTER_DROP by nft_do_chain+0x5a", in its colour, and which hits may be missing. */
void path_text_outcome(struct sink *s, const struct path *p, const struct loss *loss);

#endif
