// SPDX-License-Identifier: GPL-2.0-only
/* The cookie of a probe, and functions that make edges. */
#include "record/target.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bpf/pwru_abi.h"
#include "common/event.h"
#include "tests/support/fake_kernel.h"

/* As the programs take it apart. */
static unsigned int three_bits(uint64_t cookie, int shift)
{
	return cookie >> shift & 7;
}

static void cookies(void **state)
{
	struct target all[] = {
		{.skb_arg = 0, .reason_arg = -1, .sock_arg = -1, .loc_arg = -1},
		{.skb_arg = 5, .reason_arg = 4, .sock_arg = 3, .loc_arg = 2, .roles = 0xffff},
		{.skb_arg = 1, .reason_arg = 0, .sock_arg = 5, .loc_arg = -1, .roles = 0x8},
		/* A reason that is not believed. */
		{.skb_arg = 0, .reason_arg = 1, .sock_arg = -1, .loc_arg = -1, .roles = 0x4},
		{.reason_arg = -1,
		 .sock_arg = -1,
		 .loc_arg = -1,
		 .other_arg = 1,
		 .edge = 4,
		 .lifecycle = true},
		{.skb_arg = FUNC_ARG_RETURN, .reason_arg = -1, .sock_arg = -1, .loc_arg = -1},
	};
	struct target_set set = {.all = all, .count = 6};
	uint64_t cookie;

	(void)state;
	assert_true(target_cookie(&set, 0) == 0);
	cookie = target_cookie(&set, 1);
	assert_int_equal(cookie & ((1 << PWRU_COOKIE_FUNC_BITS) - 1), 1);
	assert_int_equal(three_bits(cookie, PWRU_COOKIE_SKB_SHIFT), 5);
	assert_int_equal(three_bits(cookie, PWRU_COOKIE_REASON_SHIFT), 4 + 1);
	assert_int_equal(three_bits(cookie, PWRU_COOKIE_SOCK_SHIFT), 3 + 1);
	assert_int_equal(three_bits(cookie, PWRU_COOKIE_LOC_SHIFT), 2 + 1);
	assert_int_equal(cookie >> PWRU_COOKIE_ROLES_SHIFT, 0xffff);
	/* By hand: roles 8, sock 6, reason 1, skb 1, function 2. */
	assert_true(target_cookie(&set, 2) == 0x0000008189000002);
	cookie = target_cookie(&set, 3);
	assert_int_equal(three_bits(cookie, PWRU_COOKIE_REASON_SHIFT), 0);
	assert_int_equal(cookie >> PWRU_COOKIE_ROLES_SHIFT, 4);
	assert_int_equal(PWRU_ROLE_FREE, FUNC_ROLE_FREE);
	assert_int_equal(PWRU_ROLE_DYING, FUNC_ROLE_DYING);
	assert_int_equal(PWRU_ROLE_RELEASE, FUNC_ROLE_RELEASE);
	assert_int_equal(PWRU_ROLE_ALLOC, FUNC_ROLE_ALLOC);
	/* By hand: lifecycle, edge 4, other 2, skb 0, function 4. */
	assert_true(target_cookie(&set, 4) == 0x0a20000000000004);
	/* By hand: return, function 5. */
	assert_true(target_cookie(&set, 5) == 0x1000000000000005);
	assert_int_equal(PWRU_EDGE_CLONE, EDGE_CLONE);
	assert_int_equal(PWRU_EDGE_SEGMENT, EDGE_SEGMENT);
	assert_int_equal(PWRU_EDGE_FRAGMENT, EDGE_FRAGMENT);
	assert_int_equal(PWRU_EDGE_FRAME, EDGE_FRAME);
	assert_int_equal(PWRU_EDGE_MERGE, EDGE_MERGE);
	assert_int_equal(PWRU_EDGE_QUEUE, EDGE_QUEUE);
	assert_int_equal(PWRU_EDGE_REASSEMBLE, EDGE_REASSEMBLE);
}

