/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_CONFINE_H
#define RECORD_CONFINE_H

/*
 * System calls the recorder makes once everything is open: it drains, writes, makes and removes
 * files beside its output, sleeps, waits for the command. All others give EPERM from then on, so
 * that a recording goes on whatever is tried.
 */

#include <sys/types.h>

/*
 * command: the only process that may be sent a signal; 0: none. -errno, saying nothing: the kernel
 * has no filters (CONFIG_SECCOMP_FILTER), or there is no memory. No other thread may run.
 */
int confine_recorder(pid_t command);

#endif
