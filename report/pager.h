/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PAGER_H
#define REPORT_PAGER_H

/*
 * On a terminal, what is printed goes through $PWRU_PAGER, else $PAGER, else less; "" or cat is
 * none. What is said on standard error goes there too, if that is the same terminal.
 */

#include <sys/types.h>

/*
 * Standard output is the pager's from here on, until pager_wait(). Ctrl-C is the pager's too.
 * *ret: 0 when there is none, since standard output is no terminal or no such program is found.
 */
void pager_start(pid_t *ret);

/* Everything has been written: waits until the pager is left. Does nothing for 0. */
void pager_wait(pid_t pager);

#endif
