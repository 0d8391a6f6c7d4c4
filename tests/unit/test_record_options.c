// SPDX-License-Identifier: GPL-2.0-only
/*
 * pwru-record's command line: each option alone against the defaults, what is refused (with one
 * line on stderr), and where the command begins. The table is read too, so that an option without
 * a test is told of. How options are written at all is test_options'; those of several files are
 * test_row_options'.
 */
#include "record/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/alloc_fail.h"
#include "tests/support/record_options.h"

static void by_default(void **state)
{
	struct options want = defaults(), o;

	(void)state;
	expect_read((char *[]){NULL, NULL}, &want);
	assert_int_equal(READ(&o, NULL), 0);
	assert_string_equal(o.command_line, "pwru-record");
	options_deinit(&o);
}

static void output(void **state)
{
	(void)state;
	EXPECT("--write", "x.pcapng", o_.write = "x.pcapng");
	EXPECT("-w", "-", o_.write = "-");
	REFUSED("--write", "");
	REFUSED("--write");
	EXPECT("--comment", "full", o_.comment = COMMENT_FULL);
	EXPECT("--comment", "short", o_.comment = COMMENT_SHORT);
	EXPECT("--comment", "none", o_.comment = COMMENT_NONE);
	REFUSED("--comment", "");
	REFUSED("--comment", "Full");
	REFUSED("--comment", "shorter");
	EXPECT("--snaplen", "14", o_.snaplen = o_.filter.snaplen = 14);
	EXPECT("-s", "192", o_.snaplen = o_.filter.snaplen = 192);
	EXPECT("-s", "0x40", o_.snaplen = o_.filter.snaplen = 64);
	REFUSED("--snaplen", "13");
	REFUSED("--snaplen", "0");
	REFUSED("--snaplen", "193");
	REFUSED("--snaplen", "4294967310"); /* 14 in 32 bits */
	REFUSED("--snaplen", "64 ");
	REFUSED("--snaplen", "-64");
	REFUSED("--snaplen", "64K");
}

static void stopping(void **state)
{
	(void)state;
	EXPECT("--max-events", "1", o_.max_events = 1);
	EXPECT("-c", "18446744073709551615", o_.max_events = UINT64_MAX);
	REFUSED("--max-tracked", "0");
	REFUSED("--max-tracked", "16777217");
	REFUSED("--max-tracked");
	REFUSED("--max-events", "0");
	REFUSED("--max-events", "18446744073709551616");
	REFUSED("--max-events", "many");
	EXPECT("--duration", "3", o_.duration = 3000000000);
	EXPECT("--duration", "0.25", o_.duration = 250000000);
	EXPECT("--duration", "1e9", o_.duration = 1000000000000000000);
	EXPECT("--duration", "1e-9", o_.duration = 1);
	REFUSED("--duration", "0");
	REFUSED("--duration", "-1");
	REFUSED("--duration", "");
	REFUSED("--duration", "3s");
	REFUSED("--duration", "inf");
	REFUSED("--duration", "nan");
	REFUSED("--duration", "1e10");
	/* Less than a nanosecond is not "no limit". */
	REFUSED("--duration", "1e-10");
}

