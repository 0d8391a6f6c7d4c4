// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/symbol/linetable.h"
#include "tests/support/alloc_fail.h"

#define BASE 0xffffffff81000000u

static struct linetable_frame frames[LINETABLE_FRAMES];

/* outer has [0, 100), middle inlined into it [20, 60), inner into that [30, 40) and [50, 55). */
static int build(struct buf *out)
{
	struct linetable_builder *b;
	uint32_t file, header, outer, middle, inner;
	int err = linetable_builder_create(BASE, &b);

	if (err)
		return err;
	file = linetable_add_file(b, "net/a.c");
	header = linetable_add_file(b, "include/a.h");
	linetable_add_row(b, BASE, file, 10);
	linetable_add_row(b, BASE + 20, file, 11);
	linetable_add_row(b, BASE + 30, header, 100000);
	linetable_add_row(b, BASE + 40, file, 12);
	linetable_add_row(b, BASE + 40, file, 13);
	linetable_add_row(b, BASE + 100, 0, 0);
	outer = linetable_add_scope(b, 0, linetable_add_name(b, "outer"), 0, 0);
	middle = linetable_add_scope(b, outer, linetable_add_name(b, "middle"), file, 7);
	inner = linetable_add_scope(b, middle, linetable_add_name(b, "inner"), header, 8);
	linetable_add_range(b, outer, BASE, BASE + 100);
	linetable_add_range(b, middle, BASE + 20, BASE + 60);
	linetable_add_range(b, inner, BASE + 30, BASE + 40);
	linetable_add_range(b, inner, BASE + 50, BASE + 55);
	err = linetable_builder_finish(b, out);
	linetable_builder_destroy(b);
	return err;
}

static size_t find(const struct buf *table, uint64_t addr)
{
	struct linetable t;

	assert_int_equal(linetable_open(table->data, table->len, &t), 0);
	return linetable_find(&t, addr, frames);
}

static void is_frame(size_t i, const char *function, const char *file, uint32_t line)
{
	assert_string_equal(frames[i].function, function);
	assert_string_equal(frames[i].file, file);
	assert_int_equal(frames[i].line, line);
}

static void finds_what_is_inlined(void **state)
{
	struct buf table = {0};

	(void)state;
	assert_int_equal(build(&table), 0);
	assert_int_equal(find(&table, BASE), 1);
	is_frame(0, "outer", "net/a.c", 10);
	assert_int_equal(find(&table, BASE + 29), 2);
	is_frame(0, "middle", "net/a.c", 11);
	is_frame(1, "outer", "net/a.c", 7);
	assert_int_equal(find(&table, BASE + 30), 3);
	is_frame(0, "inner", "include/a.h", 100000);
	is_frame(1, "middle", "include/a.h", 8);
	is_frame(2, "outer", "net/a.c", 7);
	/* Of two rows at one address the last. */
	assert_int_equal(find(&table, BASE + 40), 2);
	is_frame(0, "middle", "net/a.c", 13);
	assert_int_equal(find(&table, BASE + 54), 3);
	assert_int_equal(find(&table, BASE + 55), 2);
	assert_int_equal(find(&table, BASE + 60), 1);
	assert_int_equal(find(&table, BASE + 99), 1);
	assert_int_equal(find(&table, BASE + 100), 0);
	assert_int_equal(find(&table, BASE - 1), 0);
	assert_int_equal(find(&table, BASE + (UINT64_C(1) << 32)), 0);
	buf_deinit(&table);
}

static void lines_without_functions(void **state)
{
	struct linetable_builder *b;
	struct buf table = {0};

	(void)state;
	assert_int_equal(linetable_builder_create(BASE, &b), 0);
	linetable_add_row(b, BASE - 1, linetable_add_file(b, "before.S"), 1);
	linetable_add_row(b, BASE + 8, linetable_add_file(b, "entry.S"), 5);
	assert_int_equal(linetable_add_file(b, ""), 0);
	assert_int_equal(linetable_builder_finish(b, &table), 0);
	linetable_builder_destroy(b);
	assert_int_equal(find(&table, BASE), 0);
	assert_int_equal(find(&table, BASE + 9), 1);
	is_frame(0, "", "entry.S", 5);
	buf_reset(&table);
	assert_int_equal(linetable_empty(&table), 0);
	assert_int_equal(find(&table, 0), 0);
	assert_int_equal(find(&table, UINT32_MAX), 0);
	buf_deinit(&table);
}

