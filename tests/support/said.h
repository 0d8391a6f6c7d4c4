/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_SAID_H
#define TESTS_SUPPORT_SAID_H

/*
 * What the code under test says on a standard stream:
 *
 *	struct said err = said_begin(STDERR_FILENO);
 *	result = what_is_tested();
 *	said_end(&err);
 *	assert_int_equal(err.lines, 1);
 *
 * Nothing may be asserted between the two, or the message is lost.
 */

struct said {
	int fd;
	int saved;
	unsigned int lines;
	char text[8192];
};

struct said said_begin(int fd);
void said_end(struct said *s);

#endif
