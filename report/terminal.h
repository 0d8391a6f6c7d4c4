/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

/* How wide the output is that is drawn to a width. */

#define TERMINAL_NONE 100 /* columns, where results go to no terminal */

/* $COLUMNS, else the width of the terminal fd is, else otherwise. At least 1, at most 1000. */
int terminal_columns(int fd, int otherwise);

#endif
