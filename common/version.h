/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

#define PWRU_VERSION "0.1.0"

#endif
