/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_CAPTURE_H
#define REPORT_CAPTURE_H

/*
 * What is known of one recording, told apart from others by its tag: its functions, snapshot,
 * names, notes and counters. All that is asked here comes from the file, never from the machine the
 * report runs on.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/event_codec.h"
#include "common/snapshot_codec.h"
#include "report/read/ledger.h"
#include "report/read/symbols.h"
#include "report/read/table.h"

struct func {
	uint64_t addr;
	const char *name;   /* never NULL; of an unknown address its symbol, or 0x… */
	const char *module; /* "" the kernel */
	uint16_t name_len;
	uint16_t module_len;
	uint16_t roles;
	uint8_t how;
	uint8_t arg;	/* which argument is the skb, 0 first */
	bool ordinal;	/* addr is a number, no text address */
	bool lifecycle; /* attached to know packets by */
	bool known;	/* a FUNC told of it */
	uint64_t hits;
	struct func *next; /* that a FUNC told of, in the order of the file */
};

/* A note of what happened while recording. A capture keeps so many, and none that is longer; the
 * rest is counted. The recorder writes a few of some 50 bytes. */
#define CAPTURE_MAX_NOTES 256u
#define CAPTURE_MAX_NOTE  4096u /* bytes of the body */

struct capture_note {
	uint16_t type; /* enum note_type: NETNS, INTERFACE, MODULE or CLOCK */
	uint32_t len;
	uint64_t ktime;
	char body[]; /* lines key=value */
};

enum capture_counter {
	COUNTER_RECORDED,
	COUNTER_LOST_RING,
	COUNTER_LOST_READ,
	COUNTER_LOST_MAP,
	COUNTER_LOST_HOLD,
	COUNTER_HELD,
	COUNTER_NULL_ARG,
	COUNTER_ERR_ARG,
	COUNTER_NOT_SKB,
	COUNTER_FILTERED,
	COUNTER_RECURSION,
	COUNTER_NMISSED,
	COUNTER_STALE,
	COUNTER_EVICTED,
	CAPTURE_COUNTERS
};

/* Whether hits that the kernel skipped inside of other probes are among the counters. */
enum capture_nested { NESTED_UNKNOWN, NESTED_COUNTED, NESTED_UNCOUNTED };

struct captures;
struct debuginfo;

struct capture {
	struct captures *owner;
	uint32_t tag;
	bool has_info;
	uint8_t uuid[16];
	uint32_t info_flags;	    /* INFO_FLAG_EXTRACT … */
	uint32_t first_file;	    /* number of the first of its files that was read */
	uint32_t last_file;	    /* and of the one read last */
	unsigned int parts_missing; /* files between those that were read */
	char host[65];		    /* its name, of HOST_NAME_MAX; "" unknown */
	char name[80];		    /* capture_name()'s */
	size_t named_at;	    /* the owner's names when that was made */
	unsigned int index;	    /* 0 the first capture met */

	struct snapshot_pieces *pieces;
	struct snapshot *snapshot; /* NULL until complete */
	struct symbols *symbols;   /* NULL: none; made when first asked for */
	bool symbols_tried;
	struct ledger *ledger;
	struct table funcs;	  /* by address */
	struct func *funcs_first; /* the list of those that a FUNC told of */
	struct func *funcs_last;
	struct table reasons; /* by number: char * */
	struct table netns;   /* by inode: char * */
	struct table ifaces;  /* by netns << 32 | index: char * */
	struct table strings; /* by hash: struct string */

	bool has_clock;
	int64_t clock; /* wall clock minus CLOCK_MONOTONIC, of the first hit */
	int64_t first; /* hit, ns since 1970; valid with has_clock */
	int64_t last;
	uint64_t hits;
	uint64_t unidentified; /* packet 0 */
	uint64_t inferred;
	bool has_counters;
	uint64_t counters[CAPTURE_COUNTERS];
	uint64_t counted_at; /* ktime of the note they are from */
	enum capture_nested nested;
	uint64_t elsewhere[CAPTURE_COUNTERS]; /* not in them: counted in files not read */
	bool part_missing;     /* before the file that is read, until it tells what came before */
	bool ended;	       /* a CLOSE note of the recording's last file came */
	uint32_t closed_files; /* number of the last file with a CLOSE note, and 1 */
	uint64_t closed_at;    /* its ktime */
	char end[256];
	struct capture_note **notes; /* in the order of the file */
	size_t n_notes;
	uint64_t notes_left_out;
	unsigned int clock_steps;
	unsigned int modules_changed;
};

#define CAPTURES_MAX 1024u /* a hostile file could name a new one in each block */

/* The captures of all files, by tag. */
struct captures {
	struct debuginfo *debuginfo; /* NULL: no source lines; the pipe's */
	struct capture **all;	     /* in order of appearance */
	size_t count;
	size_t names; /* grows when one is told of its host */
	struct capture *recent;
};

void captures_deinit(struct captures *c);
/* The capture of a tag, made when new. NULL without memory, or when there are CAPTURES_MAX. */
struct capture *captures_get(struct captures *c, uint32_t tag);
static inline bool captures_full(const struct captures *c)
{
	return c->count == CAPTURES_MAX;
}

int capture_add_info(struct capture *c, const struct event_info *i); /* 0, -ENOMEM */
int capture_add_func(struct capture *c, const struct event_func *f); /* 0, -ENOMEM */
/* 0; -EBADMSG when the piece, or the snapshot it completes, is damaged; -ENOMEM. */
int capture_add_meta(struct capture *c, const struct event_meta *m);
int capture_add_note(struct capture *c, const struct event_note *n); /* 0, -ENOMEM */

/* Never NULL but without memory: an unknown address gets an entry of its own. */
struct func *capture_func(struct capture *c, uint64_t addr);

/* The name of a drop reason without its SKB_DROP_REASON_; NULL: unknown. */
const char *capture_reason(const struct capture *c, uint32_t number);
const char *capture_netns(const struct capture *c, uint32_t inode); /* NULL: no name */
const char *capture_iface(const struct capture *c, uint32_t netns, uint32_t index);
/* The symbols; NULL: the capture has none. */
const struct symbols *capture_symbols(struct capture *c);
/* One copy of a short string (up to 63 bytes) that lives as long as the capture. "" without memory.
 */
const char *capture_string(struct capture *c, const char *s);
/* A value of the snapshot's HOST; "" when it has none. */
const char *capture_host(const struct capture *c, const char *key, char *value, size_t size);

/* Its host, told apart from other captures of that host; NULL when it is the only capture. */
const char *capture_name(struct capture *c);
/* The file read last has its CLOSE note. */
static inline bool capture_closed(const struct capture *c)
{
	return c->ended || c->closed_files > c->last_file;
}

/* Its backend does not see every free, so that identities are inferred. */
static inline bool capture_infers(const struct capture *c)
{
	return c->inferred > 0;
}

/* "lost_ring", …: the counters' names in notes. */
extern const char *const capture_counter_names[CAPTURE_COUNTERS];

#endif
