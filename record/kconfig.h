/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_KCONFIG_H
#define RECORD_KCONFIG_H

#include <stddef.h>

struct kconfig; /* opaque */

/* The running kernel's configuration: /proc/config.gz or /boot/config-RELEASE. -ENOENT when neither
 * can be read. */
int kconfig_create(struct kconfig **ret);
void kconfig_destroy(struct kconfig *k);

/* 'y', 'm', or 'n' for an option without its CONFIG_. */
char kconfig_get(const struct kconfig *k, const char *option);
const char *kconfig_path(const struct kconfig *k);

#endif
