/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PATH_LOG_H
#define TESTS_PATH_LOG_H

/*
 * A tracker fed hit by hit, and what it hands on as text: a family "#1 consumed; #2 clone of #1
 * dropped", " | " between families. A path alone before its family counts as one.
 */

#include <stddef.h>
#include <stdint.h>

#include "report/read/capture.h"
#include "report/path/track.h"

enum log_func {
	IP_RCV,
	TCP_ACK,
	TCP_QUEUE,
	SKB_CLONE,
	SKB_GRO_RECEIVE,
	SKB_TRY_COALESCE,
	FRAG_INSERT,
	FRAG_FINISH,
	DATAGRAM_ITER,
	CONSUME_SKB,
	KFREE_SKB_REASON,
	KFREE_SKB,
	KFREE_SKB_PARTIAL,
	STOLEN_HEAD,
	RELEASE_DATA,
	KFREE_SKBMEM,
	LOG_FUNCS
};

struct path_log {
	struct captures captures;
	struct capture *capture;
	struct hit_pool *pool;
	struct track *track;
	uint64_t ktime; /* of the last hit; each comes 10 ns after the one before */
	uint64_t seq[8];
	uint16_t cpu;
	uint64_t skb;	    /* of the next hit; 0: made from its packet */
	uint32_t grown[16]; /* what is added to the length of each of the first packets */
	size_t families;
	size_t paths;
	size_t largest; /* family */
	size_t len;
	char text[1 << 16]; /* full: what comes then is left out */
};

void path_log_init(struct path_log *l);
void path_log_deinit(struct path_log *l);

/* A hit; kind and other: its PARENT, EDGE_NONE for none. NULL: it has no path. */
const struct path *path_log_edge(struct path_log *l, uint64_t packet, enum log_func func,
				 uint32_t flags, enum edge_kind kind, uint64_t other);
const struct path *path_log_hit(struct path_log *l, uint64_t packet, enum log_func func);
/* The same with flag END. */
void path_log_end(struct path_log *l, uint64_t packet, enum log_func func);
/* The first hit of a packet that descends from another, or from none. */
void path_log_begin(struct path_log *l, uint64_t packet, enum edge_kind kind, uint64_t parent);
/* The last reference given up: what the kernel calls then. */
void path_log_consume(struct path_log *l, uint64_t packet);
void path_log_drop(struct path_log *l, uint64_t packet);
/* Any event; what is 0 of tag and seq is filled in. */
const struct path *path_log_event(struct path_log *l, const struct event *e, enum log_func func);
/* Ends the input; the text. */
const char *path_log_finish(struct path_log *l);

#endif
