// SPDX-License-Identifier: GPL-2.0-only
#include "record/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stop_signal;
static volatile sig_atomic_t next_file;

static void on_signal(int number)
{
	stop_signal = number;
}

static void on_next(int number)
{
	(void)number;
	next_file = 1;
}

void stop_install(void)
{
	struct sigaction act = {.sa_handler = on_signal}, next = {.sa_handler = on_next}, old;

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	/* Ignored: started by nohup(1), to outlive the terminal. */
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &act, NULL);
	sigaction(SIGUSR1, &next, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool stop_requested(void)
{
	return stop_signal != 0;
}

const char *stop_reason(void)
{
	switch (stop_signal) {
	case SIGINT:
		return "SIGINT";
	case SIGTERM:
		return "SIGTERM";
	case SIGHUP:
		return "SIGHUP";
	default:
		return "none";
	}
}

bool stop_next_file(void)
{
	if (!next_file)
		return false;
	next_file = 0;
	return true;
}
