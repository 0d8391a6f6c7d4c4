// SPDX-License-Identifier: GPL-2.0-only
/* What --trigger takes, what it refuses, and on which hits it goes off. */
#include "record/trigger.h"

#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/reasons.h"
#include "tests/support/alloc_fail.h"
#include "tests/support/said.h"

static struct target targets[] = {
	{.name = "ip_rcv", .status = TARGET_ATTACHED},
	{.name = "not_attached", .status = TARGET_FAILED},
	{.name = "twice", .module = "a", .status = TARGET_ATTACHED},
	{.name = "other", .status = TARGET_ATTACHED},
	{.name = "twice", .module = "b", .status = TARGET_ATTACHED},
	{.name = "twice", .module = "c", .status = TARGET_SKIPPED},
};
static const struct target_set set = {.all = targets, .count = 6};
static struct btf *btf;
static struct reasons *all;
static struct said err;

static int make_btf(void **state)
{
	(void)state;
	btf = btf__new_empty();
	if (!btf || btf__add_enum(btf, "skb_drop_reason", 4) < 0)
		return -1;
	btf__add_enum_value(btf, "SKB_NOT_DROPPED_YET", 0);
	btf__add_enum_value(btf, "SKB_CONSUMED", 1);
	btf__add_enum_value(btf, "SKB_DROP_REASON_NETFILTER_DROP", 8);
	if (btf__add_enum(btf, "mac80211_drop_reason", 4) < 0)
		return -1;
	if (btf__add_enum_value(btf, "RX_DROP_U_REPLAY", 0x20005))
		return -1;
	return reasons_create(btf, NULL, &all);
}

static int free_btf(void **state)
{
	(void)state;
	reasons_destroy(all);
	btf__free(btf);
	return 0;
}

/* Everything from the texts to a trigger that works; what was said in err. */
static int make(const char *const *texts, struct trigger **ret)
{
	size_t n = 0;
	int got;

	*ret = NULL;
	while (texts[n])
		n++;
	err = said_begin(STDERR_FILENO);
	got = trigger_create(texts, n, ret);
	if (!got)
		got = trigger_reasons(*ret, all);
	if (!got)
		got = trigger_functions(*ret, &set);
	said_end(&err);
	return got;
}

#define MAKE(ret, ...) make((const char *const[]){__VA_ARGS__, NULL}, ret)

static void expect_refused(const char *text, const char *says)
{
	struct trigger *t;
	int got = MAKE(&t, text);

	trigger_destroy(t);
	if (got != -EINVAL || err.lines != 1 || !strstr(err.text, says) || !strstr(err.text, text))
		fail_msg("%s: %d, %u lines: %s", text, got, err.lines, err.text);
}

static void refusals(void **state)
{
	(void)state;
	expect_refused("", "no condition");
	expect_refused(",", "no condition");
	expect_refused("func", "not name=value");
	expect_refused("NETFILTER_DROP", "not name=value");
	expect_refused("color=red", "no such condition");
	expect_refused("reasons=x", "no such condition");
	expect_refused("=x", "no such condition");
	expect_refused("filter-=x", "no such condition");
	expect_refused("func=", "not a value");
	expect_refused("reason=", "not a value");
	expect_refused("dst-port=", "not a value");
	expect_refused("dst-port=65536", "not a value");
	expect_refused("dst-port=-1", "not a value");
	expect_refused("src-port=http", "not a value");
	expect_refused("src-port= 80", "not a value");
	expect_refused("src-ip=10.0.0", "not a value");
	expect_refused("dst-ip=10.0.0.0/8", "not a value");
	expect_refused("proto=nosuch", "not a value");
	expect_refused("proto=256", "not a value");
	expect_refused("mark=0x100000000", "not a value");
	expect_refused("mark=1/", "not a value");
	expect_refused("mark=3/1", "not a value"); /* never */
	expect_refused("func=ip_rcv,func=other", "twice");
	expect_refused("src-port=1,filter-src-port=1", "twice");
}

