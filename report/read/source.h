/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SOURCE_H
#define REPORT_SOURCE_H

/*
 * Files -> captures and a stream of hits. It reads one file after another; what blocks tell of
 * functions, names, counters and the snapshot goes into the captures, by their tags.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/pcapng_reader.h"
#include "report/read/capture.h"
#include "report/read/hit.h"

struct source; /* opaque */

struct source_counts {
	uint64_t files;
	uint64_t bytes;		 /* of all files */
	uint64_t bytes_events;	 /* of blocks that hold a hit */
	uint64_t bytes_snapshot; /* of blocks that hold a piece of the snapshot, */
	uint64_t bytes_funcs;	 /* of others that hold a FUNC, */
	uint64_t bytes_stats;	 /* of interfaces' statistics, */
	uint64_t bytes_notes;	 /* of the recorder's notes */
	uint64_t hits;
	uint64_t notes;
	uint64_t foreign;  /* packets that are not ours */
	uint64_t repaired; /* hits whose interface named another function than their address */
	uint64_t unknown;  /* hits of a function no FUNC tells of */
	uint64_t damaged;  /* payloads of ours that could not be decoded */
	uint64_t snapshots_damaged;
};

#define SOURCE_FILE_CAPTURES 8

/* What one file held. */
struct source_file {
	bool has_part; /* it says which file of its recording it is */
	uint32_t part;
	uint64_t bytes;
	uint64_t events; /* blocks of which source_is_hit() */
	uint64_t hits;	 /* of them, those that were taken */
	int64_t first;	 /* of its hits, ns since 1970; valid with hits */
	int64_t last;
	struct capture *captures[SOURCE_FILE_CAPTURES]; /* the first of them */
	unsigned int n_captures;
};

/* Called just before and just after each wait for input. */
struct source_wait {
	void (*begin)(void *ctx);
	void (*end)(void *ctx);
	bool (*await)(void *ctx); /* NULL, or see input_await() */
	void *ctx;
	bool follow; /* for inputs: a regular file is live too */
};

/* For who writes the capture anew: hits come whole (hit_new_whole()), and each note is told of. */
struct source_tap {
	/* b and n are borrowed. */
	void (*note)(void *ctx, const struct pcapng_block *b, const struct event_note *n);
	void *ctx;
};

/* captures and pool are borrowed. wait may be NULL. -ENOMEM. */
int source_create(struct captures *captures, struct hit_pool *pool, const struct source_wait *wait,
		  struct source **ret);
void source_destroy(struct source *s);
void source_tap(struct source *s, const struct source_tap *tap);

/* It holds a hit that can be decoded. */
bool source_is_hit(const struct pcapng_block *b);

/* The next file; fd stays the caller's, to be closed after source_close(). -ENOMEM. */
int source_open(struct source *s, int fd, const char *name);
void source_close(struct source *s);

/*
 * 1 a hit, which is the caller's; 0 the file's end; -EBADMSG it is damaged from here on;
 * -ENOMEM; another -errno when reading failed. source_error() says the rest.
 */
int source_next(struct source *s, struct hit **ret);
/* "FILE: offset 1234: …". Borrowed until source_close(). */
const char *source_error(const struct source *s);
/* The file now open is no pcapng at all. */
bool source_not_pcapng(const struct source *s);
/* The file now open holds something of ours. */
bool source_has_pwru(const struct source *s);

/* Of the file now open. */
const struct source_file *source_file(const struct source *s);

/* Of all files. */
const struct source_counts *source_counts(const struct source *s);
void source_counts_add(struct source_counts *to, const struct source_counts *from);

#endif
