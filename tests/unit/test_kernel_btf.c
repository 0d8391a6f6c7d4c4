// SPDX-License-Identifier: GPL-2.0-only
/* --kernel-btf: which files are taken for the BTF of a kernel made by hand, and what is said of the
 * others. */
#include "record/kernel_btf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/kallsyms.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/temp_file.h"

#define FUNCTIONS 100

struct made {
	struct btf *btf;
	struct kallsyms *kallsyms;
};

/* Of its functions the first, as many as odd, have no symbol. */
static void make(struct made *k, unsigned int functions, unsigned int odd)
{
	char symbols[FUNCTIONS * 48 + 32], *s = symbols, name[16];
	struct temp_file f;
	int proto;

	memset(k, 0, sizeof(*k));
	k->btf = btf__new_empty();
	assert_true(btf__add_struct(k->btf, "sk_buff", 232) > 0);
	proto = btf__add_func_proto(k->btf, 0);
	s += sprintf(s, "ffffffff81000000 T _stext\n");
	for (unsigned int i = 0; i < functions; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		assert_true(btf__add_func(k->btf, name, BTF_FUNC_STATIC, proto) > 0);
		if (i >= odd)
			s += sprintf(s, "ffffffff81%06x T %s%s\n", i * 16 + 16, name,
				     i % 2 ? "" : ".constprop.0");
	}
	f = temp_file_text(symbols);
	assert_int_equal(kallsyms_create(f.path, &k->kallsyms), 0);
	temp_file_destroy(&f);
}

static void unmake(struct made *k)
{
	btf__free(k->btf);
	kallsyms_destroy(k->kallsyms);
}

/* What becomes of the first len bytes of btf. */
static int load_bytes(const struct btf *btf, const struct kallsyms *k, size_t len, char *why,
		      size_t size)
{
	struct btf *got = NULL;
	uint32_t whole;
	const void *raw = btf__raw_data(btf, &whole);
	struct temp_file f = temp_file_create(raw, len && len < whole ? len : whole);
	int err = kernel_btf_load(f.path, k, &got, why, size);

	temp_file_destroy(&f);
	assert_true(err ? !got : got && btf__type_cnt(got) == btf__type_cnt(btf));
	btf__free(got);
	return err;
}

static void expect(const struct btf *btf, const struct kallsyms *k, size_t len, int err,
		   const char *told)
{
	char why[256] = "";

	assert_int_equal(load_bytes(btf, k, len, why, sizeof(why)), err);
	if (!strstr(why, told))
		fail_msg("\"%s\" is not in \"%s\"", told, why);
	assert_null(strchr(why, '\n'));
}

static void test_of_this_kernel(void **state)
{
	struct made k;

	(void)state;
	for (unsigned int odd = 0; odd <= FUNCTIONS / 50; odd++) {
		make(&k, FUNCTIONS, odd);
		expect(k.btf, k.kallsyms, 0, 0, "");
		unmake(&k);
	}
}

static void test_of_another_kernel(void **state)
{
	struct made k;

	(void)state;
	make(&k, FUNCTIONS, FUNCTIONS / 50 + 1);
	expect(k.btf, k.kallsyms, 0, -EINVAL, ": BTF of another kernel: 3 of its 100 functions");
	/* Nothing to compare with. */
	expect(k.btf, NULL, 0, 0, "");
	unmake(&k);
}

static void test_without_functions(void **state)
{
	struct made k;

	(void)state;
	make(&k, 0, 0);
	expect(k.btf, k.kallsyms, 0, 0, "");
	unmake(&k);
}

static void test_of_no_kernel(void **state)
{
	struct btf *btf = btf__new_empty();

	(void)state;
	assert_true(btf__add_int(btf, "int", 4, BTF_INT_SIGNED) > 0);
	expect(btf, NULL, 0, -EINVAL, ": BTF, but not of a kernel: no struct sk_buff");
	btf__free(btf);
}

static void test_truncated(void **state)
{
	struct made k;
	uint32_t whole;

	(void)state;
	make(&k, FUNCTIONS, 0);
	btf__raw_data(k.btf, &whole);
	for (uint32_t len = 1; len < whole; len += 1 + len / 64)
		expect(k.btf, k.kallsyms, len, -EINVAL, ": not a file with BTF, or damaged");
	unmake(&k);
}

static void test_not_readable(void **state)
{
	char why[256];
	struct btf *got = NULL;

	(void)state;
	assert_int_equal(kernel_btf_load("/nonexistent/btf", NULL, &got, why, sizeof(why)),
			 -ENOENT);
	assert_string_equal(why, "/nonexistent/btf: cannot read: No such file or directory");
	assert_null(got);
}

static void test_out_of_memory(void **state)
{
	struct made k;
	struct temp_file f;
	uint32_t whole;
	const void *raw;
	int refused = 0;
	bool failed;

	(void)state;
	make(&k, FUNCTIONS, 0);
	raw = btf__raw_data(k.btf, &whole);
	f = temp_file_create(raw, whole);
	for (int n = 0;; n++) {
		struct btf *got = NULL;
		char why[256] = "";
		int err;

		errno = ENOMEM; /* glibc's malloc() says so, that of alloc_fail does not */
		alloc_fail_at(n);
		err = kernel_btf_load(f.path, k.kallsyms, &got, why, sizeof(why));
		failed = alloc_fail_end();
		/* The buffer of a FILE can do without. */
		assert_true(err ? failed && err == -ENOMEM && !got : got != NULL);
		assert_true(!err || strstr(why, ": out of memory"));
		refused += err != 0;
		btf__free(got);
		if (!failed)
			break;
	}
	assert_true(refused > 2 || !ALLOC_FAIL_WORKS);
	temp_file_destroy(&f);
	unmake(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_this_kernel),	  cmocka_unit_test(test_of_another_kernel),
		cmocka_unit_test(test_without_functions), cmocka_unit_test(test_of_no_kernel),
		cmocka_unit_test(test_truncated),	  cmocka_unit_test(test_not_readable),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
