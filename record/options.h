/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_OPTIONS_H
#define RECORD_OPTIONS_H

/* The command line as a validated struct. Parsing does no work. */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/pwru_abi.h"
#include "common/buf.h"

enum backend_choice { BACKEND_AUTO, BACKEND_MULTI, BACKEND_KPROBE, BACKEND_TRACEPOINT };
enum buffer_choice { BUFFER_AUTO, BUFFER_RING, BUFFER_PERF };
enum comment_choice { COMMENT_FULL, COMMENT_SHORT, COMMENT_NONE };

struct options {
	const char *write;
	enum comment_choice comment;
	uint32_t snaplen;	  /* bytes */
	uint64_t max_events;	  /* 0: no limit */
	uint64_t duration;	  /* ns; 0: no limit */
	uint64_t rotate_size;	  /* bytes; 0: not by size */
	uint64_t rotate_time;	  /* ns; 0: not by time */
	uint32_t rotate_files;	  /* to keep; 0: all */
	uint64_t flight_size;	  /* bytes; 0: no flight recorder */
	uint64_t flight_time;	  /* ns; 0: only the size counts */
	const char *triggers[16]; /* as given; NULL after the last */
	uint64_t trigger_after;	  /* ns */
	enum backend_choice backend;
	enum buffer_choice buffer;
	uint64_t ring_size;	     /* bytes, all buffers together */
	const char *filter_func[16]; /* as given, in order; NULL after the last */
	const char *filter_netns;
	const char *filter_tunnel;
	bool filter_drop;
	char *expression;   /* pcap-filter, the operands joined; heap; NULL: none */
	struct buf filters; /* those in force as on a command line, ended by a NUL; "" none */
	bool skb;
	const char *kmods; /* separated by commas */
	bool all_kmods;
	const char *kernel_btf;
	bool check;
	const char *ready_file;
	const char *user; /* NULL: who called sudo */
	bool list_functions;
	bool with_ssh;
	bool quiet;
	bool verbose;
	struct pwru_config filter; /* only its filter fields are set */
	char **command;		   /* NULL: none; else ended by a NULL */
	char *command_line;	   /* the whole of argv in one line; heap */
};

/* 0; -EINVAL after one line on stderr (exit 2); -ECANCELED when help or the version was printed
 * (exit 0). */
int options_read(int argc, char **argv, struct options *ret);
void options_deinit(struct options *o);

/* More than one file is written, or may be. */
static inline bool options_row(const struct options *o)
{
	return o->rotate_size || o->rotate_time || o->flight_size;
}

#endif