static void resolving(void **state)
{
	struct trigger *t;

	(void)state;
	expect_refused("reason=NO_SUCH_REASON", "no drop reason of that name: NO_SUCH_REASON");
	expect_refused("reason=8", "no drop reason of that name");
	expect_refused("func=no_such", "no function of that name is probed: no_such");
	expect_refused("func=not_attached", "no function of that name is probed");
	expect_refused("func=ip_rc", "no function of that name");
	/* Reasons are known before anything is attached. */
	err = said_begin(STDERR_FILENO);
	assert_int_equal(trigger_create((const char *const[]){"func=no_such"}, 1, &t), 0);
	assert_int_equal(trigger_reasons(t, all), 0);
	said_end(&err);
	assert_int_equal(err.lines, 0);
	trigger_destroy(t);
	/* The second of several is wrong. */
	assert_int_equal(MAKE(&t, "func=ip_rcv", "reason=nonsense"), -EINVAL);
	assert_int_equal(err.lines, 1);
	trigger_destroy(t);
	trigger_destroy(NULL);
}

/* 10.0.0.1:4660 > 10.0.0.2:81, Ethernet, IPv4, TCP; and fd00::1 > fd00::2, UDP. */
static const uint8_t tcp4[] = {
	0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 0,    0,    8, 0,  0x45, 0, 0, 40, 0, 0, 0, 0, 64,   6,
	0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0, 81, 0,	 0, 0, 0,  0, 0, 0, 0, 0x50, 2,
};
static const uint8_t udp6[] = {
	0,  0,	  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd, 0x60, 0,	0, 0,	 0, 8, 17,
	64, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0,    0,	  0,	1, 0xfd, 0, 0, 0,
	0,  0,	  0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0,    53,   0x30, 0x39, 0, 8,	 0, 0,
};

struct sample {
	struct event e;
	size_t target;
	const uint8_t *frame;
	size_t len;
};

static struct sample of4(void)
{
	return (struct sample){.frame = tcp4, .len = sizeof(tcp4), .target = 3};
}

static struct sample of6(void)
{
	return (struct sample){.frame = udp6, .len = sizeof(udp6), .target = 3};
}

/* No headers yet: the socket's. */
static struct sample of_socket(void)
{
	static const uint8_t none[14] = {[12] = 0x88, 0xb5};
	struct sample s = {.frame = none, .len = sizeof(none), .target = 3};

	s.e.flags = EVENT_NO_L3;
	s.e.sk_tuple = (struct event_tuple){.family = 4,
					    .proto = 6,
					    .has_ports = true,
					    .sport = 1000,
					    .dport = 81,
					    .src = {10, 0, 0, 1},
					    .dst = {10, 0, 0, 9}};
	return s;
}

static struct sample at(size_t target)
{
	struct sample s = of4();

	s.target = target;
	return s;
}

static struct sample because(uint32_t flags, uint32_t reason)
{
	struct sample s = of4();

	s.e.flags = flags;
	s.e.reason = reason;
	return s;
}

static struct sample marked(uint32_t mark)
{
	struct sample s = of4();

	s.e.mark = mark;
	return s;
}

static const char *hit(const struct trigger *t, const struct sample *s)
{
	return trigger_hit(t, &s->e, s->target, s->frame, s->len);
}

/* That trigger alone, on that hit. */
static void expect(const char *text, struct sample s, bool want)
{
	struct trigger *t;
	const char *got;

	if (MAKE(&t, text) || err.lines)
		fail_msg("%s: %s", text, err.text);
	got = hit(t, &s);
	if (want ? got != text : got != NULL)
		fail_msg("%s: %s", text, got ? "went off" : "did not go off");
	trigger_destroy(t);
}

static void reasons(void **state)
{
	(void)state;
	expect("reason=NETFILTER_DROP", because(EVENT_REASON, 8), true);
	expect("reason=SKB_DROP_REASON_NETFILTER_DROP", because(EVENT_REASON, 8), true);
	expect("reason=NETFILTER_DROP", because(EVENT_REASON, 9), false);
	expect("reason=NETFILTER_DROP", because(0, 8), false); /* not valid */
	expect("reason=RX_DROP_U_REPLAY", because(EVENT_REASON, 0x20005), true);
	expect("reason=RX_DROP_U_REPLAY", because(EVENT_REASON, 5), false);
}

static void functions(void **state)
{
	(void)state;
	expect("func=ip_rcv", at(0), true);
	expect("func=ip_rcv", at(3), false);
	expect("func=twice", at(2), true);
	expect("func=twice", at(4), true);
	expect("func=twice", at(0), false);
	expect("func=twice", at(5), false);
}

