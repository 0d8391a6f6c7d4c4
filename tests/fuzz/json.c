// SPDX-License-Identifier: GPL-2.0-only
/* RFC 8259, to judge what the report prints; it shares nothing with report/render_json. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define MAX_DEPTH 64

struct json {
	const unsigned char *p;
	const unsigned char *end;
	int depth;
};

static bool value(struct json *j);

static int peek(const struct json *j)
{
	return j->p < j->end ? *j->p : -1;
}

static bool take(struct json *j, int c)
{
	if (peek(j) != c)
		return false;
	j->p++;
	return true;
}

static bool word(struct json *j, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(j->end - j->p) < n || memcmp(j->p, w, n) != 0)
		return false;
	j->p += n;
	return true;
}

static bool digits(struct json *j)
{
	const unsigned char *start = j->p;

	while (peek(j) >= '0' && peek(j) <= '9')
		j->p++;
	return j->p > start;
}

static bool number(struct json *j)
{
	take(j, '-');
	if (!take(j, '0') && !digits(j))
		return false;
	if (take(j, '.') && !digits(j))
		return false;
	if (take(j, 'e') || take(j, 'E')) {
		if (!take(j, '-'))
			take(j, '+');
		return digits(j);
	}
	return true;
}

static bool escape(struct json *j)
{
	if (take(j, 'u')) {
		for (int i = 0; i < 4; i++, j->p++)
			if (peek(j) < 0 || !strchr("0123456789abcdefABCDEF", peek(j)))
				return false;
		return true;
	}
	if (peek(j) <= 0 || !strchr("\"\\/bfnrt", peek(j)))
		return false;
	j->p++;
	return true;
}

/* RFC 3629, written out by its table of lead bytes. */
static bool utf8(struct json *j)
{
	int lead = *j->p++, more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

	if (lead < 0xc2 || lead > 0xf4)
		return false;
	for (int i = 0; i < more; i++, j->p++) {
		if (peek(j) < low || peek(j) > high)
			return false;
		low = 0x80;
		high = 0xbf;
	}
	return true;
}

static bool string(struct json *j)
{
	if (!take(j, '"'))
		return false;
	while (peek(j) != '"') {
		if (peek(j) < 0x20 || peek(j) == 0x7f)
			return false;
		if (take(j, '\\')) {
			if (!escape(j))
				return false;
		} else if (peek(j) >= 0x80) {
			if (!utf8(j))
				return false;
		} else {
			j->p++;
		}
	}
	return take(j, '"');
}

static bool members(struct json *j, int close, bool keys)
{
	if (take(j, close))
		return true;
	do {
		if (keys && (!string(j) || !take(j, ':')))
			return false;
		if (!value(j))
			return false;
	} while (take(j, ','));
	return take(j, close);
}

static bool value(struct json *j)
{
	bool good;

	if (j->depth == MAX_DEPTH)
		return false;
	j->depth++;
	if (take(j, '{'))
		good = members(j, '}', true);
	else if (take(j, '['))
		good = members(j, ']', false);
	else if (peek(j) == '"')
		good = string(j);
	else
		good = word(j, "true") || word(j, "false") || word(j, "null") || number(j);
	j->depth--;
	return good;
}

bool fuzz_json(const char *text, size_t len)
{
	struct json j = {.p = (const unsigned char *)text,
			 .end = (const unsigned char *)text + len};

	return value(&j) && j.p == j.end;
}
