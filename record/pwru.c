// SPDX-License-Identifier: GPL-2.0-only
/*
 * pwru: what packets do, as they do it. pwru-record writes into a pipe, pwru-report reads it; this
 * only starts the two, passes signals on and waits.
 *
 * The report is started when the recorder's first bytes are there: one that fails at its start
 * leaves one line, its own. But the report's command line is tried before, on nothing, so that
 * wrong use shows before anything is attached.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "record/identity.h"
#include "record/sibling.h"
#include "record/split.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_INCOMPLETE };

struct child {
	pid_t pid; /* 0: not started; -1: it could not be */
	int status;
	bool ended;
};

struct live {
	struct split split;
	struct sibling record_program;
	struct sibling report_program;
	struct identity caller; /* of sudo: reading what packets bring needs no root */
	sigset_t signals;	/* as they were */
	int told;		/* signalfd */
	int capture;		/* the recorder's, until the report has it; -1 */
	struct child recorder;
	struct child report;
	unsigned int asked; /* to end, how often */
	int signal;	    /* by which, the last time */
};

static bool runs(const struct child *c)
{
	return c->pid && !c->ended;
}

static int exit_code(const struct child *c)
{
	if (!c->pid)
		return EXIT_DONE;
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

static int worse(int a, int b)
{
	static const int order[] = {EXIT_DONE, EXIT_INCOMPLETE, EXIT_FAILED, EXIT_USAGE};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (a == order[i])
			return b;
		if (b == order[i])
			return a;
	}
	return a > b ? a : b;
}

/* ---- the two programs ---- */

static void __attribute__((noreturn))
become(const struct live *l, const struct sibling *program, char **argv)
{
	int err;

	sigprocmask(SIG_SETMASK, &l->signals, NULL);
	err = sibling_exec(program, argv);
	log_error("cannot run %s: %s", program->path, strerror(-err));
	_exit(EXIT_FAILED);
}

static void __attribute__((noreturn)) become_report(const struct live *l, pid_t parent)
{
	int err = identity_become(&l->caller);

	if (err) {
		log_error("cannot become %s: %s", l->caller.name, strerror(-err));
		_exit(EXIT_FAILED);
	}
	/* Ctrl-C is for the recorder; until the report itself says so, it is not for the report. */
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	become(l, &l->report_program, l->split.report.all);
}

static int cannot_start(const struct sibling *program)
{
	log_error("cannot start %s: %s", program->name, strerror(errno));
	return -EIO;
}

static int start_recorder(struct live *l)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return cannot_start(&l->record_program);
	l->recorder.pid = fork();
	if (!l->recorder.pid) {
		dup2(ends[1], STDOUT_FILENO);
		become(l, &l->record_program, l->split.record.all);
	}
	close(ends[1]);
	l->capture = ends[0];
	if (l->recorder.pid > 0)
		return 0;
	l->recorder.pid = 0;
	return cannot_start(&l->record_program);
}

static void start_report(struct live *l)
{
	pid_t self = getpid();

	l->report.pid = fork();
	if (!l->report.pid) {
		dup2(l->capture, STDIN_FILENO);
		become_report(l, self);
	}
	if (l->report.pid < 0) {
		cannot_start(&l->report_program);
		l->report = (struct child){.pid = -1, .ended = true, .status = EXIT_FAILED << 8};
	}
	close(l->capture); /* without a reader the recorder ends */
	l->capture = -1;
}

static void __attribute__((noreturn)) become_trial(const struct live *l, int err, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	become_report(l, parent);
}