/* Functions that are given two packets, and one whose return is probed. */
static void edges(void **state)
{
	static const char text[] = "ffffffff81000100 T __alloc_skb\n"
				   "ffffffff81000200 t __copy_skb_header\n"
				   "ffffffff81000300 T skb_split\n"
				   "ffffffff81000400 T inet_frag_queue_insert\n"
				   "ffffffff81000500 T plain\n"
				   "ffffffff81000580 T kmalloc_reserve\n"
				   "ffffffff81000600 t kretprobe_trampoline\n";
	struct fake_kernel k;
	struct target_set set;
	const struct target *t;
	char unseen[256];

	(void)state;
	fake_kernel_create(&k, text, "");
	FUNCTION(&k, "__alloc_skb", INT, INT);
	FUNCTION(&k, "__copy_skb_header", SKB, SKB_CONST);
	FUNCTION(&k, "skb_split", SKB, SKB, INT);
	FUNCTION(&k, "inet_frag_queue_insert", VOID_PTR, SKB, INT);
	FUNCTION(&k, "plain", SKB, SKB);
	FUNCTION(&k, "kmalloc_reserve", INT, SKB);
	set = fake_targets(&k);
	assert_true(set.trampoline == 0xffffffff81000600);
	assert_int_equal(set.count, 6);
	assert_int_equal(fake_target(&set, "kmalloc_reserve")->status, TARGET_SKIPPED);
	t = fake_target(&set, "__copy_skb_header");
	assert_true(t->edge == EDGE_CLONE && t->skb_arg == 0 && t->other_arg == 1);
	t = fake_target(&set, "skb_split"); /* what is cut off is the second */
	assert_true(t->edge == EDGE_SEGMENT && t->skb_arg == 1 && t->other_arg == 0);
	t = fake_target(&set, "inet_frag_queue_insert");
	assert_true(t->edge == EDGE_QUEUE && t->skb_arg == 1 && t->other_arg == 0);
	assert_int_equal(fake_target(&set, "plain")->edge, 0);
	t = fake_target(&set, "__alloc_skb");
	assert_int_equal(t->skb_arg, FUNC_ARG_RETURN);
	assert_int_equal(t->roles, FUNC_ROLE_ALLOC);
	assert_int_equal(t->status, TARGET_WANTED);
	assert_false(t->lifecycle);
	target_unseen(&set, TARGET_WANTED, unseen, sizeof(unseen));
	assert_string_equal(unseen, "copies (skb_copy_header), fragments (ip_copy_metadata), "
				    "reassembly (inet_frag_reasm_finish), GRO (skb_gro_receive), "
				    "coalescing (skb_try_coalesce), frees (kfree_skbmem)");
	target_unseen(&set, TARGET_ATTACHED, unseen, sizeof(unseen));
	assert_memory_equal(unseen, "clones (__copy_skb_header), copies", 34);
	/* It alone is nothing to record. */
	assert_int_equal(target_select(&set, (const char *[]){"__alloc_skb", NULL}), -ENOENT);
	target_set_deinit(&set);
	set = fake_targets(&k);
	assert_int_equal(target_select(&set, (const char *[]){"plain", NULL}), 0);
	assert_true(fake_target(&set, "__copy_skb_header")->lifecycle);
	assert_true(fake_target(&set, "__alloc_skb")->lifecycle);
	assert_false(fake_target(&set, "plain")->lifecycle);
	target_set_deinit(&set);
	/* Where a connection is left out, a birth must not begin a packet's life. */
	set = fake_targets(&k);
	target_no_birth(&set);
	assert_true(fake_target(&set, "__alloc_skb")->lifecycle);
	assert_false(fake_target(&set, "__copy_skb_header")->lifecycle);
	target_set_deinit(&set);
	fake_kernel_destroy(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies),
		cmocka_unit_test(edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
