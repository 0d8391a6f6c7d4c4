// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>

#include "report/symbol/srcpath.h"

static void known_paths(void **state)
{
	static const struct {
		const char *path;
		const char *dir;
		const char *want;
	} cases[] = {
		/* The kernels of distributions. */
		{"debian/build/build_amd64/net/ipv6/udp.c", "debian/build/build_amd64",
		 "net/ipv6/udp.c"},
		{"/build/linux-6.1.1/net/core/dev.c", "/build/linux-6.1.1/debian/build/build_amd64",
		 "net/core/dev.c"},
		{"/build/linux-6.1.1/debian/build/build_amd64/../../../net/core/dev.c",
		 "/build/linux-6.1.1/debian/build/build_amd64", "net/core/dev.c"},
		{"/usr/src/debug/kernel-6.8/linux-6.8.x86_64/./include/linux/list.h",
		 "/usr/src/debug/kernel-6.8/linux-6.8.x86_64", "include/linux/list.h"},
		/* What is not the kernel's stays where it is. */
		{"/usr/lib/gcc/include/stdarg.h", "/build/linux-6.1.1",
		 "/usr/lib/gcc/include/stdarg.h"},
		{"/usr/lib/gcc/include/stdarg.h", "/usr/src/linux",
		 "/usr/lib/gcc/include/stdarg.h"},
		{"/build/linux-6.1/net/a.c", "/build", "linux-6.1/net/a.c"},
		{"/build/linux-6.10/net/a.c", "/build/linux-6.1", "/build/linux-6.10/net/a.c"},
		{"/a/b/c.c", NULL, "/a/b/c.c"},
		{"/a/b/c.c", "/", "/a/b/c.c"},
		{"a//b/./../c.c", NULL, "a/c.c"},
		{"../../c.c", "/a/b", "../../c.c"},
		{"/../../c.c", NULL, "/c.c"},
		{"./c.c", ".", "c.c"},
		{"/a/b", "/a/b", "/a/b"},
		{"/", "/", ""},
		{"", "", ""},
	};
	char got[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		srcpath_shorten(cases[i].path, cases[i].dir, got, sizeof(got));
		assert_string_equal(got, cases[i].want);
	}
}

static void long_paths(void **state)
{
	char path[3 * PATH_MAX], got[16], all[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 7 ? 'a' : '/';
	path[sizeof(path) - 1] = 0;
	srcpath_shorten(path, path, got, sizeof(got));
	assert_int_equal(strlen(got), sizeof(got) - 1);
	srcpath_shorten(path, NULL, all, sizeof(all));
	assert_in_range(strlen(all), PATH_MAX - 16, PATH_MAX - 1);
	memset(path, 'a', sizeof(path) - 1);
	srcpath_shorten(path, NULL, all, sizeof(all));
	assert_string_equal(all, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_paths),
		cmocka_unit_test(long_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
