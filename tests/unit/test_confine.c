// SPDX-License-Identifier: GPL-2.0-only
/*
 * From inside: a child confines itself as the recorder or the report does, tries, and its answers
 * come back in its exit status. What must be refused is called so that it would fail otherwise, and
 * with another error.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/capability.h"
#include "record/confine.h"
#include "report/confine.h"

static const char *const nothing[] = {NULL};
static char none[] = "/nonexistent";

static const struct {
	const char *name;
	long nr;
	long args[6];
} refused[] = {
	{"execve", SYS_execve, {(long)none, (long)nothing, (long)nothing}},
	{"execveat", SYS_execveat, {AT_FDCWD, (long)none, (long)nothing, (long)nothing}},
	{"a process", SYS_clone, {SIGCHLD | CLONE_FS | CLONE_NEWUSER | CLONE_NEWNET}},
	{"socket", SYS_socket, {AF_INET, SOCK_STREAM | 0x1000}},
	{"socket of the kernel", SYS_socket, {AF_NETLINK, SOCK_RAW | 0x1000}},
	{"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, 0}},
	{"connect", SYS_connect, {-1}},
	{"io_uring_setup", SYS_io_uring_setup, {0, 0}},
	{"ptrace", SYS_ptrace, {PTRACE_PEEKDATA, INT32_MAX}},
	{"process_vm_readv", SYS_process_vm_readv, {INT32_MAX, 0, 0, 0, 0, 1}},
	{"process_vm_writev", SYS_process_vm_writev, {INT32_MAX, 0, 0, 0, 0, 1}},
	{"pidfd_getfd", SYS_pidfd_getfd, {-1, 0, 0}},
	{"kill", SYS_kill, {INT32_MAX, 0}},
	{"bpf, a map", SYS_bpf, {BPF_MAP_CREATE, 0, 0}},
	{"bpf, a program", SYS_bpf, {BPF_PROG_LOAD, 0, 0}},
	{"bpf, a look-up", SYS_bpf, {BPF_MAP_LOOKUP_ELEM, 0, 0}},
	{"perf_event_open", SYS_perf_event_open, {0, -1, -1, -1, ~0l}},
	{"mount", SYS_mount, {0, (long)none, 0, 0, 0}},
	{"umount2", SYS_umount2, {(long)none, 0}},
	{"open_tree", SYS_open_tree, {-1, (long)none, 0}},
	{"fsopen", SYS_fsopen, {(long)none, ~0l}},
	{"chroot", SYS_chroot, {(long)none}},
	{"setns", SYS_setns, {-1, 0}},
	{"unshare", SYS_unshare, {~0l}},
	{"init_module", SYS_init_module, {0, 0, 0}},
	{"kexec_load", SYS_kexec_load, {0, 99, 0, ~0l}},
	{"keyctl", SYS_keyctl, {9999}},
	{"typing into a terminal", SYS_ioctl, {-1, 0x5412, 0}},
};

enum { RECORDER, REPORT, HELPER, DROPPED };

/* The recorder's filter refuses by itself, also root with all capabilities. */
static void confine(int program, pid_t command)
{
	if (program == REPORT)
		confine_report(NULL, 0, NULL);
	else if (program == HELPER)
		confine_helper();
	else if (program == DROPPED ? capability_drop(0) : confine_recorder(command))
		_exit(99);
}

/* 0, or the number of the line that found something. */
static int run(int program, int (*fn)(pid_t other))
{
	int status, end[2], found;
	pid_t other, child;

	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	other = fork();
	if (!other) {
		close(end[1]);
		found = (int)read(end[0], &status, 1);
		_exit(found);
	}
	fflush(NULL);
	child = fork();
	if (!child) {
		confine(program, other);
		found = fn(other);
		if (write(end[1], &found, sizeof(found)) != sizeof(found))
			_exit(98);
		_exit(found != 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	close(end[1]);
	found = 0;
	if (WEXITSTATUS(status) && read(end[0], &found, sizeof(found)) < (ssize_t)sizeof(found))
		found = -1;
	close(end[0]);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	return found;
}

#define EXPECT(x)                        \
	do {                             \
		if (!(x))                \
			return __LINE__; \
	} while (0)

static bool is_network(long nr)
{
	return nr == SYS_socket || nr == SYS_socketpair || nr == SYS_connect;
}

static int try_refused_of(bool network)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const long *a = refused[i].args;

		errno = 0;
		if (is_network(refused[i].nr) && !network)
			continue;
		if (syscall(refused[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]) != -1 ||
		    errno != EPERM)
			return -(int)i - 1;
	}
	/* Not refused but unknown, so that libc takes the clone(2) whose flags a filter sees. */
	EXPECT(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
	return 0;
}

static int try_refused(pid_t other)
{
	(void)other;
	return try_refused_of(true);
}

/* All but the network. */
static int try_refused_helper(pid_t other)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)other;
	EXPECT(fd >= 0 && connect(fd, NULL, 0) == -1 && errno != EPERM);
	return try_refused_of(false);
}

