// SPDX-License-Identifier: GPL-2.0-only
/* A row of files: names, what is removed and what is left alone, and what stops it. */
#include "record/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/pcapng_writer.h"
#include "tests/support/pcapng_run.h"
#include "tests/support/said.h"

#define SKIPPED 77

static char dir[64];

static int enter(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/test_row.XXXXXX");
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int leave(void **state)
{
	DIR *d = opendir(dir);

	(void)state;
	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return chdir("/") || rmdir(dir);
}

/* How many names there are here that begin so. */
static unsigned int count(const char *begin)
{
	unsigned int n = 0;
	DIR *d = opendir(".");

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.' && !strncmp(e->d_name, begin, strlen(begin));
	closedir(d);
	return n;
}

static void touch(const char *name)
{
	FILE *f = fopen(name, "wxe");

	assert_non_null(f);
	fclose(f);
}

static void put(struct output *o, unsigned int packets)
{
	static const uint8_t data[1000];
	struct buf b = {};
	size_t at = pcapng_shb_begin(&b);

	assert_int_equal(pcapng_block_end(&b, at), 0);
	at = pcapng_idb_begin(&b);
	assert_int_equal(pcapng_block_end(&b, at), 0);
	for (unsigned int i = 0; i < packets; i++) {
		at = pcapng_epb_begin(&b, 0, i, data, sizeof(data), sizeof(data));
		assert_int_equal(pcapng_block_end(&b, at), 0);
	}
	output_write(o, &b);
	buf_deinit(&b);
}

static struct output *open_row(const char *path, uint32_t keep)
{
	struct output *o = NULL;

	assert_int_equal(output_open_row(path, keep, &o), 0);
	assert_false(output_is_pipe(o));
	assert_int_equal(output_files(o), 0);
	return o;
}

/* "x_00001_20261122204911.pcapng": the time, local, is now's or one a few seconds before. */
static void expect_name(const char *got, const char *begin, const char *end)
{
	time_t now = time(NULL);

	for (int ago = 0; ago < 5; ago++, now--) {
		char want[128], when[32];
		struct tm t;

		localtime_r(&now, &t);
		strftime(when, sizeof(when), "%Y%m%d%H%M%S", &t);
		snprintf(want, sizeof(want), "%s%s%s", begin, when, end);
		if (!strcmp(got, want))
			return;
	}
	fail_msg("%s is not %s…%s", got, begin, end);
}

static void names(void **state)
{
	static const struct {
		const char *path, *begin, *end;
	} all[] = {{"x.pcapng", "x_00001_", ".pcapng"}, {"./x", "./x_00001_", ""},
		   {"x.y.z", "x.y_00001_", ".z"},	{".hidden", ".hidden_00001_", ""},
		   {"a b%s", "a b%s_00001_", ""},	{"./.x.p", "./.x_00001_", ".p"}};

	(void)state;
	setenv("TZ", "Asia/Kolkata", 1);
	tzset();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct output *o = open_row(all[i].path, 0);
		char *name;

		assert_int_equal(output_next(o), 0);
		expect_name(output_name(o), all[i].begin, all[i].end);
		name = strdup(output_name(o));
		assert_int_equal(access(name, F_OK), 0);
		assert_int_equal(output_close(o), 0);
		unlink(name);
		free(name);
	}
	unsetenv("TZ");
	tzset();
}

