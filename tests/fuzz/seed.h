/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_FUZZ_SEED_H
#define TESTS_FUZZ_SEED_H

#include <stddef.h>

/* Writes an input of a target. */
void seed_save(const char *folder, const char *name, const void *data, size_t len);

/* The captures that fuzz_report begins with. */
void seed_report(void);

#endif
