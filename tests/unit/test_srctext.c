// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "report/symbol/srctext.h"
#include "tests/support/temp_file.h"

static char text[32];

static int line_of(const char *file, uint32_t line)
{
	text[0] = 0;
	return srctext_line("/tmp", file, line, text, sizeof(text));
}

static void lines(void **state)
{
	struct temp_file f = temp_file_text(
		"first\n\t\tif (a\t&& b)\r\n\n  a line that is longer than what there "
		"is room for\nlast");
	const char *name = strrchr(f.path, '/') + 1;

	(void)state;
	assert_int_equal(line_of(name, 0), -ENOENT);
	assert_int_equal(line_of(name, 1), 0);
	assert_string_equal(text, "first");
	assert_int_equal(line_of(name, 2), 0);
	assert_string_equal(text, "if (a && b)");
	assert_int_equal(line_of(name, 3), -ENOENT);
	assert_int_equal(line_of(name, 4), 0);
	assert_string_equal(text, "a line that is longer than what");
	assert_int_equal(line_of(name, 5), 0);
	assert_string_equal(text, "last");
	assert_int_equal(line_of(name, 6), -ENOENT);
	assert_int_equal(line_of(name, UINT32_MAX), -ENOENT);
	temp_file_destroy(&f);
}

/* Debug information may name any file. */
static void only_below_the_directory(void **state)
{
	struct temp_file f = temp_file_text("first\n");
	const char *name = strrchr(f.path, '/') + 1;
	char path[128];

	(void)state;
	strcat(strcpy(path, "..name/../"), name);
	assert_int_equal(line_of(f.path, 1), -ENOENT);
	assert_int_equal(line_of(path, 1), -ENOENT);
	strcat(strcpy(path, "../tmp/"), name);
	assert_int_equal(line_of(path, 1), -ENOENT);
	strcat(strcpy(path, ".//./"), name);
	assert_int_equal(line_of(path, 1), 0);
	assert_int_equal(line_of("", 1), -ENOENT);
	assert_int_equal(line_of(".", 1), -ENOENT);
	assert_int_equal(srctext_line("/dev", "zero", 1, text, sizeof(text)), -ENOENT);
	assert_int_equal(srctext_line("/nonexistent", name, 1, text, sizeof(text)), -ENOENT);
	temp_file_destroy(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(only_below_the_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
