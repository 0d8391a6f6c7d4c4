/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_ALLOC_FAIL_H
#define TESTS_SUPPORT_ALLOC_FAIL_H

/*
 * Makes one allocation fail, in the code under test and in the libraries below it:
 *
 *	for (int n = 0;; n++) {
 *		alloc_fail_at(n);
 *		err = what_is_tested();
 *		if (!alloc_fail_end())
 *			break;
 *		assert_int_equal(err, -ENOMEM);
 *	}
 *
 * Under ASan, which owns malloc, nothing fails and the loop ends with a plain run.
 */

#include <stdbool.h>

#ifdef __SANITIZE_ADDRESS__
#define ALLOC_FAIL_WORKS false
#else
#define ALLOC_FAIL_WORKS true
#endif

void alloc_fail_at(int nth); /* the nth from now on, 0 the next one */
bool alloc_fail_end(void);   /* true when it did fail */

#endif