static void filters(void **state)
{
	struct in_addr v4;
	struct in6_addr v6;

	(void)state;
	inet_pton(AF_INET, "10.1.2.3", &v4);
	inet_pton(AF_INET6, "fd00::12", &v6);
	EXPECT("--filter-src-ip", "10.1.2.3", o_.filter.src_family = 4;
	       memcpy(o_.filter.src, &v4, 4));
	EXPECT("--filter-src-ip", "fd00::12", o_.filter.src_family = 6;
	       memcpy(o_.filter.src, &v6, 16));
	EXPECT("--filter-dst-ip", "10.1.2.3", o_.filter.dst_family = 4;
	       memcpy(o_.filter.dst, &v4, 4));
	EXPECT("--filter-dst-ip", "fd00::12", o_.filter.dst_family = 6;
	       memcpy(o_.filter.dst, &v6, 16));
	REFUSED("--filter-src-ip", "10.1.2");
	REFUSED("--filter-src-ip", "10.1.2.3/24");
	REFUSED("--filter-dst-ip", "localhost");
	REFUSED("--filter-dst-ip", "fd00::12%eth0");
	EXPECT("--filter-src-port", "0", o_.filter.has_sport = 1);
	EXPECT("--filter-src-port", "65535", o_.filter.has_sport = 1; o_.filter.sport = 65535);
	EXPECT("--filter-dst-port", "443", o_.filter.has_dport = 1; o_.filter.dport = 443);
	REFUSED("--filter-src-port", "65536");
	REFUSED("--filter-dst-port", "https");
	EXPECT("--filter-pid", "1", o_.filter.pid = 1);
	EXPECT("--filter-pid", "2147483647", o_.filter.pid = INT32_MAX);
	REFUSED("--filter-pid", "0");
	REFUSED("--filter-pid", "2147483648");
	EXPECT("--filter-ifname", "eth0", o_.filter.has_ifname = o_.filter.want_dev = 1;
	       memcpy(o_.filter.ifname, "eth0", 4));
	EXPECT("--filter-ifname", "fifteen-letters", o_.filter.has_ifname = o_.filter.want_dev = 1;
	       memcpy(o_.filter.ifname, "fifteen-letters", 15));
	REFUSED("--filter-ifname", "sixteen--letters");
	REFUSED("--filter-ifname", "");
	EXPECT("--filter-netns", "inode:5", o_.filter_netns = "inode:5");
	EXPECT("--filter-tunnel", "icmp", o_.filter_tunnel = "icmp");
	EXPECT("--filter-drop", NULL, o_.filter_drop = true);
	EXPECT("--filter-func", "!ip_.*", o_.filter_func[0] = "!ip_.*");
	EXPECT("--no-track", NULL, o_.filter.track = 0);
	EXPECT("--max-tracked=1", NULL, o_.filter.max_lives = 1);
	EXPECT("--max-tracked", "16777216", o_.filter.max_lives = 16777216);
	EXPECT("--with-ssh", NULL, o_.with_ssh = true);
}

static void marks(void **state)
{
	(void)state;
	EXPECT("--filter-mark", "0", o_.filter.has_mark = 1; o_.filter.mark_mask = UINT32_MAX);
	EXPECT("--filter-mark", "0xffffffff", o_.filter.has_mark = 1; o_.filter.mark = UINT32_MAX;
	       o_.filter.mark_mask = UINT32_MAX);
	EXPECT("--filter-mark", "0x10/0xf0", o_.filter.has_mark = 1; o_.filter.mark = 0x10;
	       o_.filter.mark_mask = 0xf0);
	REFUSED("--filter-mark", "0x100000000");
	REFUSED("--filter-mark", "0/0x100000000");
	REFUSED("--filter-mark", "0x11/0xf0");
	REFUSED("--filter-mark", "1/");
	REFUSED("--filter-mark", "/1");
	REFUSED("--filter-mark", "");
}

static void repeated_functions(void **state)
{
	char *args[MOST_ARGS + 1] = {NULL};
	struct options o;

	(void)state;
	for (int i = 0; i < 15; i++)
		args[i] = "--filter-func=x|y";
	assert_int_equal(read_args(args, &o), 0);
	assert_string_equal(o.filter_func[14], "x|y");
	assert_null(o.filter_func[15]);
	options_deinit(&o);
	args[15] = "--filter-func=z";
	expect_refused(args);
}

static void protocols(void **state)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} all[] = {{"tcp", 6},	  {"udp", 17}, {"icmp", 1}, {"icmp6", 58}, {"icmpv6", 58},
		   {"sctp", 132}, {"TCP", 6},  {"0", 0},    {"255", 255},  {"0x11", 17}};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		EXPECT("--filter-proto", (char *)all[i].name, o_.filter.has_proto = 1;
		       o_.filter.proto = all[i].proto);
	REFUSED("--filter-proto", "256");
	REFUSED("--filter-proto", "tcp,udp");
	REFUSED("--filter-proto", "");
}

