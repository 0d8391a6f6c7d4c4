// SPDX-License-Identifier: GPL-2.0-only
/* The names of drop reasons: of the kernel, and of modules that have BTF of their own. */
#include "record/reasons.h"

#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"

#define CORE                  \
	"0 NOT_DROPPED_YET\n" \
	"1 CONSUMED\n"        \
	"2 NOT_SPECIFIED\n"   \
	"8 NETFILTER_DROP\n"

struct value {
	const char *name;
	int64_t number;
};

static const struct value core[] = {{"SKB_NOT_DROPPED_YET", 0},
				    {"SKB_CONSUMED", 1},
				    {"SKB_DROP_REASON_NOT_SPECIFIED", 2},
				    {"SKB_DROP_REASON_NETFILTER_DROP", 8},
				    {"SKB_DROP_REASON_MAX", 9},
				    {"SKB_DROP_REASON_SUBSYS_MASK", -65536},
				    {}};
static const struct value ovs[] = {
	{"OVS_DROP_LAST_ACTION", 0x30001}, {"OVS_DROP_ACTION_ERROR", 0x30002}, {}};
static const struct value other[] = {{"NETFILTER_DROP_TOO", 8}, {"FAR", 0x40001}, {}};

static char dir[] = "/tmp/pwru-reasons-XXXXXX";
static struct btf *vmlinux;

static void add_enum(struct btf *btf, const char *name, const struct value *v)
{
	assert_true(btf__add_enum(btf, name, 4) > 0);
	for (; v->name; v++)
		assert_int_equal(btf__add_enum_value(btf, v->name, v->number), 0);
}

static void write_file(const char *name, const void *data, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* A module's, with a name of that length before its enum's. */
static void write_module(const char *name, const char *type, const struct value *v, size_t before)
{
	struct btf *btf = btf__new_empty_split(vmlinux);
	char *filler = calloc(1, before + 1);
	const void *data;
	__u32 len;

	assert_true(btf && filler);
	memset(filler, 'f', before);
	assert_true(!before || btf__add_struct(btf, filler, 8) > 0);
	add_enum(btf, type, v);
	data = btf__raw_data(btf, &len);
	write_file(name, data, len);
	btf__free(btf);
	free(filler);
}

static int make(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	vmlinux = btf__new_empty();
	add_enum(vmlinux, "something_else", other);
	add_enum(vmlinux, "skb_drop_reason", core);
	write_module("plain", "no_reasons", other, 3);
	write_file("text_drop_reason", "x_drop_reason\0", 14);
	write_file("vmlinux", "is not looked at", 16);
	return 0;
}

static int unmake(void **state)
{
	static const char *const names[] = {"plain", "text_drop_reason", "vmlinux", "openvswitch",
					    "other"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	btf__free(vmlinux);
	return rmdir(dir);
}

static struct reasons *create(const char *modules)
{
	struct reasons *r = NULL;

	assert_int_equal(reasons_create(vmlinux, modules, &r), 0);
	return r;
}

static void expect(struct reasons *r, const char *lines)
{
	struct buf b = {};

	reasons_print(r, &b);
	assert_int_equal(b.len, strlen(lines));
	assert_memory_equal(b.data, lines, b.len);
	buf_deinit(&b);
	reasons_destroy(r);
}

static void the_kernels(void **state)
{
	(void)state;
	expect(create(NULL), CORE);
	expect(create(dir), CORE);
	expect(create("/nonexistent"), CORE);
}

/* As include/net/dropreason-qdisc.h of 7.3 has it: a number of its own for "none". */
static void a_subsystems_zero(void **state)
{
	static const struct value qdisc[] = {
		{"QDISC_DROP_UNSPEC", 0}, {"__QDISC_DROP_REASON", 0x30000}, {}};

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct btf *btf = btf__new_empty();
		struct reasons *r = NULL;

		assert_non_null(btf);
		add_enum(btf, first ? "skb_drop_reason" : "qdisc_drop_reason",
			 first ? core : qdisc);
		add_enum(btf, first ? "qdisc_drop_reason" : "skb_drop_reason",
			 first ? qdisc : core);
		assert_int_equal(reasons_create(btf, NULL, &r), 0);
		expect(r, CORE "196608 __QDISC_DROP_REASON\n");
		btf__free(btf);
	}
}

static void of_modules(void **state)
{
	(void)state;
	/* In some of these the enum's name lies across the end of a part that is read at once. */
	for (size_t before = 65400; before < 65536; before++) {
		write_module("openvswitch", "ovs_drop_reason", ovs, before);
		expect(create(dir),
		       CORE "196609 OVS_DROP_LAST_ACTION\n196610 OVS_DROP_ACTION_ERROR\n");
	}
	expect(create(NULL), CORE);
	/* A number that is taken keeps its name. */
	write_module("other", "other_drop_reason", other, 0);
	expect(create(dir),
	       CORE "196609 OVS_DROP_LAST_ACTION\n196610 OVS_DROP_ACTION_ERROR\n262145 FAR\n");
}

static void found(void **state)
{
	struct reasons *r;
	uint32_t n = 7;

	(void)state;
	write_module("openvswitch", "ovs_drop_reason", ovs, 0);
	r = create(dir);
	assert_string_equal(reasons_name(r, 8), "NETFILTER_DROP");
	assert_string_equal(reasons_name(r, 0x30002), "OVS_DROP_ACTION_ERROR");
	assert_null(reasons_name(r, 3));
	assert_null(reasons_name(r, UINT32_MAX));
	assert_true(reasons_number(r, "OVS_DROP_LAST_ACTION", &n) && n == 0x30001);
	assert_true(reasons_number(r, "SKB_DROP_REASON_NETFILTER_DROP", &n) && n == 8);
	assert_true(reasons_number(r, "CONSUMED", &n) && n == 1);
	assert_false(reasons_number(r, "MAX", &n) || n != 1);
	reasons_destroy(r);
	reasons_destroy(NULL);
}

static void out_of_memory(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct reasons *r = NULL;
		int err;

		alloc_fail_at(n);
		err = reasons_create(vmlinux, NULL, &r);
		if (!alloc_fail_end()) {
			assert_int_equal(err, 0);
			reasons_destroy(r);
			break;
		}
		assert_int_equal(err, -ENOMEM);
		assert_null(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels),	 cmocka_unit_test(a_subsystems_zero),
		cmocka_unit_test(of_modules),	 cmocka_unit_test(found),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
