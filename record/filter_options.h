/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_FILTER_OPTIONS_H
#define RECORD_FILTER_OPTIONS_H

/* The options that the programs in the kernel filter by. */

#include "bpf/pwru_abi.h"
#include "common/options.h"

/* Sets what one of them says. -EINVAL after one line on stderr; -ENOENT: the option is another. */
int filter_option(struct pwru_config *f, enum option_id id, const char *arg);

#endif
