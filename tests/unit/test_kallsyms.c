// SPDX-License-Identifier: GPL-2.0-only
/* /proc/kallsyms as small files: which lines count, and the lookups both ways. */
#include "record/kallsyms.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/temp_file.h"

/* Not sorted, as the real one is not where modules begin. */
static const char text[] = "0000000000000000 A fixed_percpu_data\n"
			   "0000000000004000 D cpu_data\n"
			   "ffffffff81002000 T ip_rcv\n"
			   "ffffffff81000000 T _text\n"
			   "ffffffff81003000 t dup\n"
			   "ffffffff81001000 t dup\n"
			   "ffffffff81004000 W weak_fn\n"
			   "ffffffff81004800 w weak_local\n"
			   "ffffffff81005000 t ip_rcv.isra.0\n"
			   "ffffffff81005100 t only_isra.isra.0\n"
			   "ffffffff81005200 t split_const.constprop.0.isra.0\n"
			   "ffffffff81005300 t only_cold.cold\n"
			   "ffffffff81005380 t both.cold\n"
			   "ffffffff81005400 t both.part.0\n"
			   "ffffffff81005500 t prefix_longer\n"
			   "ffffffff81006000 d not_text_d\n"
			   "ffffffff81006100 R not_text_r\n"
			   "ffffffff81006200 b not_text_b\n"
			   "ffffffff81006300 $ $x\n"
			   "ffffffffc0101000 t helper\t[nf_tables]\n"
			   "ffffffffc0100000 t mod_init\t[nf_tables]\n"
			   "ffffffffc0200000 t mod_init\t[veth]\n"
			   "ffffffffc0201000 t helper\t[nf_tables]\n"
			   "ffffffffc0300000 t bpf_prog_6deef7357e7b4530\t[bpf]\n"
			   "ffffffffc0400000 d mod_data\t[data_only]\n";

static struct kallsyms *create(const char *content)
{
	struct temp_file f = temp_file_text(content);
	struct kallsyms *k = NULL;

	assert_int_equal(kallsyms_create(f.path, &k), 0);
	assert_non_null(k);
	temp_file_destroy(&f);
	return k;
}

static int create_error(const char *content)
{
	struct temp_file f = temp_file_text(content);
	struct kallsyms *untouched = (struct kallsyms *)text, *k = untouched;
	int err = kallsyms_create(f.path, &k);

	temp_file_destroy(&f);
	assert_true(err < 0);
	assert_ptr_equal(k, untouched);
	return err;
}

static void text_symbols_by_address(void **state)
{
	struct kallsyms *k = create(text);
	static const char *const want[] = {
		"_text",
		"dup",
		"ip_rcv",
		"dup",
		"weak_fn",
		"weak_local",
		"ip_rcv.isra.0",
		"only_isra.isra.0",
		"split_const.constprop.0.isra.0",
		"only_cold.cold",
		"both.cold",
		"both.part.0",
		"prefix_longer",
		"mod_init",
		"helper",
		"mod_init",
		"helper",
		"bpf_prog_6deef7357e7b4530",
	};

	(void)state;
	assert_int_equal(kallsyms_count(k), sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < kallsyms_count(k); i++)
		assert_string_equal(kallsyms_at(k, i)->name, want[i]);
	assert_true(kallsyms_at(k, 0)->addr == 0xffffffff81000000);
	assert_int_equal(kallsyms_at(k, 0)->type, 'T');
	assert_int_equal(kallsyms_at(k, 1)->type, 't');
	assert_int_equal(kallsyms_at(k, 4)->type, 'W');
	assert_int_equal(kallsyms_at(k, 5)->type, 'w');
	kallsyms_destroy(k);
}

