// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "report/symbol/cachefile.h"
#include "report/symbol/linecache.h"
#include "report/symbol/srcline_map.h"
#include "tests/support/alloc_fail.h"

#define ID "00112233445566778899aabbccddeeff00112233"

static char dir[] = "/tmp/pwru-cache-XXXXXX";
static char file[PATH_MAX];

static int setup(void **state)
{
	(void)state;
	memcpy(strrchr(dir, '-') + 1, "XXXXXX", 6);
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/%s.lines", dir, ID);
	return 0;
}

static int teardown(void **state)
{
	char new[PATH_MAX + 8];

	(void)state;
	snprintf(new, sizeof(new), "%s.new", file);
	unlink(new);
	unlink(file);
	return rmdir(dir);
}

static struct linecache *opened(void)
{
	struct linecache *c = NULL;

	assert_int_equal(linecache_open(dir, ID, &c), 0);
	return c;
}

/* A unit of one row, line, with code at [start, start + 16) and [start + 64, start + 80). */
static int add(struct linecache *c, uint64_t start, uint32_t line)
{
	struct srcline_range r[2] = {{start, start + 16}, {start + 64, start + 80}};
	struct buf ranges = {0}, bytes = {0};
	const struct linetable *t = NULL;
	struct linetable_builder *b;
	int err = linetable_builder_create(start, &b);

	if (err)
		return err;
	linetable_add_row(b, start, linetable_add_file(b, "a.c"), line);
	err = linetable_builder_finish(b, &bytes);
	linetable_builder_destroy(b);
	buf_append(&ranges, r, sizeof(r));
	if (!err)
		err = buf_error(&ranges);
	if (!err)
		err = linecache_add(c, &ranges, &bytes, &t);
	assert_true(err || t);
	buf_deinit(&ranges);
	buf_deinit(&bytes);
	return err;
}

/* Its line; 0: it is not there. */
static uint32_t line_at(struct linecache *c, uint64_t addr)
{
	struct linetable_frame frames[LINETABLE_FRAMES];
	const struct linetable *t = linecache_find(c, addr);

	return t && linetable_find(t, addr, frames) ? frames[0].line : 0;
}

static void keeps_what_was_added(void **state)
{
	struct linecache *c = opened();
	struct stat st;
	uint64_t text;

	(void)state;
	assert_int_equal(line_at(c, 1000), 0);
	assert_false(linecache_text(c, &text));
	assert_int_equal(add(c, 2000, 20), 0);
	assert_int_equal(add(c, 1000, 10), 0);
	linecache_set_text(c, 77);
	assert_int_equal(line_at(c, 1000), 10);
	assert_int_equal(linecache_save(c), 0);
	linecache_close(c);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	c = opened();
	assert_true(linecache_text(c, &text));
	assert_int_equal(text, 77);
	assert_int_equal(line_at(c, 999), 0);
	assert_int_equal(line_at(c, 1015), 10);
	assert_int_equal(line_at(c, 1016), 0);
	assert_int_equal(line_at(c, 1064), 10);
	assert_int_equal(add(c, 1500, 15), 0);
	assert_int_equal(linecache_save(c), 0);
	linecache_close(c);

	c = opened(); /* what was in the file and not asked for stays */
	assert_int_equal(line_at(c, 2079), 20);
	assert_int_equal(line_at(c, 2080), 0);
	assert_int_equal(line_at(c, 1500), 15);
	assert_int_equal(line_at(c, 1070), 10);
	assert_int_equal(linecache_save(c), 0);
	linecache_close(c);
}

static void keeps_nothing_without_a_place(void **state)
{
	static const char *const places[][2] = {
		{NULL, ID}, {"", ID}, {dir, ""}, {"/proc/self/nowhere", ID}, {"/tmp", ID}};
	struct linecache *c;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(linecache_open(places[i][0], places[i][1], &c), 0);
		assert_int_equal(add(c, 1000, 10), 0);
		assert_int_equal(line_at(c, 1000), 10);
		assert_int_equal(linecache_save(c), 0);
		linecache_close(c);
	}
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(access("/tmp/" ID ".lines", F_OK), -1);
}

