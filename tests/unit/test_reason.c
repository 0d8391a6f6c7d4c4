// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "common/utf8.h"
#include "report/path/reason.h"

static void by_its_name(void **state)
{
	(void)state;
	assert_ptr_equal(reason_find("NETFILTER_DROP"),
			 reason_find("SKB_DROP_REASON_NETFILTER_DROP"));
	assert_string_equal(reason_find("NETFILTER_DROP")->look, "nft list ruleset");
	assert_string_equal(reason_find("SKB_CONSUMED")->name, "CONSUMED");
	assert_string_equal(reason_find("SKB_CSUM")->name, "SKB_CSUM");
	assert_string_equal(reason_find("SKB_DROP_REASON_SKB_CSUM")->name, "SKB_CSUM");
	assert_string_equal(reason_find("RX_DROP_U_REPLAY")->name, "RX_DROP_");
}

static void what_is_not_known_says_so(void **state)
{
	const struct reason *newer = reason_find("TCP_TOO_NEW"), *number = reason_find("reason 77");
	const struct reason *none = reason_find(NULL);

	(void)state;
	assert_string_equal(newer->name, "");
	assert_non_null(strstr(newer->usually, "Not known to this version"));
	assert_string_equal(number->name, "");
	assert_ptr_not_equal(number, newer);
	assert_non_null(strstr(none->usually, "before 5.17"));
	for (size_t i = 0; i < reason_count; i++)
		assert_ptr_equal(reason_find(reason_all[i].name), &reason_all[i]);
}

static size_t columns(const char *text)
{
	size_t n = 0, len = strlen(text), step;
	uint32_t code;

	for (size_t i = 0; i < len; i += step, n++) {
		step = utf8_next(text + i, len - i, &code);
		assert_true(step > 0);
	}
	return n;
}

/* One sentence, one line, and no two alike. */
static void each_is_a_sentence_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < reason_count; i++) {
		const struct reason *r = &reason_all[i];
		size_t len = strlen(r->usually);

		assert_true(len > 30 && columns(r->usually) <= 87 && columns(r->look) <= 87);
		assert_true(r->usually[0] >= 'A' && r->usually[0] <= 'Z');
		assert_true(r->usually[len - 1] == '.' && !strstr(r->usually, ". "));
		assert_true(strlen(r->look) > 5);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(r->name, reason_all[j].name);
			assert_string_not_equal(r->usually, reason_all[j].usually);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_its_name),
		cmocka_unit_test(what_is_not_known_says_so),
		cmocka_unit_test(each_is_a_sentence_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
