// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/render_csv.h"
#include "tests/support/sink_fixture.h"

static const char *line(void)
{
	csv_end(&sink);
	return said();
}

static void values(void **state)
{
	(void)state;
	csv_u64(&sink, 0);
	csv_hex(&sink, 255);
	csv_bool(&sink, true);
	csv_maybe(&sink, true, 7);
	csv_maybe(&sink, false, 7);
	csv_str(&sink, "nft_do_chain");
	csv_str(&sink, NULL);
	assert_string_equal(line(), "0,0xff,true,7,,nft_do_chain,\n");
	csv_time(&sink, 1000000001);
	assert_string_equal(line(), "1970-01-01T00:00:01.000000001Z\n");
}

static void nothing_first(void **state)
{
	(void)state;
	csv_none(&sink);
	csv_none(&sink);
	csv_u64(&sink, 1);
	assert_string_equal(line(), "\"\",,1\n");
	csv_str(&sink, "");
	csv_str(&sink, "");
	assert_string_equal(line(), "\"\",\n");
}

static void quotes(void **state)
{
	(void)state;
	csv_str(&sink, "a,b");
	csv_str(&sink, "say \"it\"");
	csv_str(&sink, "it's");
	assert_string_equal(line(), "\"a,b\",\"say \"\"it\"\"\",\"it's\"\n");
}

static void no_formula(void **state)
{
	static const char *const formulas[] = {"=1+1", "+1", "-1", "@SUM(A1)"};
	char want[32];

	(void)state;
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++) {
		csv_str(&sink, formulas[i]);
		strcpy(want, "\"'");
		strcat(strcat(want, formulas[i]), "\"\n");
		assert_string_equal(line(), want);
	}
	csv_str(&sink, "\tx");
	csv_str(&sink, "\rx");
	assert_string_equal(line(), "\"'\xef\xbf\xbdx\",\"'\xef\xbf\xbdx\"\n");
	csv_str(&sink, "1=1");
	assert_string_equal(line(), "1=1\n");
}

static void controls(void **state)
{
	(void)state;
	csv_str(&sink, "a\nb\033c\xff");
	assert_string_equal(line(), "a\xef\xbf\xbd"
				    "b\xef\xbf\xbd"
				    "c\xef\xbf\xbd\n");
	csv_text(&sink, "a\0b", 3);
	assert_string_equal(line(), "a\xef\xbf\xbd"
				    "b\n");
	csv_str(&sink, "é\xe2\x80\xae");
	assert_string_equal(line(), "é\xef\xbf\xbd\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),   cmocka_unit_test(nothing_first),
		cmocka_unit_test(quotes),   cmocka_unit_test(no_formula),
		cmocka_unit_test(controls),
	};

	return cmocka_run_group_tests(tests, sink_up, sink_down);
}