static void probing(void **state)
{
	(void)state;
	EXPECT("--backend", "auto", o_.backend = BACKEND_AUTO);
	EXPECT("--backend", "kprobe-multi", o_.backend = BACKEND_MULTI);
	EXPECT("--backend", "kprobe", o_.backend = BACKEND_KPROBE);
	EXPECT("--backend", "tracepoint", o_.backend = BACKEND_TRACEPOINT);
	REFUSED("--backend", "fentry");
	EXPECT("--buffer", "auto", o_.buffer = BUFFER_AUTO);
	EXPECT("--buffer", "ring", o_.buffer = BUFFER_RING);
	EXPECT("--buffer", "perf", o_.buffer = BUFFER_PERF);
	REFUSED("--buffer", "both");
	EXPECT("--ring-size", "4096", o_.ring_size = 4096);
	EXPECT("--ring-size", "8K", o_.ring_size = 8192);
	EXPECT("--ring-size", "256m", o_.ring_size = 256 << 20);
	EXPECT("--ring-size", "16G", o_.ring_size = 16ULL << 30);
	REFUSED("--ring-size", "4095");
	REFUSED("--ring-size", "17G");
	REFUSED("--ring-size", "17179869184G"); /* 2^64 */
	REFUSED("--ring-size", "1T");
	EXPECT("--list-functions", NULL, o_.list_functions = true);
	EXPECT("--kmods", "veth,bridge", o_.kmods = "veth,bridge");
	EXPECT("--all-kmods", NULL, o_.all_kmods = true);
	EXPECT("--kernel-btf", "/boot/btf", o_.kernel_btf = "/boot/btf");
	EXPECT("--check", NULL, o_.check = true);
	EXPECT("--stack", NULL, o_.filter.stack_depth = 16);
	EXPECT("--stack=1", NULL, o_.filter.stack_depth = 1);
	EXPECT("--stack=32", NULL, o_.filter.stack_depth = 32);
	REFUSED("--stack=0");
	REFUSED("--stack=33");
	EXPECT("--skb", NULL, o_.skb = true);
	EXPECT("--cb", NULL, o_.filter.keep_cb = 1);
	EXPECT("--ready-file", "/run/ready", o_.ready_file = "/run/ready");
	EXPECT("--user", "alice", o_.user = "alice");
	EXPECT("-Z", "root", o_.user = "root");
}

static void general(void **state)
{
	struct options o, untouched;

	(void)state;
	EXPECT("--quiet", NULL, o_.quiet = true);
	EXPECT("-q", NULL, o_.quiet = true);
	EXPECT("--verbose", NULL, o_.verbose = true);
	EXPECT("-v", NULL, o_.verbose = true);
	memset(&o, 0x5a, sizeof(o));
	untouched = o;
	assert_int_equal(READ(&o, "--help"), -ECANCELED);
	assert_true(out.lines > 10 && !err.lines);
	assert_int_equal(READ(&o, "-V"), -ECANCELED);
	assert_true(out.lines == 1 && !err.lines);
	assert_memory_equal(&o, &untouched, sizeof(o));
	/* One dash does as well, and the value may follow "=". */
	EXPECT("-filter-func=x", NULL, o_.filter_func[0] = "x");
	REFUSED("--json");
	REFUSED("--no-such-option");
	REFUSED("--quiet=yes");
}

static void together(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, "-w", "a", "-w", "b", "-qc", "5", "--filter-src-ip", "::1",
			      "--filter-dst-ip", "::2"),
			 0);
	assert_string_equal(o.write, "b");
	assert_string_equal(o.command_line, "pwru-record -w a -w b -qc 5 --filter-src-ip ::1 "
					    "--filter-dst-ip ::2");
	assert_true(o.quiet && o.max_events == 5);
	assert_string_equal((const char *)o.filters.data,
			    "--filter-src-ip ::1 --filter-dst-ip ::2");
	options_deinit(&o);
	REFUSED("--filter-src-ip", "10.0.0.1", "--filter-dst-ip", "::1");
	REFUSED("--filter-src-ip", "::1", "--filter-dst-ip", "10.0.0.1");
	/* The first bad one ends it. */
	REFUSED("-c", "0", "-s", "0", "--backend", "none");
}

