/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_BTF_CHECK_H
#define REPORT_BTF_CHECK_H

/*
 * Whether the BTF of a capture is such that libbpf, which trusts what it reads, may be given it to
 * print one struct. The recorder writes a type after those that it is made of (FORMAT.md, BTF), and
 * nothing else is let through: so there are no cycles, and each size, depth and number of values
 * follows from those before.
 */

#include <stddef.h>
#include <stdint.h>

#define BTF_CHECK_MAX_BYTES  (64u << 10) /* real ones have some 4 KiB */
#define BTF_CHECK_MAX_SIZE   65536u	 /* bytes of a type */
#define BTF_CHECK_MAX_DEPTH  24u	 /* types inside of each other */
#define BTF_CHECK_MAX_VALUES 4096u	 /* that printing a type shows, or passes over */

struct btf_checked {
	uint32_t id;   /* of the struct */
	uint32_t size; /* of the struct, in bytes */
};

/*
 * Checks all of raw and finds the struct of that name. 0; -ENOENT: there is none; -EBADMSG: not to
 * be used; -EMSGSIZE: larger than the limits; -ENOMEM.
 */
int btf_check(const uint8_t *raw, size_t len, const char *name, struct btf_checked *ret);

#endif
