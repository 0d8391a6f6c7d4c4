// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "record/counters.h"

static void not_countable_and_no_more_cpus_than_fit(void **state)
{
	struct counters_cpu *cpu = calloc(4096, sizeof(*cpu));
	struct capture_counters n = {.uncounted = true, .cpu = cpu, .cpus = 4096};
	struct buf b = {};

	(void)state;
	assert_non_null(cpu);
	for (size_t i = 0; i < 4096; i++)
		cpu[i] = (struct counters_cpu){UINT64_MAX, UINT64_MAX};
	counters_print(&b, &n);
	assert_in_range(b.len, 50000, 65000);
	buf_u8(&b, 0);
	assert_non_null(
		strstr((char *)b.data, "\nnested=nested misses not countable on this kernel\n"));
	assert_non_null(strstr((char *)b.data, "\nlost_cpu1023=18446744073709551615 "));
	buf_deinit(&b);
	free(cpu);
}

static void what_is_complete(void **state)
{
	struct capture_counters n = {.recorded = 9, .held = 1, .filtered = 1, .stale = 1};
	uint64_t *const lost[] = {&n.lost_ring, &n.lost_read, &n.lost_hold, &n.lost_map,
				  &n.evicted,	&n.recursion, &n.nmissed};

	(void)state;
	assert_true(counters_complete(&n));
	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		*lost[i] = 1;
		assert_false(counters_complete(&n));
		assert_int_equal(counters_lost(&n), i < 3);
		*lost[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_countable_and_no_more_cpus_than_fit),
		cmocka_unit_test(what_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
