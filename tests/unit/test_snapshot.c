// SPDX-License-Identifier: GPL-2.0-only
/* The names of drop reasons, of BTF made by hand. */
#include "record/snapshot.h"

#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct constant {
	const char *name;
	unsigned int value;
};

static void add_enum(struct btf *btf, const char *name, const struct constant *c)
{
	assert_true(btf__add_enum(btf, name, 4) > 0);
	for (; c->name; c++)
		assert_int_equal(btf__add_enum_value(btf, c->name, c->value), 0);
}

static const struct constant core[] = {
	{"SKB_NOT_DROPPED_YET", 0},
	{"SKB_CONSUMED", 1},
	{"SKB_DROP_REASON_NO_SOCKET", 3},
	{"SKB_DROP_REASON_MAX", 4},
	{"SKB_DROP_REASON_SUBSYS_MASK", 0xffff0000},
	{},
};

/* As include/net/dropreason-qdisc.h of 7.3 has it: a number of its own for "none". */
static const struct constant qdisc[] = {
	{"QDISC_DROP_UNSPEC", 0},
	{"__QDISC_DROP_REASON", 0x30000},
	{"QDISC_DROP_GENERIC", 0x30001},
	{},
};

/* Whichever comes first in the BTF. */
static void judge(const struct btf *btf)
{
	const char *names[4] = {};
	uint32_t number;

	snapshot_reasons(btf, names, 4);
	assert_string_equal(names[0], "NOT_DROPPED_YET");
	assert_string_equal(names[1], "CONSUMED");
	assert_null(names[2]);
	assert_string_equal(names[3], "NO_SOCKET");

	assert_true(snapshot_reason(btf, "NO_SOCKET", &number));
	assert_int_equal(number, 3);
	assert_true(snapshot_reason(btf, "SKB_DROP_REASON_NO_SOCKET", &number));
	assert_int_equal(number, 3);
	assert_true(snapshot_reason(btf, "QDISC_DROP_GENERIC", &number));
	assert_int_equal(number, 0x30001);
	assert_false(snapshot_reason(btf, "QDISC_DROP_UNSPEC", &number));
	assert_false(snapshot_reason(btf, "MAX", &number));
	assert_false(snapshot_reason(btf, "SUBSYS_MASK", &number));
	assert_false(snapshot_reason(btf, "TCP_CLOSE", &number));
}

static void subsystems(void **state)
{
	static const struct constant others[] = {{"TCP_CLOSE", 3}, {}};

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct btf *btf = btf__new_empty();

		assert_non_null(btf);
		add_enum(btf, first ? "skb_drop_reason" : "qdisc_drop_reason",
			 first ? core : qdisc);
		add_enum(btf, "tcp_states", others);
		add_enum(btf, first ? "qdisc_drop_reason" : "skb_drop_reason",
			 first ? qdisc : core);
		judge(btf);
		btf__free(btf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subsystems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
