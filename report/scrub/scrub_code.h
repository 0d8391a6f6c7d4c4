/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_CODE_H
#define REPORT_SCRUB_CODE_H

/*
 * Addresses of code, as they would be without what the kernel chose at random: those of the kernel
 * itself are what they were linked to, each module begins at an address made up for it. Offsets
 * from symbols stay. An address that no symbol names becomes a number made up for it.
 *
 * Only what was told of with _add() is in the new SYMBOLS and MODULES.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "report/read/capture.h"
#include "report/scrub/scrub_key.h"

struct scrub_code; /* opaque */

/* Both are borrowed. -ENOMEM. */
int scrub_code_create(struct scrub_key *key, struct capture *c, struct scrub_code **ret);
void scrub_code_destroy(struct scrub_code *s);

/* caller: it is a return address, which belongs to the symbol of the byte before it. 0, -ENOMEM. */
int scrub_code_add(struct scrub_code *s, uint64_t addr, bool caller);
/* A module is named by what is kept, with symbols or without. 0, -ENOMEM. */
int scrub_code_add_module(struct scrub_code *s, const char *name);
/* All are told of: addresses are chosen. 0, -ENOMEM. */
int scrub_code_settle(struct scrub_code *s);

/* 0 stays 0. */
uint64_t scrub_code_map(const struct scrub_code *s, uint64_t addr, bool caller);
bool scrub_code_has_module(const struct scrub_code *s, const char *name, size_t len);
/* The values of the records; nothing is appended where there is nothing to tell. */
void scrub_code_symbols(const struct scrub_code *s, struct buf *out);
void scrub_code_modules(const struct scrub_code *s, struct buf *out);
void scrub_code_kernel(const struct scrub_code *s, struct buf *out);

#endif
