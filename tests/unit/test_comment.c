// SPDX-License-Identifier: GPL-2.0-only
/* The comment's exact text: people write display filters and scripts against it. */
#include "record/comment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct event event(void)
{
	return (struct event){
		.packet = 12,
		.netns = 4026531840,
		.cpu = 1,
		.pid = 1234,
		.tid = 1235,
		.len = 60,
		.comm = "curl",
		.ifname = "eth0",
	};
}

/* Into memory of exactly the room promised, so that ASan sees a byte too many. */
static size_t format(enum comment_choice choice, const struct comment_facts *f, char *text)
{
	char *out = malloc(COMMENT_MAX);
	size_t n;

	assert_non_null(out);
	memset(out, '~', COMMENT_MAX);
	n = comment_format(choice, f, out);
	assert_true(n <= COMMENT_MAX);
	if (n < COMMENT_MAX)
		assert_int_equal(out[n], '~'); /* no NUL */
	memcpy(text, out, n);
	text[n] = 0;
	free(out);
	return n;
}

static void expect(enum comment_choice choice, const struct comment_facts *f, const char *want)
{
	char text[COMMENT_MAX + 1];
	size_t n = format(choice, f, text);

	assert_int_equal(n, strlen(want));
	assert_string_equal(text, want);
}

static void full(void **state)
{
	struct event e = event();
	struct comment_facts f = {.event = &e, .func = "ip_rcv"};

	(void)state;
	expect(COMMENT_FULL, &f,
	       "func=ip_rcv packet=12 if=eth0 netns=4026531840 cpu=1 proc=curl:1234 len=60 mark=0");
	e.mark = 0xffffffff;
	e.packet = UINT64_MAX;
	e.cpu = 65535;
	e.ifname[0] = 0;
	e.comm[0] = 0;
	e.netns = e.pid = e.len = 0;
	expect(COMMENT_FULL, &f,
	       "func=ip_rcv packet=18446744073709551615 netns=0 cpu=65535 proc=:0 len=0 "
	       "mark=4294967295");
}

static void reasons(void **state)
{
	struct event e = event();
	struct comment_facts f = {.event = &e, .func = "kfree_skb_reason"};

#define HEAD                                                                             \
	"func=kfree_skb_reason packet=12 if=eth0 netns=4026531840 cpu=1 proc=curl:1234 " \
	"len=60 mark=0"
	(void)state;
	e.reason = 8;
	f.reason = "NETFILTER_DROP";
	f.place = "nf_hook_slow";
	f.place_offset = 0x9f;
	e.caller = 0xffffffff8180009f;
	/* Without the flag the number is not one. */
	expect(COMMENT_FULL, &f, HEAD);
	e.flags = EVENT_REASON;
	expect(COMMENT_FULL, &f, HEAD " reason=NETFILTER_DROP by=nf_hook_slow+0x9f");
	f.place_offset = 0;
	expect(COMMENT_FULL, &f, HEAD " reason=NETFILTER_DROP by=nf_hook_slow+0x0");
	f.reason = NULL;
	expect(COMMENT_FULL, &f, HEAD " reason=8 by=nf_hook_slow+0x0");
	f.place = NULL;
	f.place_offset = 0x55; /* of nothing */
	expect(COMMENT_FULL, &f, HEAD " reason=8 by=0xffffffff8180009f");
	e.reason = 0x30002; /* of a subsystem */
	e.caller = 0;
	expect(COMMENT_FULL, &f, HEAD " reason=196610");
	e.caller = 1;
	expect(COMMENT_SHORT, &f, "kfree_skb_reason #12");
#undef HEAD
}

static void short_and_none(void **state)
{
	struct event e = event();
	struct comment_facts f = {.event = &e, .func = "ip_rcv"};

	(void)state;
	expect(COMMENT_SHORT, &f, "ip_rcv #12");
	e.packet = 0;
	expect(COMMENT_SHORT, &f, "ip_rcv #0");
	expect(COMMENT_NONE, &f, "");
}

static void control_characters(void **state)
{
	struct event e = event();
	struct comment_facts f = {.event = &e, .func = "a\tb"};

	(void)state;
	strcpy(e.comm, "x\n\x1b[31m\x7f\x01");
	strcpy(e.ifname, "e\rth 0");
	e.flags = EVENT_REASON;
	e.caller = 1;
	f.reason = "R\nS";
	f.place = "p\bq";
	expect(COMMENT_FULL, &f,
	       "func=a?b packet=12 if=e?th 0 netns=4026531840 cpu=1 proc=x??[31m??:1234 len=60 "
	       "mark=0 reason=R?S by=p?q+0x0");
	expect(COMMENT_SHORT, &f, "a?b #12");
	/* A letter beyond ASCII is none. */
	f.func = "f";
	e = event();
	strcpy(e.comm, "f\xc3\xbcr");
	expect(COMMENT_FULL, &f,
	       "func=f packet=12 if=eth0 netns=4026531840 cpu=1 proc=f??r:1234 len=60 mark=0");
}

static void overlong(void **state)
{
	char name[1024], text[COMMENT_MAX + 1], *want;
	struct event e = event();
	struct comment_facts f = {.event = &e, .func = name};

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	assert_int_equal(format(COMMENT_FULL, &f, text), COMMENT_MAX);
	assert_memory_equal(text, "func=", 5);
	assert_memory_equal(text + 5, name, COMMENT_MAX - 5);
	assert_int_equal(format(COMMENT_SHORT, &f, text), COMMENT_MAX);
	assert_memory_equal(text, name, COMMENT_MAX);
	/* Each length around the end of the room. */
	for (size_t n = COMMENT_MAX - 100; n < COMMENT_MAX; n++) {
		name[n] = 0;
		assert_true(asprintf(&want, "%s #12", name) > 0);
		if (strlen(want) > COMMENT_MAX)
			want[COMMENT_MAX] = 0;
		expect(COMMENT_SHORT, &f, want);
		name[n] = 'n';
		free(want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full),		  cmocka_unit_test(reasons),
		cmocka_unit_test(short_and_none), cmocka_unit_test(control_characters),
		cmocka_unit_test(overlong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
