// SPDX-License-Identifier: GPL-2.0-only
/* Targets found in a kernel made by hand: BTF of a few prototypes, symbols, and ftrace's list. */
#include "record/target.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf/pwru_abi.h"
#include "common/event.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/said.h"

#define MOST_PARAMS 9

/* ---- arguments ---- */

static const struct {
	const char *name;
	enum fake_type params[MOST_PARAMS];
	int skb; /* -1: not a target */
	int sock;
	int reason;
} prototypes[] = {
	{"first", {SKB}, 0, -1, -1},
	{"second", {INT, SKB}, 1, -1, -1},
	{"third", {INT, LONG, SKB, INT}, 2, -1, -1},
	{"fourth", {INT, INT, VOID_PTR, SKB}, 3, -1, -1},
	{"fifth", {INT, INT, INT, INT, SKB}, 4, -1, -1},
	{"sixth", {INT, INT, INT, INT, INT, SKB, INT}, 5, -1, -1},
	{"seventh", {INT, INT, INT, INT, INT, INT, SKB}, -1, 0, 0},
	{"none", {INT, VOID_PTR, SOCK}, -1, 0, 0},
	{"constant", {SKB_CONST}, 0, -1, -1},
	{"volatile", {SKB_VOLATILE}, 0, -1, -1},
	{"const_pointer", {SKB_CONST_PTR}, 0, -1, -1},
	{"typedef_", {SKB_TYPEDEF}, 0, -1, -1},
	{"typedef_pointer", {SKB_PTR_TYPEDEF}, 0, -1, -1},
	{"pointer_pointer", {SKB_PTR_PTR}, -1, 0, 0},
	{"by_value", {SKB_VALUE}, -1, 0, 0},
	{"list_head", {SKB_HEAD}, -1, 0, 0},
	{"after_pointer_pointer", {SKB_PTR_PTR, SKB}, 1, -1, -1},
	{"after_8", {S8, SKB}, 1, -1, -1},
	{"after_12", {S12, SKB}, 2, -1, -1},
	{"after_16", {S16, SKB}, 2, -1, -1},
	{"after_24", {S24, SKB}, 0, -1, -1},
	{"after_24_and_16", {S24, S16, INT, SKB}, 3, -1, -1},
	{"after_two_16", {S16, S16, INT, SKB}, 5, -1, -1},
	{"after_three_16", {S16, S16, S16, SKB}, -1, 0, 0},
	{"after_seven_24", {S24, S24, S24, S24, S24, S24, S24, SKB}, 0, -1, -1},
	{"two_skbs", {SKB, SKB}, 0, -1, -1},
	{"with_sock", {SOCK, SKB}, 1, 0, -1},
	{"sock_after", {SKB, SOCK}, 0, 1, -1},
	{"two_socks", {SOCK, SOCK, SKB}, 2, 0, -1},
	{"with_socket", {SOCKET, SKB}, 1, -1, -1},
	{"sock_on_stack", {INT, INT, INT, INT, INT, SKB, SOCK}, 5, -1, -1},
	{"with_reason", {SKB, REASON}, 0, -1, 1},
	{"typedef_reason", {SKB, REASON_TYPEDEF}, 0, -1, 1},
	{"reason_first", {REASON, SKB}, 1, -1, 0},
	{"other_enum", {SKB, OTHER_ENUM}, 0, -1, -1},
	{"all_three", {S16, SOCK, SKB, REASON}, 3, 2, 4},
};

#define PROTOTYPES (sizeof(prototypes) / sizeof(prototypes[0]))

static void kernel_of_prototypes(struct fake_kernel *k)
{
	char symbols[PROTOTYPES * 64], ftrace[PROTOTYPES * 32], *s = symbols, *f = ftrace;

	for (size_t i = 0; i < PROTOTYPES; i++) {
		s += sprintf(s, "ffffffff81%06zx T %s\n", i * 16, prototypes[i].name);
		f += sprintf(f, "%s\n", prototypes[i].name);
	}
	fake_kernel_create(k, symbols, ftrace);
	for (size_t i = 0; i < PROTOTYPES; i++)
		fake_function(k, prototypes[i].name, prototypes[i].params);
}