/* Of functions that overlap, and of one within another's range that is not inlined into it. */
static void the_innermost_and_the_first_win(void **state)
{
	struct linetable_builder *b;
	struct buf table = {0};
	uint32_t one, two;

	(void)state;
	assert_int_equal(linetable_builder_create(0, &b), 0);
	one = linetable_add_scope(b, 0, linetable_add_name(b, "one"), 0, 0);
	two = linetable_add_scope(b, 0, linetable_add_name(b, "two"), 0, 0);
	linetable_add_range(b, two, 5, 15);
	linetable_add_range(b, one, 0, 10);
	linetable_add_range(b, one, 12, 12);
	linetable_add_range(b, 0, 0, 20);
	linetable_add_range(b, two, UINT64_MAX, 3);
	assert_int_equal(linetable_builder_finish(b, &table), 0);
	linetable_builder_destroy(b);
	assert_int_equal(find(&table, 9), 1);
	is_frame(0, "one", "", 0);
	assert_int_equal(find(&table, 12), 1);
	is_frame(0, "two", "", 0);
	assert_int_equal(find(&table, 15), 0);
	buf_deinit(&table);
}

static void deep_nesting_ends(void **state)
{
	struct linetable_builder *b;
	struct buf table = {0};
	uint32_t scope = 0, made = 0;

	(void)state;
	assert_int_equal(linetable_builder_create(0, &b), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		scope = linetable_add_scope(b, scope, linetable_add_name(b, "f"), 0, i);
		linetable_add_range(b, scope, i, 2000 - i);
		if (!scope)
			break;
		made++;
	}
	assert_in_range(made, LINETABLE_FRAMES, 999);
	assert_int_equal(linetable_builder_finish(b, &table), 0);
	linetable_builder_destroy(b);
	assert_int_equal(find(&table, 10), 11);
	assert_int_equal(find(&table, 1000), LINETABLE_FRAMES);
	buf_deinit(&table);
}

/* More overlapping code than compilers make: it ends soon, whatever it says. */
static void a_heap_of_ranges_ends(void **state)
{
	struct linetable_builder *b;
	struct buf table = {0};

	(void)state;
	assert_int_equal(linetable_builder_create(0, &b), 0);
	for (unsigned int i = 0; i < 20000; i++)
		linetable_add_range(b, linetable_add_scope(b, 0, 0, 0, 0), i, 100000 + i);
	assert_int_equal(linetable_builder_finish(b, &table), 0);
	linetable_builder_destroy(b);
	assert_int_equal(find(&table, 50000), 1);
	buf_deinit(&table);
}

/* Every byte of it changed, and every length of it: nothing is read that is not there. */
static void any_bytes_may_come(void **state)
{
	struct buf table = {0};
	struct linetable t;
	uint8_t *copy;
	size_t n = 0;

	(void)state;
	assert_int_equal(build(&table), 0);
	for (size_t len = 0; len < table.len; len++) {
		copy = malloc(len + 1); /* just that long: ASan sees what is behind it */
		memcpy(copy, table.data, len);
		copy = realloc(copy, len ? len : 1);
		assert_int_equal(linetable_open(copy, len, &t), -EBADMSG);
		free(copy);
	}
	copy = malloc(table.len);
	for (size_t i = 0; i < table.len; i++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			memcpy(copy, table.data, table.len);
			copy[i] ^= (uint8_t)(1u << bit);
			if (linetable_open(copy, table.len, &t))
				continue;
			for (uint64_t at = 0; at < 101; at++) {
				n = linetable_find(&t, t.base + at, frames);
				assert_true(n <= LINETABLE_FRAMES);
				while (n--)
					assert_true(strlen(frames[n].function) +
							    strlen(frames[n].file) <
						    2 * table.len);
			}
		}
	}
	free(copy);
	buf_deinit(&table);
}

static void no_memory(void **state)
{
	struct buf table = {0};
	int err;

	(void)state;
	for (int n = 0;; n++) {
		buf_deinit(&table);
		alloc_fail_at(n);
		err = build(&table);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
	}
	assert_int_equal(err, 0);
	buf_deinit(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_inlined),
		cmocka_unit_test(lines_without_functions),
		cmocka_unit_test(the_innermost_and_the_first_win),
		cmocka_unit_test(deep_nesting_ends),
		cmocka_unit_test(a_heap_of_ranges_ends),
		cmocka_unit_test(any_bytes_may_come),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