static void command(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, "-q", "--", "ping", "-c", "1", "--", "10.0.0.2"), 0);
	assert_true(o.quiet);
	assert_true(o.max_events == 0); /* -c is ping's */
	assert_string_equal(o.command[0], "ping");
	assert_string_equal(o.command[1], "-c");
	assert_string_equal(o.command[2], "1");
	assert_string_equal(o.command[3], "--");
	assert_string_equal(o.command[4], "10.0.0.2");
	assert_null(o.command[5]);
	assert_string_equal(o.command_line, "pwru-record -q -- ping -c 1 -- 10.0.0.2");
	options_deinit(&o);
	assert_int_equal(READ(&o, "--", "--help"), 0);
	assert_string_equal(o.command[0], "--help");
	assert_string_equal(out.text, "");
	options_deinit(&o);
	REFUSED("--");
	REFUSED("-q", "--");
	REFUSED("-w", "--", "ping"); /* not a file of that name */
}

/* Operands, wherever they stand, are one pcap-filter; the filters in force are told in one line. */
static void expression(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, "-q", "host 10.0.0.1", "and", "--filter-func=ip.*", "icmp",
			      "--filter-drop", "--no-track", "--", "ping"),
			 0);
	assert_string_equal(o.expression, "host 10.0.0.1 and icmp");
	assert_string_equal((const char *)o.filters.data,
			    "--filter-func ip.* --filter-drop --no-track "
			    "host 10.0.0.1 and icmp");
	assert_string_equal(o.command[0], "ping");
	options_deinit(&o);
	assert_null(o.expression);
	assert_null((const char *)o.filters.data);
	assert_int_equal(READ(&o, "-q"), 0);
	assert_string_equal((const char *)o.filters.data, "");
	assert_null(o.expression);
	options_deinit(&o);
}

/* Every option that the table gives to this program was in a test above. */
static void none_is_forgotten(void **state)
{
	static const char *const names[] = {
#define RECORD 1
#define REPORT 2
#define GROUP(title, programs)
#define OPTION(id, name, letter, argument, programs, help) ((programs)&RECORD) ? name : NULL,
#include "common/options.def"
#undef GROUP
#undef OPTION
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool found = !names[i] || !strcmp(names[i], "help") || !strcmp(names[i], "version");

		/* test_row_options has these. */
		found |= names[i] &&
			 (!strncmp(names[i], "rotate-", 7) || !strncmp(names[i], "trigger", 7) ||
			  !strcmp(names[i], "flight-recorder"));

		for (size_t k = 0; !found && k < taken_count; k++)
			found = !strncmp(taken[k], "--", 2) && !strcmp(taken[k] + 2, names[i]);
		if (!found)
			fail_msg("--%s has no test here", names[i]);
	}
}

static void out_of_memory(void **state)
{
	char *argv[] = {"pwru-record", "-c", "5", "ip", "--", "true", NULL};
	int failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct options o, untouched;
		int result;

		memset(&o, 0x5a, sizeof(o));
		untouched = o;
		alloc_fail_at(n);
		result = options_read(6, argv, &o);
		if (!alloc_fail_end()) {
			assert_int_equal(result, 0);
			options_deinit(&o);
			break;
		}
		assert_int_equal(result, -ENOMEM);
		assert_memory_equal(&o, &untouched, sizeof(o));
		failures++;
	}
	assert_true(failures >= (ALLOC_FAIL_WORKS ? 3 : 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_default),
		cmocka_unit_test(output),
		cmocka_unit_test(stopping),
		cmocka_unit_test(filters),
		cmocka_unit_test(protocols),
		cmocka_unit_test(marks),
		cmocka_unit_test(repeated_functions),
		cmocka_unit_test(probing),
		cmocka_unit_test(general),
		cmocka_unit_test(together),
		cmocka_unit_test(command),
		cmocka_unit_test(expression),
		cmocka_unit_test(none_is_forgotten),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
