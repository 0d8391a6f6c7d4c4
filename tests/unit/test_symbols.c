// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "report/read/symbols.h"
#include "tests/support/capture_builder.h"

static uint8_t bytes[1024];
static size_t len;

static void add(uint64_t delta, char type, uint32_t module, const char *name)
{
	len += builder_symbol(bytes + len, delta, type, module, name);
}

static struct snapshot snapshot_of(const char *modules)
{
	struct snapshot s = {0};

	s.record[SNAPSHOT_SYMBOLS].data = bytes;
	s.record[SNAPSHOT_SYMBOLS].len = len;
	s.record[SNAPSHOT_MODULES].data = (const uint8_t *)modules;
	s.record[SNAPSHOT_MODULES].len = strlen(modules);
	return s;
}

static void finds_functions(void **state)
{
	struct snapshot snap;
	struct symbols *s;
	struct symbol sym;

	(void)state;
	len = 0;
	add(0xffffffff81000000, 'T', 0, "_text");
	add(0x100, 't', 0, "ip_rcv");
	add(0x100, 't', 2, "nf_hook_slow");
	snap = snapshot_of("veth 0x0 1 -\nnf_tables 0x0 1 -\n");
	assert_int_equal(symbols_create(&snap, &s), 0);
	assert_int_equal(symbols_count(s), 3);
	assert_int_equal(symbols_find(s, 0xffffffff810001ff, &sym), 0);
	assert_string_equal(sym.name, "ip_rcv");
	assert_string_equal(sym.module, "");
	assert_int_equal(sym.offset, 0xff);
	/* A return address just behind a function belongs to it. */
	assert_int_equal(symbols_find_caller(s, 0xffffffff81000200, &sym), 0);
	assert_string_equal(sym.name, "ip_rcv");
	assert_int_equal(sym.offset, 0x100);
	assert_int_equal(symbols_find(s, 0xffffffff8100023f, &sym), 0);
	assert_string_equal(sym.name, "nf_hook_slow");
	assert_string_equal(sym.module, "nf_tables");
	assert_int_equal(symbols_find(s, 0xffffffff80ffffff, &sym), -ENOENT);
	assert_int_equal(symbols_find(s, 0xffffffffc0000000, &sym), -ENOENT);
	assert_int_equal(symbols_find(s, 0, &sym), -ENOENT);
	assert_int_equal(symbols_find_caller(s, 0, &sym), -ENOENT);
	assert_int_equal(symbols_find(NULL, 1, &sym), -ENOENT);
	symbols_destroy(s);
}

static void real_names_win(void **state)
{
	static const char *const aliases[] = {"$x",
					      "$d",
					      "__pfx_kfree_skb",
					      "__SCT__kfree_skb",
					      "kfree_skb.cold",
					      "kfree_skb.part.0",
					      "__kfree_skb_"};
	struct snapshot snap;
	struct symbols *s;
	struct symbol sym;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(aliases) / sizeof(aliases[0]); i++) {
		len = 0;
		if (i % 2)
			add(0x1000, 't', 0, "kfree_skb");
		add(i % 2 ? 0 : 0x1000, 't', 0, aliases[i / 2]);
		if (!(i % 2))
			add(0, 't', 0, "kfree_skb");
		snap = snapshot_of("");
		assert_int_equal(symbols_create(&snap, &s), 0);
		assert_int_equal(symbols_count(s), 1);
		assert_int_equal(symbols_find(s, 0x1000, &sym), 0);
		assert_string_equal(sym.name, "kfree_skb");
		symbols_destroy(s);
	}
}

/* Mapping symbols and labels stand within functions, too. */
static void no_function_ends_there(void **state)
{
	static const char *const labels[] = {"$d", "$x.17", ".Lend", ""};
	struct snapshot snap;
	struct symbols *s;
	struct symbol sym;

	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		len = 0;
		add(0x1000, 't', 1, "nft_do_chain");
		add(0x10, 't', 1, labels[i]);
		snap = snapshot_of("nf_tables 0x1000 1 -\n");
		assert_int_equal(symbols_create(&snap, &s), 0);
		assert_int_equal(symbols_find_caller(s, 0x1018, &sym), 0);
		assert_string_equal(sym.name, "nft_do_chain");
		assert_string_equal(sym.module, "nf_tables");
		assert_int_equal(sym.offset, 0x18);
		symbols_destroy(s);
	}
}

static void refuses_what_is_not_there(void **state)
{
	struct snapshot snap;
	struct symbols *s = NULL;

	(void)state;
	len = 0;
	snap = snapshot_of("");
	assert_int_equal(symbols_create(&snap, &s), -ENODATA);
	add(0x1000, 't', 0, "$x");
	snap = snapshot_of("");
	assert_int_equal(symbols_create(&snap, &s), -ENODATA);
	add(0x1000, 't', 9, "far_module");
	for (size_t cut = 1; cut < 10; cut++) {
		snap = snapshot_of("");
		snap.record[SNAPSHOT_SYMBOLS].len -= cut;
		assert_int_equal(symbols_create(&snap, &s), -EBADMSG);
	}
	/* Addresses that wrap around are damage. */
	len = 0;
	add(0xffffffffffff0000, 't', 0, "a");
	add(0x20000, 't', 0, "b");
	snap = snapshot_of("");
	assert_int_equal(symbols_create(&snap, &s), -EBADMSG);
	assert_null(s);
}

/* A module number that no line of MODULES has is no module. */
static void unknown_module(void **state)
{
	struct snapshot snap;
	struct symbols *s;
	struct symbol sym;

	(void)state;
	len = 0;
	add(0x1000, 't', 77, "f");
	snap = snapshot_of("veth 0 0 -\n");
	assert_int_equal(symbols_create(&snap, &s), 0);
	assert_int_equal(symbols_find(s, 0x1000, &sym), 0);
	assert_string_equal(sym.module, "");
	symbols_destroy(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_functions),
		cmocka_unit_test(real_names_win),
		cmocka_unit_test(no_function_ends_there),
		cmocka_unit_test(refuses_what_is_not_there),
		cmocka_unit_test(unknown_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
