// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/read/capture.h"
#include "report/views/flow_log.h"
#include "tests/support/alloc_fail.h"

enum { TCP = 6, UDP = 17, ICMP = 1 };

static struct event_tuple tuple(uint8_t proto, uint8_t src, uint16_t sport, uint8_t dst,
				uint16_t dport)
{
	return (struct event_tuple){.family = 4,
				    .proto = proto,
				    .has_ports = proto != ICMP,
				    .sport = sport,
				    .dport = dport,
				    .src = {10, 0, 0, src},
				    .dst = {10, 0, 0, dst}};
}

static const char *ends(const struct flow *f)
{
	static char text[256];
	static struct sink s;

	assert_int_equal(sink_init(&s, STDOUT_FILENO, false), 0);
	flow_text_end(&s, f, &f->a);
	sink_char(&s, ' ');
	flow_text_end(&s, f, &f->b);
	memcpy(text, s.data, s.len);
	text[s.len] = 0;
	sink_deinit(&s);
	return text;
}

static void parsing(void **state)
{
	static const char *const good[][2] = {
		{"10.0.0.1:43210,10.0.0.2:80", "10.0.0.1:43210 10.0.0.2:80"},
		{"0.0.0.0:0,255.255.255.255:65535", "0.0.0.0:0 255.255.255.255:65535"},
		{"[fd00::1]:1,[::]:65535", "[fd00::1]:1 [::]:65535"},
		{"[::ffff:10.0.0.1]:1,[::1]:2", "[::ffff:10.0.0.1]:1 [::1]:2"},
	};
	static const char *const bad[] = {
		"",
		",",
		"10.0.0.1:1",
		"10.0.0.1:1,",
		",10.0.0.1:1",
		"10.0.0.1,10.0.0.2",
		"10.0.0.1:,10.0.0.2:80",
		"10.0.0.1:65536,10.0.0.2:80",
		"10.0.0.1:100000,10.0.0.2:80",
		"10.0.0.1:-1,10.0.0.2:80",
		"10.0.0.1: 1,10.0.0.2:80",
		"10.0.0.1:1,10.0.0.2:80,",
		"10.0.0:1,10.0.0.2:80",
		":1,:2",
		"[10.0.0.1]:1,[10.0.0.2]:80",
		"fd00::1:1,fd00::2:2",
		"[fd00::1]:1,10.0.0.2:80",
		"[fd00::1:1,[fd00::2]:2",
		"fd00::1]:1,[fd00::2]:2",
		"[]:1,[]:2",
		"[:1,[:2",
		"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:1,[::]:2",
	};
	struct flow f;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(flow_parse(good[i][0], &f), 0);
		assert_string_equal(ends(&f), good[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(flow_parse(bad[i], &f), -EINVAL);
}

static void directions(void **state)
{
	struct event_tuple t = tuple(TCP, 1, 5000, 2, 80), back = tuple(TCP, 2, 80, 1, 5000);
	struct event_tuple udp = tuple(UDP, 1, 5000, 2, 80), six = t, no_ports = t;
	struct event_tuple turned = tuple(TCP, 1, 80, 2, 5000), ping = tuple(ICMP, 1, 0, 2, 0);
	struct flow asked, of;

	(void)state;
	assert_int_equal(flow_parse("10.0.0.1:5000,10.0.0.2:80", &asked), 0);
	assert_int_equal(flow_direction(&asked, &t), FLOW_THERE);
	assert_int_equal(flow_direction(&asked, &back), FLOW_BACK);
	assert_int_equal(flow_direction(&asked, &udp), FLOW_THERE);
	assert_int_equal(flow_direction(&asked, &turned), FLOW_NOT);
	assert_int_equal(flow_direction(&asked, &ping), FLOW_NOT);
	six.family = 6;
	assert_int_equal(flow_direction(&asked, &six), FLOW_NOT);
	no_ports.has_ports = false;
	assert_int_equal(flow_direction(&asked, &no_ports), FLOW_NOT);

	/* One that came from a packet is of its protocol. */
	assert_true(flow_of_tuple(&back, &of));
	assert_int_equal(flow_direction(&of, &back), FLOW_THERE);
	assert_int_equal(flow_direction(&of, &t), FLOW_BACK);
	assert_int_equal(flow_direction(&of, &udp), FLOW_NOT);
	assert_false(flow_of_tuple(&ping, &of));
	assert_false(flow_of_tuple(&no_ports, &of));
}

static struct capture capture = {.tag = 1};

static struct path path(uint64_t packet, int64_t first, struct event_tuple *t, uint16_t n)
{
	return (struct path){.number = packet,
			     .packet = packet,
			     .capture = &capture,
			     .first = first,
			     .last = first + 5,
			     .hits = 3,
			     .tuples = {.all = t, .headers = 1, .count = n}};
}

/* NAT: any of its tuples will do. */
static void any_tuple(void **state)
{
	struct event_tuple t[3] = {tuple(TCP, 1, 5000, 9, 80), tuple(TCP, 1, 5000, 2, 8080),
				   tuple(TCP, 2, 8080, 1, 5000)};
	struct path p = path(1, 1, t, 3);
	uint16_t i = 77;
	struct flow f;

	(void)state;
	assert_int_equal(flow_parse("10.0.0.2:8080,10.0.0.1:5000", &f), 0);
	assert_int_equal(flow_direction_any(&f, &p.tuples, &i), FLOW_BACK);
	assert_int_equal(i, 1);
	p.tuples.count = 1;
	assert_int_equal(flow_direction_any(&f, &p.tuples, &i), FLOW_NOT);
	p.tuples.count = 0;
	assert_int_equal(flow_direction_any(&f, &p.tuples, &i), FLOW_NOT);
}

static void in_order_of_time(void **state)
{
	struct event_tuple t = tuple(TCP, 1, 1, 2, 2);
	const struct flow_packet *p;
	struct flow_log *l;
	uint64_t last = 0, n = 0;

	(void)state;
	assert_int_equal(flow_log_create(1000, &l), 0);
	srand(11);
	for (uint64_t i = 1; i <= 1000; i++) {
		struct path one = path(i, rand() % 100, &t, 1);

		assert_int_equal(flow_log_add(l, &one, (struct hop_choice){0}, 0, FLOW_THERE), 0);
		assert_null(flow_log_take(l, false));
	}
	for (; (p = flow_log_take(l, true)); n++) {
		uint64_t at = (uint64_t)p->path.first * 10000 + p->path.packet;

		assert_true(at > last);
		last = at;
	}
	assert_int_equal(n, 1000);
	flow_log_destroy(l);
}

static void too_many(void **state)
{
	static const int64_t first[] = {50, 20, 40, 10, 30};
	struct event_tuple t = tuple(TCP, 1, 1, 2, 2);
	const struct flow_packet *p;
	struct flow_log *l;

	(void)state;
	assert_int_equal(flow_log_create(2, &l), 0);
	for (uint64_t i = 0; i < 3; i++) {
		struct path one = path(i + 1, first[i], &t, 1);

		assert_null(flow_log_take(l, false));
		assert_int_equal(flow_log_add(l, &one, (struct hop_choice){0}, 0, FLOW_THERE), 0);
	}
	p = flow_log_take(l, false);
	assert_int_equal(p->path.first, 20);
	assert_null(flow_log_take(l, false));
	p = flow_log_take(l, true);
	assert_int_equal(p->path.first, 40);
	flow_log_destroy(l); /* with one inside */
	flow_log_destroy(NULL);
}

/* What is shown does not need the path any more. */
static void a_record_is_whole(void **state)
{
	static const struct func drop = {.name = "kfree_skb"};
	struct hop hops[3] = {{.tuple = TUPLES_NONE, .len = 900},
			      {.tuple = 1, .len = 60, .flags = EVENT_LIFECYCLE},
			      {.tuple = 1, .len = 74, .func = &drop}};
	struct event_tuple t[2] = {tuple(TCP, 8, 1, 9, 2), tuple(TCP, 1, 1, 2, 2)};
	struct path p = path(4, 10, t, 2);
	const struct flow_packet *got;
	struct flow_log *l;

	(void)state;
	p.hops = hops;
	p.n_hops = 3;
	p.verdict = &hops[2];
	p.outcome = OUTCOME_DROPPED;
	strcpy(p.unnamed_text, "reason 9");
	p.unnamed = p.unnamed_text;
	assert_int_equal(flow_log_create(FLOW_LOG_MOST, &l), 0);
	assert_int_equal(flow_log_add(l, &p, (struct hop_choice){0}, 1, FLOW_BACK), 0);
	memset(hops, 0xee, sizeof(hops));
	memset(t, 0xee, sizeof(t));
	memset(&p, 0xee, sizeof(p));
	got = flow_log_take(l, true);
	assert_int_equal(got->len, 74);
	assert_int_equal(got->hops, 2);
	assert_int_equal(got->tuple.dport, 2);
	assert_true(got->from_socket);
	assert_int_equal(got->direction, FLOW_BACK);
	assert_string_equal(got->path.unnamed, "reason 9");
	assert_ptr_equal(got->by, &drop);
	assert_int_equal(got->path.last, 15);
	flow_log_destroy(l);
}

static void out_of_memory(void **state)
{
	struct event_tuple t = tuple(TCP, 1, 1, 2, 2);
	struct path one = path(1, 1, &t, 1);
	struct flow_log *l;
	int n, err;

	(void)state;
	alloc_fail_at(0);
	err = flow_log_create(1, &l);
	if (alloc_fail_end())
		assert_int_equal(err, -ENOMEM);
	else
		flow_log_destroy(l);
	for (n = 0;; n++) {
		assert_int_equal(flow_log_create(1, &l), 0);
		alloc_fail_at(n);
		err = flow_log_add(l, &one, (struct hop_choice){0}, 0, FLOW_THERE);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
		assert_null(flow_log_take(l, true));
		flow_log_destroy(l);
	}
	assert_int_equal(err, 0);
	flow_log_destroy(l);
}

static int make_ledger(void **state)
{
	(void)state;
	return ledger_create(&capture.ledger);
}

static int free_ledger(void **state)
{
	(void)state;
	ledger_destroy(capture.ledger);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),	 cmocka_unit_test(directions),
		cmocka_unit_test(any_tuple),	 cmocka_unit_test(in_order_of_time),
		cmocka_unit_test(too_many),	 cmocka_unit_test(a_record_is_whole),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, make_ledger, free_ledger);
}
