/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_SKB_BTF_H
#define RECORD_SKB_BTF_H

#include "common/buf.h"

struct btf;

/*
 * Appends raw BTF that describes struct sk_buff and all it holds by value; what it points to stays
 * a name. That is some kilobytes instead of the kernel's megabytes, and enough to print a recorded
 * struct on another machine. -ENOENT, -ENOMEM.
 */
int skb_btf_collect(const struct btf *kernel, struct buf *ret);

#endif
