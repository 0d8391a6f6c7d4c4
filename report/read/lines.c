// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/lines.h"

#include <string.h>

bool lines_value(struct cursor lines, const char *key, const char **value, size_t *len)
{
	size_t key_len = strlen(key), line_len;
	const char *line;

	while (snapshot_line_next(&lines, &line, &line_len) == 1) {
		if (line_len <= key_len || line[key_len] != '=' || memcmp(line, key, key_len))
			continue;
		*value = line + key_len + 1;
		*len = line_len - key_len - 1;
		return true;
	}
	return false;
}

const char *lines_word(const char **line, size_t *left, size_t *len)
{
	const char *at = *line, *space = *left ? memchr(at, ' ', *left) : NULL;

	*len = space ? (size_t)(space - at) : *left;
	*line += *len + !!space;
	*left -= *len + !!space;
	return at;
}

static bool digits(const char *text, size_t len, unsigned int base, uint64_t *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned char)text[i];

		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if (base == 16 && digit >= 'a' && digit <= 'f')
			digit -= 'a' - 10;
		else
			return false;
		if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
			return false;
	}
	if (!len)
		return false;
	*ret = n;
	return true;
}

bool lines_number(const char *text, size_t len, uint64_t *ret)
{
	return digits(text, len, 10, ret);
}

bool lines_hex(const char *text, size_t len, uint64_t *ret)
{
	return digits(text, len, 16, ret);
}

bool lines_take_u32(const char **line, size_t *left, uint32_t *ret)
{
	const char *rest = *line;
	size_t rest_left = *left, len;
	const char *word = lines_word(&rest, &rest_left, &len);
	uint64_t n;

	if (len == *left || !lines_number(word, len, &n) || n > UINT32_MAX)
		return false;
	*line = rest;
	*left = rest_left;
	*ret = (uint32_t)n;
	return true;
}

bool lines_cpu(const char *line, size_t len, const char *prefix, uint16_t *cpu, uint64_t *numbers,
	       size_t n)
{
	const size_t skip = strlen(prefix);
	const char *equals = memchr(line, '=', len), *value;
	uint64_t number;
	size_t left;

	if (len < skip || memcmp(line, prefix, skip) || !equals || equals < line + skip ||
	    !lines_number(line + skip, (size_t)(equals - line) - skip, &number) ||
	    number > UINT16_MAX)
		return false;
	value = equals + 1;
	left = len - (size_t)(value - line);
	for (size_t i = 0; i < n; i++) {
		size_t word_len;
		const char *word = lines_word(&value, &left, &word_len);

		if (!lines_number(word, word_len, &numbers[i]))
			return false;
	}
	*cpu = (uint16_t)number;
	return !left;
}
