// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub_text.h"

#include <string.h>

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.:$@[]-+~", c));
}

static void copy(const char *from, size_t len, const char *more, char to[SCRUB_WORD_MOST])
{
	size_t n = len < SCRUB_WORD_MOST ? len : SCRUB_WORD_MOST - 1;

	for (size_t i = 0; i < n; i++)
		to[i] = is_plain(from[i]) || (from[i] && strchr(more, from[i])) ? from[i] : '_';
	to[n] = 0;
}

void scrub_text_word(const char *from, size_t len, char to[SCRUB_WORD_MOST])
{
	copy(from, len, "", to);
}

void scrub_text_phrase(const char *from, size_t len, char to[SCRUB_WORD_MOST])
{
	copy(from, len, " ,;()/'", to);
}

bool scrub_text_is(const char *text, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == len && !memcmp(*words, text, len))
			return true;
	return false;
}

uint64_t scrub_text_hash(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
	return hash;
}
