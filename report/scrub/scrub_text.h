/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SCRUB_TEXT_H
#define REPORT_SCRUB_TEXT_H

/* Text of a capture that is kept when it is shared: names of code, and words that are known. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRUB_WORD_MOST 128u

/* A word without spaces, as symbols and kernels are named: what else is in it becomes _, and it is
 * cut. Empty stays empty. */
void scrub_text_word(const char *from, size_t len, char to[SCRUB_WORD_MOST]);

/* The same of a sentence: spaces and some marks stay. */
void scrub_text_phrase(const char *from, size_t len, char to[SCRUB_WORD_MOST]);

/* Is it one of the words, which a NULL ends? */
bool scrub_text_is(const char *text, size_t len, const char *const *words);

/* Not keyed: for tables. */
uint64_t scrub_text_hash(const char *text, size_t len);

#endif