static void arguments(void **state)
{
	struct target_set set;
	size_t targets = 0;
	struct fake_kernel k;

	(void)state;
	kernel_of_prototypes(&k);
	set = fake_targets(&k);
	for (size_t i = 0; i < PROTOTYPES; i++) {
		const struct target *t = fake_target(&set, prototypes[i].name);

		if (!t != (prototypes[i].skb < 0))
			fail_msg("%s is %sa target", prototypes[i].name, t ? "" : "not ");
		if (!t)
			continue;
		targets++;
		if (t->skb_arg != prototypes[i].skb || t->sock_arg != prototypes[i].sock ||
		    t->reason_arg != prototypes[i].reason || t->loc_arg != -1)
			fail_msg("%s: skb %d, sock %d, reason %d, loc %d", t->name, t->skb_arg,
				 t->sock_arg, t->reason_arg, t->loc_arg);
		assert_int_equal(t->status, TARGET_WANTED);
		assert_true(t->addr == 0xffffffff81000000 + i * 16);
		assert_string_equal(t->module, "");
	}
	assert_int_equal(set.count, targets);
	assert_int_equal(target_count(&set, TARGET_WANTED), targets);
	target_set_deinit(&set);
	assert_null(set.all);
	assert_int_equal(set.count, 0);
	fake_kernel_destroy(&k);
}

/* ---- symbols ---- */

static const char symbols[] = "ffffffff81000100 T plain\n"
			      "ffffffff81000300 t twice\n"
			      "ffffffff81000200 t twice\n"
			      "ffffffff81000400 t only_isra.isra.0\n"
			      "ffffffff81000500 t only_cold.cold\n"
			      "ffffffff81000600 t with_isra\n"
			      "ffffffff81000680 t with_isra.isra.0\n"
			      "ffffffff81000700 t not_listed\n"
			      "ffffffff81000800 t kfree_skb_reason\n"
			      "ffffffff81000900 t kfree_skbmem\n"
			      "ffffffff81000a00 t skb_release_data\n"
			      "ffffffff81000b00 t in_both\n"
			      "ffffffffc0000000 t in_both\t[veth]\n"
			      "ffffffffc0000100 t in_module\t[veth]\n";
static const char ftrace[] = "plain\ntwice\nwith_isra\nkfree_skb_reason\nkfree_skbmem\n"
			     "skb_release_data\nin_both\nin_module [veth]\nmod [veth]\n";

static void kernel_of_symbols(struct fake_kernel *k, const char *list)
{
	static const char *const names[] = {"plain",	 "twice",     "only_isra",
					    "only_cold", "with_isra", "in_both",
					    "in_module", "inlined",   "not_listed"};

	fake_kernel_create(k, symbols, list);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		FUNCTION(k, names[i], SKB);
	FUNCTION(k, "kfree_skb_reason", SKB, REASON);
	FUNCTION(k, "kfree_skbmem", SKB);
	FUNCTION(k, "skb_release_data", SKB, REASON);
}

static void expect_skipped(const struct target_set *set, const char *name, const char *words)
{
	const struct target *t = fake_target(set, name);

	assert_non_null(t);
	assert_int_equal(t->status, TARGET_SKIPPED);
	assert_non_null(t->why);
	if (!strstr(t->why, words))
		fail_msg("%s: %s", name, t->why);
}

