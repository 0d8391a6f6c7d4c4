/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_LINECACHE_H
#define REPORT_LINECACHE_H

/*
 * The line tables (linetable.h) of one file of debug information: those that were asked for, kept
 * from run to run in FILE.lines of the user's cache (cachefile.h), FILE being the build-id. All
 * numbers are little-endian:
 *
 *	"PWRULN02" | u64 check of the name and the head behind it | u64 text | u32 units, ranges
 *	units     u64 offset in the file, check, u32 length, 0: a table
 *	ranges    u64 start, end, u32 unit: sorted, apart from each other
 *
 * Nothing of it is believed: every table's check must be right, and then it is read as a
 * stranger's. What is wrong is as if it were not there, and is written anew. When several programs
 * do so at once, the tables of one of them stay. Files of LINECACHE_MAX_ALL bytes are kept; the one
 * that has not been used for longest goes first.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "report/symbol/linetable.h"

#define LINECACHE_MAX_FILE   (256u << 20)
#define LINECACHE_MAX_ALL    (512u << 20)
#define LINECACHE_MAX_RANGES (1u << 18)

struct linecache; /* opaque */

/*
 * build_id is hexadecimal, directory as of cachefile_directory(). When one of them is NULL or "",
 * or the directory is not fit, nothing is read or kept. On success the caller owns *ret;
 * linecache_close(). -ENOMEM.
 */
int linecache_open(const char *directory, const char *build_id, struct linecache **ret);
void linecache_close(struct linecache *c);

/* The table of addr; NULL: not there. Lives as long as the cache. */
const struct linetable *linecache_find(struct linecache *c, uint64_t addr);
/* ranges: struct srcline_range; what lies in one of another table stays that one's. Takes over
 * table's bytes in any case. *ret as of linecache_find(). -ENOMEM, -EBADMSG it is no table, -E2BIG
 * it is too large, or there are too many ranges. */
int linecache_add(struct linecache *c, const struct buf *ranges, struct buf *table,
		  const struct linetable **ret);

/* Where _text is linked to. false: not known. */
bool linecache_text(const struct linecache *c, uint64_t *ret);
void linecache_set_text(struct linecache *c, uint64_t text);

/* The check of bytes, which notices damage; it is no signature. */
uint64_t linecache_check(const uint8_t *data, size_t len);

/* Keeps what was added. 0 also when there is nothing to do, or another program does it just now;
 * else -errno, as of a full disk: the file is then as it was. */
int linecache_save(struct linecache *c);

#endif
