/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_CHECK_H
#define RECORD_CHECK_H

struct options;

/*
 * --check: prints on stdout, a line for each thing a recording needs, whether it is there, and the
 * cure. What can be tried is tried. 0 when this kernel is fit, by at least one backend; -EOPNOTSUPP
 * when not.
 */
int check_kernel(const struct options *o);

#endif
