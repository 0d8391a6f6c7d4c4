// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/read/lines.h"

static const char *value(const char *text, const char *key)
{
	static char copy[32];
	const char *v;
	size_t len;

	if (!lines_value(cursor_of(text, strlen(text)), key, &v, &len))
		return NULL;
	memcpy(copy, v, len);
	copy[len] = 0;
	return copy;
}

static void values(void **state)
{
	static const char text[] = "a=1\n\nab=2=3\nb\na=4\nlast=";

	(void)state;
	assert_string_equal(value(text, "a"), "1"); /* the first */
	assert_string_equal(value(text, "ab"), "2=3");
	assert_string_equal(value(text, "last"), "");
	assert_null(value(text, "b"));
	assert_null(value(text, "las"));
	assert_null(value("", "a"));
	assert_null(value("a", "a"));
}

static void expect_word(const char **line, size_t *left, const char *want)
{
	size_t len;
	const char *word = lines_word(line, left, &len);

	assert_int_equal(len, strlen(want));
	assert_memory_equal(word, want, len);
}

static void words(void **state)
{
	const char *line = "one  three and more";
	size_t left = strlen(line);

	(void)state;
	expect_word(&line, &left, "one");
	expect_word(&line, &left, "");
	expect_word(&line, &left, "three");
	assert_int_equal(left, strlen("and more"));
	expect_word(&line, &left, "and");
	expect_word(&line, &left, "more");
	expect_word(&line, &left, "");
	assert_int_equal(left, 0);
}

static bool is_number(const char *text, uint64_t want)
{
	uint64_t n = ~want;

	return lines_number(text, strlen(text), &n) && n == want;
}

static bool is_hex(const char *text, uint64_t want)
{
	uint64_t n = ~want;

	return lines_hex(text, strlen(text), &n) && n == want;
}

static void numbers(void **state)
{
	static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "1x", "0x1", "1.0", "A"};
	uint64_t n = 7;

	(void)state;
	assert_true(is_number("0", 0) && is_number("0012", 12));
	assert_true(is_number("18446744073709551615", UINT64_MAX));
	assert_false(lines_number("18446744073709551616", 20, &n));
	assert_true(is_hex("ffffffffffffffff", UINT64_MAX) && is_hex("9a", 0x9a));
	assert_false(lines_hex("10000000000000000", 17, &n));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(lines_number(bad[i], strlen(bad[i]), &n));
		assert_false(lines_hex(bad[i], strlen(bad[i]), &n));
	}
	assert_false(lines_number("a", 1, &n));
	assert_int_equal(n, 7); /* untouched */
}

static void taken_numbers(void **state)
{
	static const char *const bad[] = {"", "12", " x", "x y", "4294967296 x", "1x y"};
	const char *line = "4294967295 7 a name", *at;
	size_t left = strlen(line);
	uint32_t n;

	(void)state;
	assert_true(lines_take_u32(&line, &left, &n) && n == UINT32_MAX);
	assert_true(lines_take_u32(&line, &left, &n) && n == 7);
	assert_string_equal(line, "a name");
	assert_int_equal(left, 6);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		at = bad[i];
		left = strlen(at);
		assert_false(lines_take_u32(&at, &left, &n));
		assert_ptr_equal(at, bad[i]);
		assert_int_equal(left, strlen(bad[i]));
	}
	at = "5 ";
	left = 2;
	assert_true(lines_take_u32(&at, &left, &n) && n == 5 && !left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(words),
		cmocka_unit_test(numbers),
		cmocka_unit_test(taken_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