static void modules(void **state)
{
	struct kallsyms *k = create(text);
	const struct kallsym *const *syms;

	(void)state;
	/* One without text is none. */
	assert_int_equal(kallsyms_modules(k), 3);
	assert_string_equal(kallsyms_module(k, 0), "");
	assert_string_equal(kallsyms_module(k, 1), "nf_tables");
	assert_string_equal(kallsyms_module(k, 2), "veth");
	assert_string_equal(kallsyms_module(k, 3), "bpf");
	assert_int_equal(kallsyms_at(k, 0)->module, 0);
	assert_int_equal(kallsyms_by_name(k, "mod_init", &syms), 2);
	assert_int_equal(syms[0]->module, 1);
	assert_int_equal(syms[1]->module, 2);
	/* The module comes back after another one. */
	assert_int_equal(kallsyms_by_name(k, "helper", &syms), 2);
	assert_int_equal(syms[0]->module, 1);
	assert_int_equal(syms[1]->module, 1);
	kallsyms_destroy(k);
}

static void by_name(void **state)
{
	struct kallsyms *k = create(text);
	const struct kallsym *const *syms;

	(void)state;
	assert_int_equal(kallsyms_by_name(k, "ip_rcv", &syms), 1);
	assert_true(syms[0]->addr == 0xffffffff81002000);
	assert_int_equal(kallsyms_by_name(k, "dup", &syms), 2);
	assert_true(syms[0]->addr == 0xffffffff81001000);
	assert_true(syms[1]->addr == 0xffffffff81003000);
	/* The first and the last in order of names; before, between and after them nothing. */
	assert_int_equal(kallsyms_by_name(k, "_text", &syms), 1);
	assert_int_equal(kallsyms_by_name(k, "weak_local", &syms), 1);
	assert_int_equal(kallsyms_by_name(k, "", &syms), 0);
	assert_int_equal(kallsyms_by_name(k, "ip_rc", &syms), 0);
	assert_int_equal(kallsyms_by_name(k, "ip_rcv_", &syms), 0);
	assert_int_equal(kallsyms_by_name(k, "zzz", &syms), 0);
	assert_int_equal(kallsyms_by_name(k, "not_text_d", &syms), 0);
	assert_int_equal(kallsyms_by_name(k, "$x", &syms), 0);
	assert_int_equal(kallsyms_by_name(k, "fixed_percpu_data", &syms), 0);
	kallsyms_destroy(k);
}

static void suffixed(void **state)
{
	struct kallsyms *k = create(text);

	(void)state;
	assert_string_equal(kallsyms_suffixed(k, "only_isra")->name, "only_isra.isra.0");
	assert_string_equal(kallsyms_suffixed(k, "split_const")->name,
			    "split_const.constprop.0.isra.0");
	assert_string_equal(kallsyms_suffixed(k, "ip_rcv")->name, "ip_rcv.isra.0");
	assert_string_equal(kallsyms_suffixed(k, "both")->name, "both.part.0");
	assert_null(kallsyms_suffixed(k, "only_cold"));
	assert_null(kallsyms_suffixed(k, "dup"));
	assert_null(kallsyms_suffixed(k, "prefix"));
	assert_null(kallsyms_suffixed(k, "only_isr"));
	assert_null(kallsyms_suffixed(k, "zzz"));
	kallsyms_destroy(k);
}

static void by_addr(void **state)
{
	struct kallsyms *k = create(text);

	(void)state;
	assert_null(kallsyms_by_addr(k, 0));
	assert_null(kallsyms_by_addr(k, 0xffffffff80ffffff));
	assert_string_equal(kallsyms_by_addr(k, 0xffffffff81000000)->name, "_text");
	assert_string_equal(kallsyms_by_addr(k, 0xffffffff81000fff)->name, "_text");
	assert_string_equal(kallsyms_by_addr(k, 0xffffffff81002000)->name, "ip_rcv");
	assert_string_equal(kallsyms_by_addr(k, 0xffffffff81002abc)->name, "ip_rcv");
	assert_string_equal(kallsyms_by_addr(k, 0xffffffffc0300000)->name,
			    "bpf_prog_6deef7357e7b4530");
	assert_string_equal(kallsyms_by_addr(k, UINT64_MAX)->name, "bpf_prog_6deef7357e7b4530");
	kallsyms_destroy(k);
}