static void is_refused(int program)
{
	int found = run(program, program == HELPER ? try_refused_helper : try_refused);

	if (found < 0)
		fail_msg("%s is not refused", refused[-found - 1].name);
	assert_int_equal(found, 0);
}

static void *thread(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static int use_memory(void)
{
	char *p = malloc(10);

	for (size_t n = 1000; p && n < 100000000; n *= 10)
		p = realloc(p, n);
	EXPECT(p);
	free(p);
	return 0;
}

static int use_files(void)
{
	char from[] = "/tmp/pwru-confine-XXXXXX", to[64];
	struct stat st;
	int fd = mkstemp(from);

	snprintf(to, sizeof(to), "%s.1", from);
	EXPECT(fd >= 0 && write(fd, "hello", 5) == 5 && !ftruncate(fd, 3) && !fsync(fd));
	EXPECT(!fstat(fd, &st) && st.st_size == 3 && lseek(fd, 0, SEEK_SET) == 0 && !close(fd));
	EXPECT(!renameat(AT_FDCWD, from, AT_FDCWD, to) && !stat(to, &st));
	EXPECT(!unlinkat(AT_FDCWD, to, 0) && access(to, F_OK) && errno == ENOENT);
	return 0;
}

static int read_system(void)
{
	FILE *f = fopen("/proc/self/stat", "re");
	DIR *d = opendir("/proc");
	char line[64];

	EXPECT(f && fgets(line, sizeof(line), f) && !fclose(f));
	EXPECT(d && readdir(d) && !closedir(d));
	EXPECT(getrandom(line, sizeof(line), 0) == sizeof(line));
	return 0;
}

static int start_thread(void)
{
	pthread_t t;
	int ran = 0;

	EXPECT(!pthread_create(&t, NULL, thread, &ran));
	EXPECT(!pthread_join(t, NULL) && ran);
	return 0;
}

/* What both do. */
static int work(void)
{
	struct pollfd p = {.fd = -1};
	int found = use_memory();

	if (!found)
		found = use_files();
	if (!found)
		found = read_system();
	if (!found)
		found = start_thread();
	EXPECT(!poll(&p, 1, 1) && !usleep(1));
	EXPECT(!isatty(open("/dev/null", O_RDONLY | O_CLOEXEC)) && errno == ENOTTY);
	return found;
}

static int report_works(pid_t other)
{
	(void)other;
	return work();
}

static int recorder_works(pid_t other)
{
	union bpf_attr info = {.info.bpf_fd = (__u32)-1};
	void *p;

	EXPECT(!kill(other, 0));
	EXPECT(kill(getppid(), 0) == -1 && errno == EPERM);
	EXPECT(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
	/* Some kernels refuse it themselves to who is not root. */
	EXPECT(syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &info, sizeof(info)) == -1 &&
	       (errno == EBADF || errno == EPERM || errno == EBADFD));
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) && errno == EPERM);
	p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(p == MAP_FAILED && errno == EPERM);
	/* Not on any list. */
	EXPECT(syscall(SYS_setuid, getuid()) == -1 && errno == EPERM);
	EXPECT(syscall(SYS_chdir, "/") == -1 && errno == EPERM);
	EXPECT(syscall(SYS_fchmod, -1, 0) == -1 && errno == EPERM);
	return work();
}

static int no_capabilities(pid_t other)
{
	(void)other;
	EXPECT(capability_effective() == 0);
	capability_effect(~0ull);
	EXPECT(capability_effective() == 0);
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return 0;
}

static void recorder(void **state)
{
	(void)state;
	is_refused(RECORDER);
	assert_int_equal(run(RECORDER, recorder_works), 0);
}

static void report(void **state)
{
	(void)state;
	is_refused(REPORT);
	assert_int_equal(run(REPORT, report_works), 0);
}

static void helper(void **state)
{
	(void)state;
	is_refused(HELPER);
}

static void capabilities(void **state)
{
	(void)state;
	assert_int_equal(run(HELPER, no_capabilities), 0);
	assert_int_equal(run(DROPPED, no_capabilities), 0);
	assert_int_equal(run(REPORT, no_capabilities), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorder),
		cmocka_unit_test(report),
		cmocka_unit_test(helper),
		cmocka_unit_test(capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