static size_t read_file(uint8_t *bytes, size_t size)
{
	int fd = open(file, O_RDONLY);
	ssize_t n = read(fd, bytes, size);

	close(fd);
	assert_in_range(n, 1, size - 1);
	return (size_t)n;
}

static void write_file(const uint8_t *bytes, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* Each byte changed, and each length: the right answer or none, and it can be made anew. */
static void damage_is_noticed(void **state)
{
	struct linecache *c = opened();
	uint8_t good[4096], bad[4096];
	uint32_t line;
	size_t len;

	(void)state;
	assert_int_equal(add(c, 1000, 10), 0);
	assert_int_equal(add(c, 2000, 20), 0);
	assert_int_equal(linecache_save(c), 0);
	linecache_close(c);
	len = read_file(good, sizeof(good));
	for (size_t i = 0; i < 2 * len; i++) {
		memcpy(bad, good, len);
		if (i < len)
			bad[i] ^= 0x41;
		write_file(bad, i < len ? len : i - len);
		c = opened();
		line = line_at(c, 1000);
		assert_true(line == 10 || line == 0);
		line = line_at(c, 2000);
		assert_true(line == 20 || line == 0);
		assert_true(line == 0 || line_at(c, 1000) == 10 || i < len);
		if (!line_at(c, 1000))
			assert_int_equal(add(c, 1000, 10), 0);
		assert_int_equal(line_at(c, 1000), 10);
		assert_int_equal(linecache_save(c), 0);
		linecache_close(c);
		c = opened();
		assert_int_equal(line_at(c, 1000), 10);
		linecache_close(c);
	}
}

static void others_write_at_the_same_time(void **state)
{
	struct linecache *a = opened(), *b = opened();
	char new[PATH_MAX + 8];
	struct linecache *c;
	int fd;

	(void)state;
	assert_int_equal(add(a, 1000, 10), 0);
	assert_int_equal(add(b, 2000, 20), 0);
	/* While one writes, another's are not kept, and nothing is disturbed. */
	snprintf(new, sizeof(new), "%s.new", file);
	fd = open(new, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(write(fd, "half", 4), 4);
	assert_int_equal(linecache_save(a), 0);
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(lseek(fd, 0, SEEK_END), 4);
	close(fd);
	/* It has died: what it left behind is in nobody's way. */
	assert_int_equal(linecache_save(a), 0);
	c = opened();
	assert_int_equal(linecache_save(b), 0);
	/* Who has the old file open reads that. */
	assert_int_equal(line_at(c, 1000), 10);
	linecache_close(a);
	linecache_close(b);
	linecache_close(c);
	c = opened();
	assert_int_equal(line_at(c, 2000), 20);
	linecache_close(c);
}

static void no_memory(void **state)
{
	struct linecache *c;
	int err;

	(void)state;
	for (int n = 0;; n++) {
		alloc_fail_at(n);
		c = NULL;
		err = linecache_open(dir, ID, &c);
		if (!err)
			err = add(c, 1000, 10);
		if (!err)
			err = linecache_save(c);
		linecache_close(c);
		if (!alloc_fail_end())
			break;
		/* Only for removing what is old none was needed. */
		assert_true(err == -ENOMEM || (!err && !access(file, F_OK)));
		unlink(file);
	}
	assert_int_equal(err, 0);
}

/* What a good file of another build says is not believed. */
static void of_another_build(void **state)
{
	char other[PATH_MAX];
	struct linecache *c = opened();

	(void)state;
	assert_int_equal(add(c, 1000, 10), 0);
	linecache_set_text(c, 77);
	assert_int_equal(linecache_save(c), 0);
	linecache_close(c);
	snprintf(other, sizeof(other), "%s/aa%s.lines", dir, ID);
	assert_int_equal(rename(file, other), 0);
	assert_int_equal(linecache_open(dir, "aa" ID, &c), 0);
	assert_false(linecache_text(c, &(uint64_t){0}));
	assert_int_equal(line_at(c, 1000), 0);
	linecache_close(c);
	unlink(other);
}

/* Units that overlap, which no compiler makes: who came first has it, and it can be looked up. */
static void ranges_in_each_other(void **state)
{
	struct linecache *c = opened();

	(void)state;
	assert_int_equal(add(c, 1000, 10), 0); /* [1000, 1016), [1064, 1080) */
	assert_int_equal(add(c, 1008, 20), 0); /* [1008, 1024), [1072, 1088) */
	assert_int_equal(add(c, 1000, 30), 0);
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(line_at(c, 1000), 10);
		assert_int_equal(line_at(c, 1015), 10);
		assert_int_equal(line_at(c, 1016), 20);
		assert_int_equal(line_at(c, 1023), 20);
		assert_int_equal(line_at(c, 1024), 0);
		assert_int_equal(line_at(c, 1079), 10);
		assert_int_equal(line_at(c, 1080), 20);
		assert_int_equal(line_at(c, 1088), 0);
		assert_int_equal(linecache_save(c), 0);
		linecache_close(c);
		c = opened();
	}
	linecache_close(c);
}

/* A sparse file of this age; in the cache directory. */
static void make_file(const char *name, off_t size, time_t age)
{
	struct timespec when[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(futimens(fd, when), 0);
	close(fd);
}

/* true: it was there; removed. */
static bool is_left(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !unlink(path);
}

static void the_oldest_goes(void **state)
{
	const off_t third = LINECACHE_MAX_ALL / 3;
	struct linecache *c = opened(), *d;

	(void)state;
	make_file("a.lines", third, 3000);
	make_file("b.lines.new", third, 4000); /* of a program that was killed */
	make_file("c.lines", third, 2000);
	make_file("d.lines", third, 5000);
	make_file("kernel", LINECACHE_MAX_ALL, 6000);
	assert_int_equal(linecache_open(dir, "d", &d), 0);
	linecache_close(d);
	assert_int_equal(add(c, 1000, 10), 0);
	assert_int_equal(linecache_save(c), 0);
	linecache_close(c);
	c = opened();
	assert_int_equal(line_at(c, 1000), 10);
	linecache_close(c);
	assert_false(is_left("b.lines.new"));
	assert_false(is_left("a.lines"));
	assert_true(is_left("c.lines"));
	assert_true(is_left("d.lines")); /* it was opened just now */
	assert_true(is_left("kernel"));
}

static void directories_of_others(void **state)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/link", dir);
	assert_int_equal(symlink(dir, path), 0);
	assert_int_equal(cachefile_open_directory(path), -1);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/a/pwru", dir);
	fd = cachefile_open_directory(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(rmdir(path), 0);
	if (!geteuid()) { /* in a user's directory root makes nothing */
		snprintf(path, sizeof(path), "%s/a", dir);
		assert_int_equal(chown(path, 12345, 12345), 0);
		snprintf(path, sizeof(path), "%s/a/pwru", dir);
		assert_int_equal(cachefile_open_directory(path), -1);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(mkdir(path, 0700) || chown(path, 12345, 12345), 0);
		assert_int_equal(cachefile_open_directory(path), -1);
		assert_int_equal(rmdir(path), 0);
	}
	snprintf(path, sizeof(path), "%s/a", dir);
	assert_int_equal(rmdir(path), 0);
}

static void the_directory(void **state)
{
	char path[64];

	(void)state;
	setenv("HOME", "/home/a", 1);
	setenv("XDG_CACHE_HOME", "relative", 1);
	assert_true(cachefile_directory(path, sizeof(path)));
	assert_string_equal(path, "/home/a/.cache/pwru");
	setenv("XDG_CACHE_HOME", "/var/tmp/c", 1);
	assert_true(cachefile_directory(path, sizeof(path)));
	assert_string_equal(path, "/var/tmp/c/pwru");
	assert_false(cachefile_directory(path, 8));
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	assert_false(cachefile_directory(path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_what_was_added, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_nothing_without_a_place, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(others_write_at_the_same_time, setup, teardown),
		cmocka_unit_test_setup_teardown(no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(of_another_build, setup, teardown),
		cmocka_unit_test_setup_teardown(ranges_in_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(the_oldest_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(directories_of_others, setup, teardown),
		cmocka_unit_test(the_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