/* The report reads nothing; what it says is shown only if it was used wrongly. An exit code. */
static int try_report(const struct live *l)
{
	_cleanup_(closep) int said = -1;
	pid_t self = getpid(), pid;
	int ends[2], status = 0;
	char text[8192];
	size_t len = 0;
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC) || (pid = fork()) < 0) {
		cannot_start(&l->report_program);
		return EXIT_FAILED;
	}
	if (!pid)
		become_trial(l, ends[1], self);
	close(ends[1]);
	said = ends[0];
	while ((n = read(said, text + len, sizeof(text) - len)) > 0)
		len += (size_t)n;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_USAGE)
		return EXIT_DONE;
	if (write(STDERR_FILENO, text, len) < 0)
		return EXIT_FAILED;
	return EXIT_USAGE;
}

/* ---- waiting for them ---- */

static void reap(struct child *c)
{
	if (runs(c) && waitpid(c->pid, &c->status, WNOHANG) == c->pid)
		c->ended = true;
}

static void children_ended(struct live *l)
{
	reap(&l->recorder);
	reap(&l->report);
	/* Nobody watches any more. */
	if (l->report.ended && runs(&l->recorder))
		kill(l->recorder.pid, SIGTERM);
}

/* The recorder ends in order, and the report with it; who asks twice does not want to wait. */
static void asked_to_end(struct live *l, int signal)
{
	l->signal = signal;
	if (!l->asked++) {
		if (runs(&l->recorder))
			kill(l->recorder.pid, signal);
		return;
	}
	if (runs(&l->recorder))
		kill(l->recorder.pid, SIGKILL);
	if (runs(&l->report))
		kill(l->report.pid, SIGKILL);
}

static void take_signal(struct live *l)
{
	struct signalfd_siginfo info;

	if (read(l->told, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		children_ended(l);
	else
		asked_to_end(l, (int)info.ssi_signo);
}

/* An exit code. */
static int watch(struct live *l)
{
	while (runs(&l->recorder) || runs(&l->report)) {
		struct pollfd p[2] = {{.fd = l->told, .events = POLLIN},
				      {.fd = l->capture, .events = POLLIN}};

		if (poll(p, 2, -1) < 0)
			continue;
		if (p[0].revents)
			take_signal(l);
		if (p[1].revents & POLLIN) {
			start_report(l);
			children_ended(l);
		} else if (p[1].revents) { /* it ended without a byte */
			close(l->capture);
			l->capture = -1;
		}
	}
	if (l->asked > 1)
		return 128 + l->signal;
	return worse(exit_code(&l->recorder), exit_code(&l->report));
}

/* ---- beginning ---- */

/* A standard descriptor that is closed would become one of the pipe's. */
static void fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* From here on signals are read, not caught. */
static int take_signals(struct live *l)
{
	sigset_t set;

	/* A shell without job control lets what it starts with & ignore Ctrl-C; kill(1) must work.
	 */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP); /* not read when it is ignored: nohup(1) */
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &l->signals);
	l->told = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->told >= 0)
		return 0;
	log_error("cannot wait for signals: %s", strerror(errno));
	return -EIO;
}

static int run(struct live *l)
{
	int code;

	if (sibling_find("pwru-record", &l->record_program))
		return EXIT_FAILED;
	sigprocmask(SIG_SETMASK, NULL, &l->signals);
	if (l->split.alone)
		become(l, &l->record_program, l->split.record.all);
	if (sibling_find("pwru-report", &l->report_program) || identity_of_caller(&l->caller))
		return EXIT_FAILED;
	code = try_report(l);
	if (code)
		return code;
	if (take_signals(l) || start_recorder(l))
		return EXIT_FAILED;
	return watch(l);
}

int main(int argc, char **argv)
{
	struct live l = {.told = -1, .capture = -1};
	int code, err;

	fill_standard();
	log_init("pwru", LOG_LEVEL_INFO);
	err = split_parse(argc, argv, &l.split);
	if (err == -ENOMEM)
		log_error("out of memory");
	if (err)
		return err == -ECANCELED ? EXIT_DONE : err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	code = run(&l);
	split_deinit(&l.split);
	identity_deinit(&l.caller);
	closep(&l.record_program.fd);
	closep(&l.report_program.fd);
	return code;
}