static void one_after_another(void **state)
{
	struct output *o = open_row("row.pcapng", 0);
	char *first;
	struct stat st;

	(void)state;
	assert_int_equal(count(""), 0); /* none before the first is asked for */
	umask(0777);
	assert_int_equal(output_next(o), 0);
	umask(022);
	first = strdup(output_name(o));
	put(o, 3);
	assert_int_equal(stat(first, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0); /* the umask is the user's */
	assert_int_equal(output_done(o), 0);
	assert_int_equal(output_done(o), 0);
	assert_int_equal(count(""), 1);
	assert_int_equal(output_next(o), 0);
	assert_int_equal(output_files(o), 2);
	put(o, 2);
	expect_name(output_name(o), "row_00002_", ".pcapng");
	assert_int_equal(stat(output_name(o), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(output_next(o), 0); /* without output_done() */
	assert_int_equal(count("row_0000"), 3);
	assert_true(output_bytes(o) > 5000);
	assert_int_equal(output_close(o), 0);
	chmod(first, 0600);
	assert_int_equal(run_fd(open(first, O_RDONLY | O_CLOEXEC)).blocks, 5);
	free(first);
}

/* Nothing was asked for: nothing is there. */
static void never_begun(void **state)
{
	(void)state;
	assert_int_equal(output_close(open_row("never.pcapng", 5)), 0);
	assert_int_equal(count(""), 0);
}

static void keeps_the_last(void **state)
{
	static const char *const foreign[] = {
		"k_00000_20200101000000.pcapng", "k_00001_20200101000000.pcapng",
		"k_00002_20200101000000.pcapng", "k.pcapng", "kk_00001_20200101000000.pcapng"};
	struct output *o = open_row("k.pcapng", 3);
	char *mine[8] = {};
	struct said err;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		touch(foreign[i]);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(output_next(o), 0);
		mine[i] = strdup(output_name(o));
		put(o, 1);
		assert_int_equal(count(""), 5 + (i < 3 ? i + 1 : 3));
	}
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(access(mine[i], F_OK), i < 3 ? -1 : 0);
	/* One that somebody moved away is no reason for a word. */
	unlink(mine[3]);
	err = said_begin(STDERR_FILENO);
	output_next(o);
	said_end(&err);
	assert_int_equal(err.lines, 0);
	assert_int_equal(access(mine[4], F_OK), 0);
	/* One that cannot be removed is said, and the recording goes on. */
	unlink(mine[4]);
	assert_int_equal(mkdir(mine[4], 0700), 0);
	err = said_begin(STDERR_FILENO);
	output_next(o);
	said_end(&err);
	assert_int_equal(err.lines, 1);
	assert_non_null(strstr(err.text, mine[4]));
	rmdir(mine[4]);
	put(o, 1);
	assert_int_equal(output_close(o), 0);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(access(foreign[i], F_OK), 0);
	assert_int_equal(count(""), 5 + 3);
	for (size_t i = 0; i < 6; i++)
		free(mine[i]);
}

static void keeps_one(void **state)
{
	struct output *o = open_row("one.pcapng", 1);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(output_next(o), 0);
		put(o, 1);
		assert_int_equal(count(""), 1);
	}
	assert_int_equal(output_close(o), 0);
	assert_int_equal(count("one_00003_"), 1);
}

static void expect_not_opened(const char *path, const char *says)
{
	struct output *o = NULL;
	struct said err = said_begin(STDERR_FILENO);
	int got = output_open_row(path, 2, &o);

	said_end(&err);
	assert_null(o);
	if (got != -EIO || err.lines != 1 || !strstr(err.text, says))
		fail_msg("%s: %d, %u lines: %s", path, got, err.lines, err.text);
}

static void refused_at_once(void **state)
{
	char name[NAME_MAX + 2];
	struct output *o;

	(void)state;
	touch("file");
	expect_not_opened("nowhere/x.pcapng", "nowhere/: cannot write files there: No such file");
	expect_not_opened("file/x.pcapng", "file/: cannot write files there: Not a directory");
	expect_not_opened("./", "is a directory");
	expect_not_opened("/proc/self/x", "cannot write");
	memset(name, 'n', sizeof(name));
	name[NAME_MAX] = 0;
	expect_not_opened(name, "File name too long");
	name[NAME_MAX - 32] = 0;
	o = open_row(name, 0);
	assert_int_equal(output_next(o), 0);
	assert_int_equal(output_close(o), 0);
}

/* The names of the next seconds are taken: by a file, or by a link to somewhere. */
static void taken(void **state)
{
	time_t now = time(NULL);

	(void)state;
	for (int link = 0; link < 2; link++) {
		struct output *o = open_row(link ? "l" : "t", 0);
		struct said err;
		int got;

		for (int i = 0; i < 10; i++) {
			time_t when = now + i;
			char name[64], text[32];
			struct tm t;

			localtime_r(&when, &t);
			strftime(text, sizeof(text), "%Y%m%d%H%M%S", &t);
			snprintf(name, sizeof(name), "%c_00001_%s", link ? 'l' : 't', text);
			if (link)
				assert_int_equal(symlink("target", name), 0);
			else
				touch(name);
		}
		err = said_begin(STDERR_FILENO);
		got = output_next(o);
		said_end(&err);
		assert_int_equal(got, -EEXIST);
		assert_int_equal(err.lines, 1);
		put(o, 1);
		assert_int_equal(output_next(o), -EEXIST);
		assert_int_equal(output_files(o), 0);
		assert_int_equal(output_close(o), -EEXIST);
	}
	assert_int_equal(access("target", F_OK), -1);
}

/* A mount that nobody else sees; only for root. */
static int on_a_small_disk(void)
{
	struct output *o = NULL;
	struct pcapng_run run;
	struct said err;
	char *first;
	int got;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", dir, "tmpfs", 0, "size=256k") || chdir(dir))
		return SKIPPED;
	if (output_open_row("x.pcapng", 0, &o) || output_next(o))
		return 1;
	first = strdup(output_name(o));
	put(o, 100);
	if (output_next(o))
		return 2;
	err = said_begin(STDERR_FILENO);
	put(o, 100);
	put(o, 100);
	got = output_next(o);
	said_end(&err);
	if (got != -ENOSPC || err.lines != 1 || !strstr(err.text, output_name(o)))
		return 3;
	run = run_fd(open(first, O_RDONLY | O_CLOEXEC));
	if (run.result || run.blocks != 102)
		return 4;
	run = run_fd(open(output_name(o), O_RDONLY | O_CLOEXEC));
	if (run.result || run.blocks < 102 || run.blocks >= 204)
		return 5;
	free(first);
	return output_close(o) == -ENOSPC ? 0 : 6;
}

static void full_in_the_second(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(on_a_small_disk());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(names),	      TEST(one_after_another),	TEST(never_begun),
		TEST(keeps_the_last), TEST(keeps_one),		TEST(refused_at_once),
		TEST(taken),	      TEST(full_in_the_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
