// SPDX-License-Identifier: GPL-2.0-only
/*
 * SSH_CONNECTION as sshd writes it, and as it does not; and finding it in ancestors, which takes
 * processes that were executed with it and without: this program itself, see main().
 */
#include "record/ssh.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SELF "/proc/self/exe"

static void expect(const char *value, int family, const char *src, unsigned int sport,
		   const char *dst, unsigned int dport)
{
	struct pwru_tuple want = {.family = family == AF_INET ? 4 : 6,
				  .proto = 6,
				  .has_ports = 1,
				  .sport = (uint16_t)sport,
				  .dport = (uint16_t)dport};
	struct pwru_tuple t;

	memset(&t, 0x5a, sizeof(t));
	assert_int_equal(inet_pton(family, src, want.src), 1);
	assert_int_equal(inet_pton(family, dst, want.dst), 1);
	if (!ssh_parse(value, &t))
		fail_msg("refused: %s", value);
	assert_memory_equal(&t, &want, sizeof(t));
}

static void good(void **state)
{
	(void)state;
	expect("10.0.0.1 50000 192.168.255.254 22", AF_INET, "10.0.0.1", 50000, "192.168.255.254",
	       22);
	expect("0.0.0.0 0 255.255.255.255 65535", AF_INET, "0.0.0.0", 0, "255.255.255.255", 65535);
	expect("fd00::1 50000 2001:db8:1:2:3:4:5:6 2222", AF_INET6, "fd00::1", 50000,
	       "2001:db8:1:2:3:4:5:6", 2222);
	expect("::1 1 ::1 22", AF_INET6, "::1", 1, "::1", 22);
	expect("::ffff:10.0.0.1 1 ::ffff:10.0.0.2 22", AF_INET6, "::ffff:10.0.0.1", 1,
	       "::ffff:10.0.0.2", 22);
	/* Link-local addresses come with their interface. */
	expect("fe80::1%eth0 50000 fe80::2%eth0 22", AF_INET6, "fe80::1", 50000, "fe80::2", 22);
	expect("fe80::aaaa:bbbb:cccc:dddd%verylongname15 50000 fe80::2 22", AF_INET6,
	       "fe80::aaaa:bbbb:cccc:dddd", 50000, "fe80::2", 22);
}

static void bad(void **state)
{
	static const char *const all[] = {
		"",
		" ",
		"10.0.0.1",
		"10.0.0.1 50000",
		"10.0.0.1 50000 10.0.0.2",
		"10.0.0.1 50000 10.0.0.2 ",
		"10.0.0.1 50000 10.0.0.2 ssh",
		"10.0.0.1 x 10.0.0.2 22",
		"10.0.0.1 65536 10.0.0.2 22",
		"10.0.0.1 50000 10.0.0.2 65536",
		"10.0.0.1 -1 10.0.0.2 22",
		"10.0.0.1 50000 fd00::2 22",
		"fd00::1 50000 10.0.0.2 22",
		"10.0.0.256 50000 10.0.0.2 22",
		"10.0.0 50000 10.0.0.2 22",
		"client 50000 server 22",
		"fd00::1::2 50000 fd00::2 22",
		"UNKNOWN 65535 UNKNOWN 65535",
		"10.0.0.1,50000,10.0.0.2,22",
	};
	struct pwru_tuple t, untouched;
	char *overlong = malloc(2000);

	(void)state;
	memset(&t, 0x5a, sizeof(t));
	untouched = t;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (ssh_parse(all[i], &t))
			fail_msg("taken: %s", all[i]);
		assert_memory_equal(&t, &untouched, sizeof(t));
	}
	assert_non_null(overlong);
	memset(overlong, '1', 1999);
	overlong[1999] = 0;
	assert_false(ssh_parse(overlong, &t));
	memcpy(overlong + 1000, " 1 ", 3);
	assert_false(ssh_parse(overlong, &t));
	free(overlong);
}

static void own_environment(void **state)
{
	struct pwru_tuple t;

	(void)state;
	setenv("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22", 1);
	assert_true(ssh_connection(&t));
	assert_int_equal(t.sport, 50000);
	setenv("SSH_CONNECTION", "of no use", 1);
	assert_false(ssh_connection(&t));
	unsetenv("SSH_CONNECTION");
}

/* ---- ancestors ---- */

/* Executes this program with one variable, or none. */
static int run(const char *mode, const char *variable)
{
	char *argv[] = {"test_ssh", (char *)mode, NULL};
	char *env[] = {"FIRST=1", (char *)variable, NULL};
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execve(SELF, argv, env);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

/* The innermost one: the port found modulo 256, 1 when there is none. */
static int innermost(void)
{
	struct pwru_tuple t;

	return ssh_connection(&t) ? t.sport & 0xff : 1;
}

/* As sudo does: "--outer" was executed with the variable, and what it executes is not. */
static int relay(const char *mode)
{
	prctl(PR_SET_NAME, "a) R 1 (b");
	if (!strcmp(mode, "--two"))
		return run("--one", NULL);
	if (!strcmp(mode, "--one"))
		return run("--innermost", NULL);
	return innermost();
}

#define VARIABLE "SSH_CONNECTION=10.0.0.1 50042 10.0.0.2 22"

static void of_an_ancestor(void **state)
{
	char *overlong = malloc(5000);
	int none = run("--one", NULL); /* who runs the tests may come over ssh too */

	(void)state;
	assert_int_equal(run("--one", VARIABLE), 50042 & 0xff);
	assert_int_equal(run("--two", VARIABLE), 50042 & 0xff);
	/* Neither one that is no connection, nor a name that ends or begins like it. */
	assert_int_equal(run("--one", "SSH_CONNECTION=none"), none);
	assert_int_equal(run("--two", "X" VARIABLE), none);
	assert_non_null(overlong);
	memset(overlong, 'x', 5000);
	overlong[4999] = 0;
	memcpy(overlong, "LONG=", 5);
	assert_int_equal(run("--one", overlong), none);
	free(overlong);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(bad),
		cmocka_unit_test(own_environment),
		cmocka_unit_test(of_an_ancestor),
	};

	if (argc > 1)
		return relay(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
