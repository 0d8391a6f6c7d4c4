// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/symbol/srcline_map.h"

static void of_a_kernel_nothing_changes(void **state)
{
	struct srcline_range r = {.start = 5, .end = 9};
	struct srcline_map m = {0};
	struct buf out = {0};
	uint64_t at;

	(void)state;
	assert_true(srcline_map_there(&m, UINT64_MAX, &at));
	assert_true(at == UINT64_MAX);
	assert_true(srcline_map_here(&m, 7, &at));
	assert_int_equal(at, 7);
	srcline_map_ranges(&m, &r, &out);
	assert_int_equal(out.len, sizeof(r));
	assert_memory_equal(out.data, &r, sizeof(r));
	buf_deinit(&out);
}

/* .text of 0x21 bytes, .exit.text of 0x10 behind it, aligned to 16; there with data between them.
 */
static void of_a_module_sections_are_moved(void **state)
{
	struct srcline_range all = {.start = 0x1000, .end = 0x5008}, got[2];
	struct srcline_map m = {0};
	struct buf out = {0};
	uint64_t at;

	(void)state;
	assert_true(srcline_map_add(&m, 0x1000, 0x21, 16));
	assert_true(srcline_map_add(&m, 0x5000, 0x10, 16));
	assert_true(srcline_map_there(&m, 0x20, &at));
	assert_int_equal(at, 0x1020);
	assert_false(srcline_map_there(&m, 0x21, &at));
	assert_true(srcline_map_there(&m, 0x30, &at));
	assert_int_equal(at, 0x5000);
	assert_false(srcline_map_there(&m, 0x40, &at));
	assert_true(srcline_map_here(&m, 0x500f, &at));
	assert_int_equal(at, 0x3f);
	assert_false(srcline_map_here(&m, 0x5010, &at));
	assert_false(srcline_map_here(&m, 0x1021, &at));
	assert_false(srcline_map_here(&m, 0xfff, &at));
	srcline_map_ranges(&m, &all, &out);
	assert_int_equal(out.len, sizeof(got));
	memcpy(got, out.data, sizeof(got));
	assert_int_equal(got[0].start, 0);
	assert_int_equal(got[0].end, 0x21);
	assert_int_equal(got[1].start, 0x30);
	assert_int_equal(got[1].end, 0x38);
	buf_deinit(&out);
	srcline_map_deinit(&m);
}

static void impossible_sections(void **state)
{
	struct srcline_map m = {0};

	(void)state;
	assert_false(srcline_map_add(&m, 0, 1, 3));
	assert_false(srcline_map_add(&m, 0, UINT64_MAX, 1));
	assert_false(srcline_map_add(&m, UINT64_MAX, 2, 1));
	assert_false(srcline_map_add(&m, 0, 1, UINT64_C(1) << 40));
	assert_false(m.failed);
	assert_int_equal(m.n, 0);
	srcline_map_deinit(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_kernel_nothing_changes),
		cmocka_unit_test(of_a_module_sections_are_moved),
		cmocka_unit_test(impossible_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
