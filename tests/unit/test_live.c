// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for an input that grows, and what ends that. A child does what happens meanwhile. */
#include "report/live.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log.h"
#include "common/pcapng_reader.h"
#include "tests/support/pcapng_builder.h"
#include "tests/support/said.h"

static struct captures captures; /* none: so none is closed */
static struct live live;
static char name[32];
static int file, out;

static int make(void **state)
{
	(void)state;
	strcpy(name, "/tmp/pwru-live-XXXXXX");
	file = mkstemp(name);
	out = dup(STDERR_FILENO);
	live_init(&live, file, out, name, &captures);
	return file < 0;
}

static int drop(void **state)
{
	(void)state;
	log_mute(false);
	signal(SIGINT, SIG_DFL);
	unlink(name);
	close(file);
	close(out);
	return 0;
}

/* The same file through another descriptor, whose offset is its own. */
static void append(const void *p, size_t n)
{
	FILE *f = fopen(name, "ab");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

/* In a child, after so long. */
#define LATER(ms, what)                    \
	({                                 \
		pid_t _pid = fork();       \
		if (!_pid) {               \
			usleep(1000 * ms); \
			what;              \
			_exit(0);          \
		}                          \
		_pid;                      \
	})

static void ended(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void what_is_there_is_not_waited_for(void **state)
{
	char c;

	(void)state;
	assert_true(live.grows);
	assert_false(live_pending(&live));
	append("ab", 2);
	assert_true(live_pending(&live));
	assert_true(live_await(&live));
	assert_int_equal(read(file, &c, 1), 1);
	assert_true(live_pending(&live));
	assert_int_equal(read(file, &c, 1), 1);
	assert_false(live_pending(&live));
}

static void growth(void **state)
{
	pid_t pid;

	(void)state;
	pid = LATER(100, append("x", 1));
	assert_true(live_await(&live));
	assert_true(live_pending(&live));
	ended(pid);
}

static void ends(pid_t pid, const char *said)
{
	struct said err = said_begin(STDERR_FILENO);
	bool more = live_await(&live);

	said_end(&err);
	ended(pid);
	assert_false(more);
	assert_int_equal(err.lines, *said ? 1 : 0);
	assert_non_null(strstr(err.text, said));
}

static void interrupt(void **state)
{
	pid_t self = getpid();

	(void)state;
	ends(LATER(100, kill(self, SIGINT)), "");
	assert_false(live.unread);
}

static void shrinking(void **state)
{
	char bytes[3];

	(void)state;
	append("abc", 3);
	assert_int_equal(read(file, bytes, 3), 3);
	ends(LATER(50, if (truncate(name, 1)) _exit(1)), "became shorter");
}

static void replaced(void **state)
{
	char other[40];

	(void)state;
	snprintf(other, sizeof(other), "%s.new", name);
	close(creat(other, 0600));
	ends(LATER(50, if (rename(other, name)) _exit(1)), "is another file now");
}

/* It may still be written. */
static void a_file_without_a_name(void **state)
{
	FILE *f = fopen(name, "ab");
	pid_t pid;

	(void)state;
	assert_non_null(f);
	unlink(name);
	pid = LATER(100, fputc('x', f); fflush(f));
	fclose(f);
	assert_true(live_await(&live));
	ended(pid);
}

static void pipes(void **state)
{
	int ends[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	live_init(&live, ends[0], out, "-", &captures);
	assert_false(live.grows);
	assert_false(live_pending(&live));
	pid = LATER(100, if (write(ends[1], "x", 1) < 0) _exit(1));
	close(ends[1]);
	assert_true(live_await(&live));
	assert_int_equal(read(ends[0], &c, 1), 1);
	ended(pid);
	assert_true(live_await(&live)); /* for the end */
	assert_int_equal(read(ends[0], &c, 1), 0);
	close(ends[0]);
}

/* What can be read is read all the same. */
static void nobody_reads(void **state)
{
	int to[2];
	char c;

	(void)state;
	assert_int_equal(pipe(to), 0);
	append("x", 1);
	live_init(&live, file, to[1], name, &captures);
	close(to[0]);
	assert_true(live_await(&live) && !live.unread);
	assert_int_equal(read(file, &c, 1), 1);
	ends(LATER(1, ), "");
	assert_true(live.unread);
	close(to[1]);
}

static void nobody_reads_a_pipe_s(void **state)
{
	int to[2], from[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	live_init(&live, from[0], to[1], "-", &captures);
	/* The last reader leaves while it waits. */
	pid = LATER(100, );
	close(to[0]);
	ends(pid, "");
	assert_true(live.unread);
	close(to[1]);
	close(from[0]);
	close(from[1]);
}

/* A block of which only a part is there when it ends is no damage. */
static void in_the_middle_of_a_block(void **state)
{
	struct pcapng_builder b = {};
	struct pcapng_reader *r;
	struct pcapng_block block;
	pid_t self = getpid();
	size_t head;

	(void)state;
	built_head(&b, false);
	head = b.len;
	built_packet(&b);
	for (size_t cut = 1; cut < b.len; cut++) {
		assert_int_equal(ftruncate(file, 0), 0);
		lseek(file, 0, SEEK_SET);
		append(b.data, cut);
		live_init(&live, file, out, name, &captures);
		kill(self, SIGINT);
		assert_int_equal(pcapng_reader_create(file, name, &r), 0);
		pcapng_reader_await(r, live_await, &live);
		for (unsigned int i = cut < 28 ? 0 : cut < head ? 1 : 2; i--;)
			assert_int_equal(pcapng_reader_next(r, &block), 1);
		assert_int_equal(pcapng_reader_next(r, &block), 0);
		assert_string_equal(pcapng_reader_error(r), "");
		pcapng_reader_destroy(r);
	}
	pcapng_builder_deinit(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_is_not_waited_for),
		TEST(growth),
		TEST(interrupt),
		TEST(shrinking),
		TEST(replaced),
		TEST(a_file_without_a_name),
		TEST(pipes),
		TEST(nobody_reads),
		TEST(nobody_reads_a_pipe_s),
		TEST(in_the_middle_of_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
