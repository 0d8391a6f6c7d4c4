/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_CONFINE_H
#define REPORT_CONFINE_H

/*
 * A capture may come from anywhere. Before the first byte of it is read, the report gives up what a
 * mistake in reading could be used for: privileges, starting programs, the network, other
 * processes, mounts, BPF.
 */

#include <stddef.h>

/*
 * For good, also for threads started later. Whatever else is to be started (the pager) has been.
 * files are to be read still; out (NULL: none) is to be written. When the kernel refuses, that is
 * said to who debugs, and all goes on.
 */
void confine_report(char *const *files, size_t n, const char *out);
/* The same for the program that fetches debug information (fetch.h), which needs the network and no
 * privileges. */
void confine_helper(void);

#endif