static void symbols_and_ftrace(void **state)
{
	struct target_set set;
	const struct target *t;
	struct fake_kernel k;

	(void)state;
	kernel_of_symbols(&k, ftrace);
	set = fake_targets(&k);
	assert_int_equal(set.count, 13);
	t = fake_target(&set, "twice");
	assert_string_equal(t[1].name, "twice");
	assert_true(t[0].addr == 0xffffffff81000200 && t[1].addr == 0xffffffff81000300);
	assert_true(t[0].status == TARGET_WANTED && t[1].status == TARGET_WANTED);
	assert_int_equal(fake_target(&set, "with_isra")->status, TARGET_WANTED);
	expect_skipped(&set, "only_isra", "suffixed");
	assert_true(fake_target(&set, "only_isra")->addr == 0);
	expect_skipped(&set, "only_cold", "no symbol");
	expect_skipped(&set, "inlined", "no symbol");
	expect_skipped(&set, "in_module", "no symbol");
	expect_skipped(&set, "not_listed", "not traceable");
	t = fake_target(&set, "in_both");
	assert_true(t->addr == 0xffffffff81000b00 && t->status == TARGET_WANTED);
	assert_int_equal(target_count(&set, TARGET_WANTED), 8);
	assert_int_equal(target_count(&set, TARGET_SKIPPED), 5);
	assert_int_equal(target_count(&set, TARGET_ATTACHED), 0);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

static void without_a_list_all_may_be_tried(void **state)
{
	struct target_set set;
	struct fake_kernel k;

	(void)state;
	kernel_of_symbols(&k, "");
	set = fake_targets(&k);
	assert_int_equal(fake_target(&set, "not_listed")->status, TARGET_WANTED);
	target_set_deinit(&set);
	assert_int_equal(target_functions(k.btf, k.kallsyms, "/nonexistent/list", &set), 0);
	assert_int_equal(fake_target(&set, "not_listed")->status, TARGET_WANTED);
	expect_skipped(&set, "inlined", "no symbol");
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

static void roles(void **state)
{
	struct target_set set;
	struct fake_kernel k;

	(void)state;
	kernel_of_symbols(&k, ftrace);
	set = fake_targets(&k);
	assert_int_equal(fake_target(&set, "plain")->roles, 0);
	assert_int_equal(fake_target(&set, "kfree_skbmem")->roles,
			 FUNC_ROLE_FREE | FUNC_ROLE_RELEASE);
	assert_int_equal(fake_target(&set, "kfree_skb_reason")->roles, FUNC_ROLE_REASON);
	assert_int_equal(fake_target(&set, "skb_release_data")->roles, FUNC_ROLE_RELEASE);
	assert_int_equal(fake_target(&set, "skb_release_data")->reason_arg, 1);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

/* ---- tracepoints ---- */

static void expect_tracepoint(const struct target_set *set, const char *name, uint32_t id, int skb,
			      int loc, int reason, int sock)
{
	const struct target *t = fake_target(set, name);

	assert_non_null(t);
	assert_int_equal(t->btf_id, id);
	assert_int_equal(t->skb_arg, skb);
	assert_int_equal(t->loc_arg, loc);
	assert_int_equal(t->reason_arg, reason);
	assert_int_equal(t->sock_arg, sock);
	assert_true(t->addr == 0);
	assert_string_equal(t->module, "");
}

static void tracepoints(void **state)
{
	uint32_t kfree, consume, receive, other;
	struct target_set set;
	struct fake_kernel k;

	(void)state;
	fake_kernel_create(&k, symbols, "");
	kfree = TRACEPOINT(&k, "btf_trace_kfree_skb", VOID_PTR, SKB, VOID_PTR, REASON, SOCK);
	consume = TRACEPOINT(&k, "btf_trace_consume_skb", VOID_PTR, SKB, VOID_PTR);
	receive = TRACEPOINT(&k, "btf_trace_netif_receive_skb", VOID_PTR, SKB);
	other = TRACEPOINT(&k, "btf_trace_tcp_probe", VOID_PTR, SOCK, SKB_CONST);
	TRACEPOINT(&k, "btf_trace_net_dev_xmit", VOID_PTR, SKB, INT);
	TRACEPOINT(&k, "btf_trace_sched_switch", VOID_PTR, INT);
	TRACEPOINT(&k, "trace_no_prefix", VOID_PTR, SKB);
	/* The first parameter is the tracepoint's own, whatever it is. */
	TRACEPOINT(&k, "btf_trace_only_own", SKB);
	fake_typedef(&k, "btf_trace_no_function", k.ids[SKB]);
	fake_typedef(&k, "btf_trace_no_pointer", k.ids[SKB_VALUE]);
	fake_typedef(&k, "btf_trace_of_void", 0);
	FUNCTION(&k, "btf_trace_function", VOID_PTR, SKB);

	assert_int_equal(target_tracepoints(k.btf, &set), 0);
	assert_int_equal(set.count, 5);
	expect_tracepoint(&set, "kfree_skb", kfree, 0, 1, 2, 3);
	assert_int_equal(fake_target(&set, "kfree_skb")->roles, FUNC_ROLE_FREE | FUNC_ROLE_REASON);
	expect_tracepoint(&set, "consume_skb", consume, 0, 1, -1, -1);
	assert_int_equal(fake_target(&set, "consume_skb")->roles,
			 FUNC_ROLE_FREE | FUNC_ROLE_CONSUME);
	expect_tracepoint(&set, "netif_receive_skb", receive, 0, -1, -1, -1);
	assert_int_equal(fake_target(&set, "netif_receive_skb")->roles,
			 FUNC_ROLE_ENTER | FUNC_ROLE_RECEIVE);
	expect_tracepoint(&set, "tcp_probe", other, 1, -1, -1, 0);
	expect_skipped(&set, "net_dev_xmit", "gone");
	assert_int_equal(target_count(&set, TARGET_WANTED), 4);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

/* 5.10: neither has a reason, consume_skb no location. */
static void tracepoints_of_old(void **state)
{
	uint32_t kfree, consume;
	struct target_set set;
	struct fake_kernel k;

	(void)state;
	fake_kernel_create(&k, symbols, "");
	kfree = TRACEPOINT(&k, "btf_trace_kfree_skb", VOID_PTR, SKB, VOID_PTR);
	consume = TRACEPOINT(&k, "btf_trace_consume_skb", VOID_PTR, SKB);
	assert_int_equal(target_tracepoints(k.btf, &set), 0);
	expect_tracepoint(&set, "kfree_skb", kfree, 0, 1, -1, -1);
	assert_int_equal(fake_target(&set, "kfree_skb")->roles, FUNC_ROLE_FREE | FUNC_ROLE_DROP);
	expect_tracepoint(&set, "consume_skb", consume, 0, -1, -1, -1);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

/* ---- selection ---- */

/* Wanted for themselves, not only to know packets by. */
static size_t chosen(const struct target_set *set)
{
	size_t n = 0;

	for (size_t k = 0; k < set->count; k++)
		n += set->all[k].status == TARGET_WANTED && !set->all[k].lifecycle;
	return n;
}

static struct target_set selected(const struct fake_kernel *k, const char *const *regexes)
{
	struct target_set set = fake_targets(k);
	int err = target_select(&set, regexes);

	/* It says when nothing is left but what packets are known by. */
	assert_int_equal(err, chosen(&set) ? 0 : -ENOENT);
	return set;
}

#define SELECTED(k, ...) selected(k, (const char *[]){__VA_ARGS__, NULL})

static void selection(void **state)
{
	struct target_set set;
	struct fake_kernel k;
	struct said err;
	int result;

	(void)state;
	kernel_of_symbols(&k, ftrace);
	set = SELECTED(&k, "plain");
	assert_int_equal(chosen(&set), 1);
	expect_skipped(&set, "twice", "--filter-func");
	/* What was skipped before keeps its reason. */
	expect_skipped(&set, "inlined", "no symbol");
	target_set_deinit(&set);
	/* The whole name, also where alternatives are. */
	set = SELECTED(&k, "plai|lain|in_both|twice");
	assert_int_equal(chosen(&set), 3);
	assert_int_equal(fake_target(&set, "plain")->status, TARGET_SKIPPED);
	target_set_deinit(&set);
	set = SELECTED(&k, "kfree_skb.*");
	assert_int_equal(chosen(&set), 2);
	target_set_deinit(&set);
	/* Nothing; yet what packets are known by stays. */
	set = SELECTED(&k, "kfree_skb");
	assert_int_equal(chosen(&set), 0);
	assert_true(fake_target(&set, "kfree_skbmem")->lifecycle);
	assert_int_equal(fake_target(&set, "kfree_skbmem")->status, TARGET_WANTED);
	assert_true(fake_target(&set, "kfree_skb_reason")->lifecycle);
	expect_skipped(&set, "skb_release_data", "--filter-func");
	target_set_deinit(&set);
	/* Several: any of them; and none of those with a '!'. */
	set = SELECTED(&k, "plain", "twice");
	assert_int_equal(chosen(&set), 3);
	target_set_deinit(&set);
	set = SELECTED(&k, "!plain|twice");
	assert_int_equal(chosen(&set), 5);
	target_set_deinit(&set);
	set = SELECTED(&k, "!kfree_skbmem", "kfree_.*", "!pla");
	assert_int_equal(chosen(&set), 1);
	assert_int_equal(fake_target(&set, "kfree_skb_reason")->status, TARGET_WANTED);
	target_set_deinit(&set);
	set = SELECTED(&k, NULL);
	assert_int_equal(chosen(&set), 8);
	/* A bad one changes nothing and says so. */
	target_set_deinit(&set);
	set = fake_targets(&k);
	err = said_begin(STDERR_FILENO);
	result = target_select(&set, (const char *[]){"plain", "ip_[rcv", NULL});
	said_end(&err);
	assert_int_equal(result, -EINVAL);
	assert_int_equal(err.lines, 1);
	assert_non_null(strstr(err.text, "--filter-func"));
	assert_int_equal(target_count(&set, TARGET_WANTED), 8);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

/* More functions than the first allocation holds. */
static void thousands(void **state)
{
	struct target_set set;
	struct fake_kernel k;
	char name[32];

	(void)state;
	fake_kernel_create(&k, symbols, "");
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "function_%d", i);
		FUNCTION(&k, name, SKB);
	}
	set = fake_targets(&k);
	assert_int_equal(set.count, 3000);
	assert_string_equal(set.all[2999].name, "function_2999");
	assert_int_equal(target_cookie(&set, 2999), 2999);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

static void out_of_memory(void **state)
{
	struct target_set set, untouched;
	int failures = 0;
	struct fake_kernel k;

	(void)state;
	kernel_of_symbols(&k, ftrace);
	memset(&untouched, 0x5a, sizeof(untouched));
	for (int n = 0;; n++) {
		bool ended;
		int err;

		set = untouched;
		alloc_fail_at(n);
		err = target_functions(k.btf, k.kallsyms, k.ftrace.path, &set);
		ended = !alloc_fail_end();
		if (err) {
			assert_int_equal(err, -ENOMEM);
			assert_memory_equal(&set, &untouched, sizeof(set));
			failures++;
			continue;
		}
		/* A list that cannot be opened or buffered costs no target. */
		assert_true(ended || n < 3);
		assert_int_equal(set.count, 13);
		if (ended)
			break;
		target_set_deinit(&set);
	}
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 15 : 0));
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test(symbols_and_ftrace),
		cmocka_unit_test(without_a_list_all_may_be_tried),
		cmocka_unit_test(roles),
		cmocka_unit_test(tracepoints),
		cmocka_unit_test(tracepoints_of_old),
		cmocka_unit_test(selection),
		cmocka_unit_test(thousands),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
