/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SRCTEXT_H
#define REPORT_SRCTEXT_H

/* The text of a line of the source. */

#include <stddef.h>
#include <stdint.h>

/*
 * Line 1 is the first. file is below directory: one that is absolute, or leads up, is not read,
 * nor what is no plain file. Without what it is indented by; tabs are spaces; cut to size, ended by
 * a NUL. -ENOENT: there is no such line.
 */
int srctext_line(const char *directory, const char *file, uint32_t line, char *ret, size_t size);

#endif