static void hidden_addresses(void **state)
{
	struct kallsyms *k;

	(void)state;
	assert_int_equal(create_error("0000000000000000 T _text\n"
				      "0000000000000000 T ip_rcv\n"
				      "0000000000000000 t mod_init\t[veth]\n"),
			 -ENODATA);
	/* No text symbol with an address, though data has one. */
	assert_int_equal(create_error("0000000000000000 T _text\nffffffff81000000 D data\n"),
			 -ENODATA);
	assert_int_equal(create_error(""), -ENODATA);
	assert_int_equal(create_error("nothing of the kind\n\n\n"), -ENODATA);
	assert_int_equal(kallsyms_create("/nonexistent/kallsyms", &k), -ENOENT);
	assert_int_equal(kallsyms_create("/", &k), -EISDIR);
	kallsyms_destroy(NULL);
}

static void odd_lines(void **state)
{
	static const char odd[] = "\n"
				  "T\n"
				  "ffffffff81000000\n"
				  "ffffffff81000000 \n"
				  "ffffffff81000000 T\n"
				  "ffffffff81000000 TT two_letters\n"
				  "ffffffff81000000 t half_module\t[veth\n"
				  "ffffffff81000000 t no_bracket\tveth\n"
				  "xyz T no_number\n"
				  "ffffffff81000000 T good\n"
				  "ffffffff81000010 T no_newline";
	struct kallsyms *k = create(odd);

	(void)state;
	assert_int_equal(kallsyms_count(k), 2);
	assert_string_equal(kallsyms_at(k, 0)->name, "good");
	assert_string_equal(kallsyms_at(k, 1)->name, "no_newline");
	assert_int_equal(kallsyms_modules(k), 0);
	kallsyms_destroy(k);
}

static void truncated_at_every_byte(void **state)
{
	size_t before = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		struct temp_file f = temp_file_create(text, n);
		struct kallsyms *k = NULL;
		int err = kallsyms_create(f.path, &k);

		temp_file_destroy(&f);
		assert_true(err == -ENODATA || (!err && kallsyms_count(k)));
		/* Nothing that was read is lost by reading on, but one whose module was cut. */
		if (k) {
			assert_true(kallsyms_count(k) + 1 >= before);
			before = kallsyms_count(k);
		}
		kallsyms_destroy(k);
	}
	assert_int_equal(before, 18);
}

/* More than the first allocation holds, in reverse, and read in many pieces. */
static void as_many_as_a_kernel_has(void **state)
{
	enum { COUNT = 150000 };
	char *many = malloc(COUNT * 40), *at = many, name[32];
	const struct kallsym *const *syms;
	struct kallsyms *k;

	(void)state;
	assert_non_null(many);
	for (unsigned int i = 0; i < COUNT; i++)
		at += sprintf(at, "ffffffff%08x t function_%u\n", (COUNT - i) * 16, i);
	k = create(many);
	assert_int_equal(kallsyms_count(k), COUNT);
	for (unsigned int i = 0; i < COUNT; i += 997) {
		uint64_t addr = 0xffffffff00000000 + (COUNT - i) * 16;

		snprintf(name, sizeof(name), "function_%u", i);
		assert_true(kallsyms_at(k, COUNT - 1 - i)->addr == addr);
		assert_int_equal(kallsyms_by_name(k, name, &syms), 1);
		assert_true(syms[0]->addr == addr);
		assert_ptr_equal(kallsyms_by_addr(k, addr + 15), syms[0]);
	}
	kallsyms_destroy(k);
	free(many);
}

static void out_of_memory(void **state)
{
	struct temp_file f = temp_file_text(text);
	struct kallsyms *untouched = (struct kallsyms *)text;
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct kallsyms *k = untouched;
		int err;

		alloc_fail_at(n);
		err = kallsyms_create(f.path, &k);
		if (!alloc_fail_end()) {
			assert_int_equal(err, 0);
			kallsyms_destroy(k);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		assert_ptr_equal(k, untouched);
		failures++;
	}
	temp_file_destroy(&f);
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 6 : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_symbols_by_address),
		cmocka_unit_test(modules),
		cmocka_unit_test(by_name),
		cmocka_unit_test(suffixed),
		cmocka_unit_test(by_addr),
		cmocka_unit_test(hidden_addresses),
		cmocka_unit_test(odd_lines),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(as_many_as_a_kernel_has),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
