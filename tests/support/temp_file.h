/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_SUPPORT_TEMP_FILE_H
#define TESTS_SUPPORT_TEMP_FILE_H

/* A file of its own name with given content, for what reads paths. Failing is an assertion. */

#include <stddef.h>

struct temp_file {
	char path[64];
};

struct temp_file temp_file_create(const void *content, size_t len);
struct temp_file temp_file_text(const char *text);
void temp_file_destroy(const struct temp_file *f);

#endif
