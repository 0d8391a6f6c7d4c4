// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions by which skbs end in net/core/skbuff.c of 5.10, 6.1 and 6.12, and what each is
 * taken for.
 */
#include "record/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/event.h"

#define FREE	    FUNC_ROLE_FREE
#define RELEASE	    FUNC_ROLE_RELEASE
#define REASON	    FUNC_ROLE_REASON
#define DROP	    FUNC_ROLE_DROP
#define CONSUME	    FUNC_ROLE_CONSUME
#define TAKES_APART (FUNC_ROLE_DYING | FUNC_ROLE_RELEASE)

struct expected {
	const char *name;
	bool has_reason;
	uint16_t roles;
};

static void expect(const struct expected *e)
{
	uint16_t roles = role_of_function(e->name, e->has_reason);

	if (roles != e->roles)
		fail_msg("%s: 0x%x, not 0x%x", e->name, roles, e->roles);
}

static void linux_5_10(void **state)
{
	static const struct expected all[] = {
		{"kfree_skb", false, DROP},
		{"kfree_skb_list", false, DROP},
		{"tcp_drop", false, DROP},
		{"consume_skb", false, CONSUME},
		{"__consume_stateless_skb", false, CONSUME | RELEASE},
		{"napi_consume_skb", false, CONSUME | RELEASE},
		{"msg_zerocopy_callback", false, RELEASE}, /* amid the taking apart */
		{"build_skb_around", false, FUNC_ROLE_ALLOC},
		{"__build_skb_around", false, FUNC_ROLE_ALLOC},
		{"__alloc_skb", false, FUNC_ROLE_ALLOC},
		{"pskb_expand_head", false, FUNC_ROLE_BUFFER},
		{"skb_consume_udp", false, CONSUME},
		{"__kfree_skb", false, TAKES_APART},
		{"__kfree_skb_defer", false, TAKES_APART},
		{"kfree_skb_partial", false, TAKES_APART},
		{"skb_release_all", false, TAKES_APART},
		{"skb_release_head_state", false, TAKES_APART},
		{"skb_release_data", false, RELEASE},
		{"skb_free_head", false, RELEASE},
		{"kfree_skbmem", false, FREE | RELEASE},
		{"sock_wfree", false, RELEASE},
		{"sock_rfree", false, RELEASE},
		{"sock_efree", false, RELEASE},
		{"tcp_wfree", false, RELEASE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect(&all[i]);
	assert_int_equal(role_of_tracepoint("kfree_skb", false), FREE | DROP);
	assert_int_equal(role_of_tracepoint("consume_skb", false), FREE | CONSUME);
}

static void linux_6_1(void **state)
{
	static const struct expected all[] = {
		{"kfree_skb_reason", true, REASON},
		{"kfree_skb_list_reason", true, REASON},
		{"tcp_drop_reason", true, REASON},
		{"consume_skb", false, CONSUME},
		{"__kfree_skb", false, TAKES_APART},
		{"__kfree_skb_defer", false, TAKES_APART},
		{"napi_skb_free_stolen_head", false, TAKES_APART},
		{"skb_release_data", false, RELEASE},
		{"kfree_skbmem", false, FREE | RELEASE},
		{"napi_skb_cache_put", false, FREE | RELEASE},
		{"skb_pp_recycle", false, RELEASE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect(&all[i]);
	assert_int_equal(role_of_tracepoint("kfree_skb", true), FREE | REASON);
	assert_int_equal(role_of_tracepoint("consume_skb", false), FREE | CONSUME);
}

static void linux_6_12(void **state)
{
	static const struct expected all[] = {
		{"sk_skb_reason_drop", true, REASON},
		{"__sk_skb_reason_drop", true, REASON},
		{"kfree_skb_list_reason", true, REASON},
		{"dev_kfree_skb_any_reason", true, REASON},
		{"dev_kfree_skb_irq_reason", true, REASON},
		/* The only one that skbs of a list, but the first, are given to. */
		{"kfree_skb_add_bulk", true, TAKES_APART | REASON},
		{"__kfree_skb", false, TAKES_APART},
		{"skb_free_head", false, RELEASE},
		{"kfree_skbmem", false, FREE | RELEASE},
		{"napi_skb_cache_put", false, FREE | RELEASE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect(&all[i]);
	assert_int_equal(role_of_function("__napi_kfree_skb", true) & ~REASON, TAKES_APART);
}

/* These are given a reason also when the packet was consumed. */
static void a_reason_not_to_be_believed(void **state)
{
	static const struct expected all[] = {
		{"skb_release_data", true, RELEASE},
		{"skb_release_all", true, TAKES_APART},
		{"skb_release_head_state", true, TAKES_APART},
		{"ip_rcv", true, 0},
		{"consume_skb", true, CONSUME},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect(&all[i]);
}

static void a_reason_takes_the_place_of_drop(void **state)
{
	(void)state;
	assert_int_equal(role_of_function("kfree_skb", true), REASON);
	assert_int_equal(role_of_function("tcp_drop", true), REASON);
	assert_int_equal(role_of_function("kfree_skb_list", true), REASON);
}

static void names_are_whole(void **state)
{
	static const char *const none[] = {"",
					   "ip_rcv",
					   "kfree",
					   "kfree_skb_",
					   "xkfree_skb",
					   "consume_skbs",
					   "skb_release",
					   "Kfree_skb",
					   "kfree_skbmem.part.0",
					   "nf_drop",
					   "net_dev_xmit"};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(role_of_function(none[i], false), 0);
		assert_int_equal(role_of_tracepoint(none[i], false), 0);
		assert_int_equal(role_of_tracepoint(none[i], true), 0);
	}
	/* Functions and tracepoints share names, not roles. */
	assert_int_equal(role_of_tracepoint("kfree_skbmem", false), 0);
	assert_int_equal(role_of_tracepoint("__kfree_skb", false), 0);
	assert_int_equal(role_of_tracepoint("consume_skb", true), FREE | CONSUME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_5_10),
		cmocka_unit_test(linux_6_1),
		cmocka_unit_test(linux_6_12),
		cmocka_unit_test(a_reason_not_to_be_believed),
		cmocka_unit_test(a_reason_takes_the_place_of_drop),
		cmocka_unit_test(names_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
