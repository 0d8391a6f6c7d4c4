/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SKB_DUMP_H
#define REPORT_SKB_DUMP_H

/* A struct sk_buff as text, by the BTF of the kernel that it was recorded on. */

#include <stddef.h>
#include <stdint.h>

#include "report/render/sink.h"

struct skb_dump; /* opaque */

/*
 * Borrows raw, a capture's BTF. On success the caller owns *ret; skb_dump_destroy(). -ENODATA: it
 * is empty; -ENOENT, -EBADMSG, -EMSGSIZE: as btf_check(); -EINVAL: libbpf refuses it; -ENOMEM.
 */
int skb_dump_create(const uint8_t *raw, size_t len, struct skb_dump **ret);
void skb_dump_destroy(struct skb_dump *d);

/*
 * The struct's fields, zeros too, each line begun with indent and ended. Of bytes that are not in
 * skb it says how many; they are shown as 0. -ENOMEM, or another error of libbpf's.
 */
int skb_dump_text(struct skb_dump *d, struct sink *s, const char *indent, const uint8_t *skb,
		  size_t len);

#endif
