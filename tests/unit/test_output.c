// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever stops the writing, whole blocks are what is left: a file system that is full, a limit on
 * the file's size, a device that takes nothing, a reader that is gone.
 */
#include "record/output.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/pcapng_writer.h"
#include "tests/support/pcapng_run.h"

#define SKIPPED 77

static char dir[] = "/tmp/test_output.XXXXXX";

/* Whole blocks of differing lengths, with a section to stand in. */
static void fill(struct buf *b, unsigned int packets, bool begin)
{
	static const uint8_t data[2000];
	size_t at;

	if (begin) {
		at = pcapng_shb_begin(b);
		assert_int_equal(pcapng_block_end(b, at), 0);
		at = pcapng_idb_begin(b);
		assert_int_equal(pcapng_block_end(b, at), 0);
	}
	for (unsigned int i = 0; i < packets; i++) {
		at = pcapng_epb_begin(b, 0, i, data, i * 37 % sizeof(data), 2000);
		assert_int_equal(pcapng_block_end(b, at), 0);
	}
}

static void path_of(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", dir, name);
	unlink(path);
}

/* Writes until it fails, then looks at what is left. The error. */
static int write_until(const char *path, size_t at_most)
{
	struct output *o = NULL;
	struct pcapng_run run;
	struct buf b = {};
	struct stat st;
	int err = 0;

	assert_int_equal(output_open(path, &o), 0);
	for (int i = 0; i < 1000 && !err; i++) {
		fill(&b, 20, !i);
		err = output_write(o, &b);
		assert_int_equal(b.len == 0, !err);
	}
	assert_int_equal(output_write(o, &b), err); /* and so for good */
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0 && (size_t)st.st_size <= at_most);
	assert_int_equal(output_bytes(o), st.st_size);
	run = run_fd(open(path, O_RDONLY | O_CLOEXEC));
	assert_int_equal(run.result, 0); /* whole blocks, to the last byte */
	assert_int_equal(run.offset, st.st_size);
	assert_int_equal(output_close(o), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, run.offset);
	buf_deinit(&b);
	return err;
}

static void writes_what_it_is_given(void **state)
{
	struct output *o = NULL;
	struct pcapng_run run;
	struct buf b = {};
	char path[64];
	struct stat st;
	size_t len;

	(void)state;
	path_of(path, sizeof(path), "sound");
	fill(&b, 50, true);
	len = b.len;
	assert_int_equal(output_open(path, &o), 0);
	assert_int_equal(output_write(o, &b), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(output_bytes(o), len);
	assert_string_equal(output_name(o), path);
	assert_false(output_is_pipe(o));
	assert_int_equal(output_close(o), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	run = run_fd(open(path, O_RDONLY | O_CLOEXEC));
	assert_int_equal(run.result, 0);
	assert_int_equal(run.blocks, 52);
	buf_deinit(&b);
}

/* Every limit from nothing to the whole: the cut is never within a block. */
static void size_limit(void **state)
{
	struct rlimit old, tight;
	char path[64];

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (size_t limit = 100; limit < 60000; limit += 3989) {
		int err;

		path_of(path, sizeof(path), "limited");
		tight = (struct rlimit){.rlim_cur = limit, .rlim_max = old.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
		err = write_until(path, limit);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(err, -EFBIG);
	}
}

/* A mount that nobody else sees; only for root. */
static bool small_disk(void)
{
	return !unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", dir, "tmpfs", 0, "size=256k");
}

static int on_a_small_disk(void)
{
	char path[64];

	if (!small_disk())
		return SKIPPED;
	snprintf(path, sizeof(path), "%s/full", dir);
	return write_until(path, 256 << 10) == -ENOSPC ? 0 : 1;
}

/* A tmpfs of 256 KiB, which only a child sees. */
static void disk_full(void **state)
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

static void device_full(void **state)
{
	struct output *o = NULL;
	struct buf b = {};

	(void)state;
	fill(&b, 5, true);
	assert_int_equal(output_open("/dev/full", &o), 0);
	assert_int_equal(output_write(o, &b), -ENOSPC);
	assert_int_equal(output_write(o, &b), -ENOSPC);
	assert_int_equal(output_bytes(o), 0);
	assert_int_equal(output_close(o), -ENOSPC);
	buf_deinit(&b);
}

static void reader_gone(void **state)
{
	int fds[2], saved = dup(STDOUT_FILENO);
	struct output *o = NULL;
	struct buf b = {};

	(void)state;
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	close(fds[1]);
	assert_int_equal(output_open("-", &o), 0);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_true(output_is_pipe(o));
	fill(&b, 3, true);
	assert_int_equal(output_write(o, &b), 0);
	close(fds[0]);
	fill(&b, 3, false);
	assert_int_equal(output_write(o, &b), -EPIPE);
	assert_int_equal(output_close(o), -EPIPE);
	buf_deinit(&b);
}

static void refuses_links_and_folders(void **state)
{
	struct output *o = NULL;
	char path[64];

	(void)state;
	path_of(path, sizeof(path), "link");
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(output_open(path, &o), -EIO);
	assert_int_equal(output_open(dir, &o), -EIO);
	assert_int_equal(output_open("/nowhere/at/all", &o), -EIO);
	assert_null(o);
	unlink(path);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"sound", "limited", "link"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		path_of(path, sizeof(path), names[i]);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_it_is_given),
		cmocka_unit_test(size_limit),
		cmocka_unit_test(disk_full),
		cmocka_unit_test(device_full),
		cmocka_unit_test(reader_gone),
		cmocka_unit_test(refuses_links_and_folders),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