static void tuples(void **state)
{
	(void)state;
	expect("dst-port=81", of4(), true);
	expect("dst-port=4660", of4(), false);
	expect("src-port=0x1234", of4(), true);
	expect("src-port=81", of4(), false);
	expect("src-ip=10.0.0.1", of4(), true);
	expect("src-ip=10.0.0.2", of4(), false);
	expect("dst-ip=10.0.0.2", of4(), true);
	expect("dst-ip=10.0.0.1", of4(), false);
	expect("proto=tcp", of4(), true);
	expect("proto=TCP", of4(), true);
	expect("proto=6", of4(), true);
	expect("proto=udp", of4(), false);
	expect("src-ip=fd00::1", of6(), true);
	expect("dst-ip=fd00::2", of6(), true);
	expect("dst-ip=fd00::1", of6(), false);
	expect("src-ip=10.0.0.1", of6(), false);
	expect("src-ip=fd00::1", of4(), false);
	expect("dst-port=12345,proto=udp", of6(), true);
	expect("dst-port=81", of_socket(), true);
	expect("dst-ip=10.0.0.9", of_socket(), true);
	expect("src-port=81", of_socket(), false);
	/* A packet of no known headers matches no tuple, not even port 0. */
	expect("dst-port=0", (struct sample){.e.flags = EVENT_NO_L3, .target = 3}, false);
	expect("proto=0", (struct sample){.e.flags = EVENT_NO_L3, .target = 3}, false);
	/* Cut behind the addresses: there are no ports. */
	expect("dst-port=0", (struct sample){.frame = tcp4, .len = 34, .target = 3}, false);
	expect("src-port=0", (struct sample){.frame = tcp4, .len = 34, .target = 3}, false);
	expect("dst-ip=10.0.0.2", (struct sample){.frame = tcp4, .len = 34, .target = 3}, true);
}

/* As the flags of the same names are written. */
static void spellings(void **state)
{
	static const char *const ours[] = {"dst-port=81",
					   "-filter-dst-port 81",
					   "--filter-dst-port 81",
					   "--filter-dst-port=81",
					   "filter-dst-port=81",
					   "dst-port 81",
					   "proto=tcp, filter-dst-port=81"};

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		expect(ours[i], of4(), true);
		expect(ours[i], of6(), false);
	}
	expect("-filter-src-ip=10.0.0.1,-filter-proto tcp", of4(), true);
	expect("filter-dst-ip=10.0.0.2,filter-src-port=4660", of4(), true);
	expect("filter-mark=7", marked(7), true);
}

static void marks(void **state)
{
	(void)state;
	expect("mark=7", marked(7), true);
	expect("mark=7", marked(0x17), false);
	expect("mark=7/0xf", marked(0x17), true);
	expect("mark=0x10/0x10", marked(0x17), true);
	expect("mark=0", marked(0), true);
	expect("mark=0", marked(1), false);
	expect("mark=0/1", marked(2), true);
}

/* All of one must hold, any of several. */
static void together(void **state)
{
	static const char *const texts[] = {"func=ip_rcv,dst-port=81", "func=twice,reason=CONSUMED",
					    "dst-port=81,mark=5", NULL};
	struct sample s = of4();
	struct trigger *t;

	(void)state;
	assert_int_equal(make(texts, &t), 0);
	assert_null(hit(t, &s));
	s.target = 0;
	assert_ptr_equal(hit(t, &s), texts[0]);
	s.target = 2;
	assert_null(hit(t, &s));
	s.e.flags = EVENT_REASON;
	s.e.reason = 1;
	assert_ptr_equal(hit(t, &s), texts[1]);
	s.e.mark = 5;
	assert_ptr_equal(hit(t, &s), texts[1]); /* the first */
	s.target = 3;
	assert_ptr_equal(hit(t, &s), texts[2]);
	s.e.mark = 4;
	assert_null(hit(t, &s));
	trigger_destroy(t);
}

static void out_of_memory(void **state)
{
	static const char *const texts[] = {"func=ip_rcv", "reason=NETFILTER_DROP,proto=tcp"};
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct trigger *t = NULL;
		int got;

		alloc_fail_at(n);
		got = trigger_create(texts, 2, &t);
		if (!got)
			got = trigger_functions(t, &set);
		if (!alloc_fail_end()) {
			assert_int_equal(got, 0);
			trigger_destroy(t);
			break;
		}
		failures++;
		assert_int_equal(got, -ENOMEM);
		trigger_destroy(t);
	}
	assert_int_equal(failures, ALLOC_FAIL_WORKS ? 4 : 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),	 cmocka_unit_test(resolving),
		cmocka_unit_test(reasons),	 cmocka_unit_test(functions),
		cmocka_unit_test(tuples),	 cmocka_unit_test(spellings),
		cmocka_unit_test(marks),	 cmocka_unit_test(together),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, make_btf, free_btf);
}
