// SPDX-License-Identifier: GPL-2.0-only
/*
 * bounded KIB SECONDS COMMAND...: runs it and exits as it does; 99, saying so, when it took more
 * memory (resident at most) or time of a CPU, which others on the machine take none of. Past four
 * times the memory and 64 MiB its allocations fail; past the time it is killed, and past ten times
 * that on the clock, where it waits. "N KiB, N s" goes to the file that $BOUNDED names.
 *
 * Not a script: what a process had resident before it execs counts for the command too.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void too_late(int signal)
{
	(void)signal;
	kill(child, SIGKILL);
}

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static void limit(int what, rlim_t most)
{
	struct rlimit l = {.rlim_cur = most, .rlim_max = most};

	setrlimit(what, &l);
}

static void run(long kib, unsigned int time, char **command)
{
	limit(RLIMIT_AS, (rlim_t)kib * 4096 + (64u << 20));
	limit(RLIMIT_CPU, time);
	execvp(command[0], command);
	fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	long kib = argc > 3 ? atol(argv[1]) : 0;
	const char *note = getenv("BOUNDED");
	unsigned int most = argc > 3 ? (unsigned int)atoi(argv[2]) : 0;
	double took;
	struct rusage usage;
	FILE *f;
	int status;

	if (!kib)
		return 2;
	child = fork();
	if (!child)
		run(kib, most, argv + 3);
	signal(SIGALRM, too_late);
	alarm(10 * most);
	while (wait4(child, &status, 0, &usage) < 0)
		;
	took = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
	f = note ? fopen(note, "we") : NULL;
	if (f) {
		fprintf(f, "%ld KiB, %.1f s\n", usage.ru_maxrss, took);
		fclose(f);
	}
	if (!WIFSIGNALED(status) && usage.ru_maxrss <= kib)
		return WEXITSTATUS(status);
	fprintf(stderr, "%ld KiB of %ld, %.1f s of %s, status %#x\n", usage.ru_maxrss, kib, took,
		argv[2], (unsigned int)status);
	return 99;
}
