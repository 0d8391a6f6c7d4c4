/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_COMMENT_H
#define RECORD_COMMENT_H

/* The comment of a packet, which is what people see of a hit in Wireshark. */

#include <stddef.h>

#include "common/event.h"
#include "record/options.h"

#define COMMENT_MAX 384

struct comment_facts {
	const struct event *event;
	const char *func;
	const char *reason; /* name, or NULL */
	const char *place;  /* symbol of the caller, with place_offset; NULL when unknown */
	uint64_t place_offset;
};

/*
 * "func=ip_rcv packet=12 if=eth0 netns=4026531840 cpu=1 proc=curl:1234 len=60 mark=0
 * reason=NETFILTER_DROP by=nf_hook_slow+0x9f"; short: "ip_rcv #12". What is not printable ASCII in
 * names becomes '?'. Returns the length, without a NUL; at most COMMENT_MAX.
 */
size_t comment_format(enum comment_choice choice, const struct comment_facts *f,
		      char out[COMMENT_MAX]);

#endif
