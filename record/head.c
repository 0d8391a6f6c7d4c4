// SPDX-License-Identifier: GPL-2.0-only
/* Blocks in the order of FORMAT.md. */
#include "record/head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "common/event_codec.h"
#include "common/pcapng.h"
#include "common/pcapng_writer.h"
#include "common/snapshot_codec.h"
#include "common/version.h"

#define PIECES_AN_IDB 4

/* A random (version 4, variant 1) uuid, RFC 4122 section 4.4. */
static int make_uuid(struct head *h)
{
	if (getrandom(h->uuid, sizeof(h->uuid), 0) != sizeof(h->uuid))
		return -EIO;
	h->uuid[6] = (h->uuid[6] & 0x0f) | 0x40;
	h->uuid[8] = (h->uuid[8] & 0x3f) | 0x80;
	h->tag = event_tag(h->uuid);
	return 0;
}

int head_put(const struct head *h, uint32_t number, struct buf *to)
{
	size_t at = pcapng_shb_begin(to), inner;
	struct event_info info = {.tag = h->tag, .file_number = number};
	struct utsname u;
	struct buf os = {};
	int err;

	uname(&u);
	buf_printf(&os, "%s %s", u.sysname, u.release);
	buf_u8(&os, 0);
	pcapng_option_str(to, PCAPNG_SHB_HARDWARE, u.machine);
	if (!os.failed)
		pcapng_option_str(to, PCAPNG_SHB_OS, (const char *)os.data);
	buf_deinit(&os);
	pcapng_option_str(to, PCAPNG_SHB_USERAPPL, "pwru-record " PWRU_VERSION);
	pcapng_option_str(
		to, PCAPNG_OPT_COMMENT,
		"One packet here is one kernel function that a packet passed: the interface is the function. "
		"Filter with frame.interface_name == \"ip_rcv\" or frame.packet_id == 5; "
		"pwru-report shows each packet's path.");
	memcpy(info.uuid, h->uuid, sizeof(info.uuid));
	inner = pcapng_custom_begin(to);
	event_info_encode(to, &info);
	pcapng_custom_end(to, inner);
	err = pcapng_block_end(to, at);
	if (!err)
		buf_append(to, h->blocks.data, h->blocks.len);
	return err ? err : buf_error(to);
}

static int put_meta(struct head *h, const struct buf *z, uint32_t raw_len)
{
	uint32_t count = (uint32_t)((z->len + SNAPSHOT_MAX_PIECE - 1) / SNAPSHOT_MAX_PIECE),
		 piece = 0;
	int err = 0;

	h->meta = (count + PIECES_AN_IDB - 1) / PIECES_AN_IDB;
	for (uint32_t i = 0; !err && i < h->meta; i++) {
		size_t at = pcapng_idb_begin(&h->blocks), inner;
		char name[32], description[40];

		snprintf(name, sizeof(name), "pwru-meta-%u", i);
		pcapng_option_str(&h->blocks, PCAPNG_IF_NAME, name);
		/* mergecap takes interfaces that differ in nothing it knows for one, and drops the
		 * second's options. */
		snprintf(description, sizeof(description), "snapshot of capture %08x", h->tag);
		pcapng_option_str(&h->blocks, PCAPNG_IF_DESCRIPTION, description);
		for (int k = 0; k < PIECES_AN_IDB && piece < count; k++, piece++) {
			size_t from = (size_t)piece * SNAPSHOT_MAX_PIECE, left = z->len - from;
			struct event_meta m = {.tag = h->tag,
					       .index = piece,
					       .count = count,
					       .raw_len = raw_len,
					       .data = z->data + from,
					       .data_len = left < SNAPSHOT_MAX_PIECE
								   ? (uint32_t)left
								   : SNAPSHOT_MAX_PIECE};

			inner = pcapng_custom_begin(&h->blocks);
			event_meta_encode(&h->blocks, &m);
			pcapng_custom_end(&h->blocks, inner);
		}
		err = pcapng_block_end(&h->blocks, at);
	}
	return err;
}

static int put_interface(struct head *h, const struct event_func *f)
{
	size_t at = pcapng_idb_begin(&h->blocks), inner;
	char description[256];

	snprintf(description, sizeof(description), "%s %s [%s]", func_how_name(f->how), f->name,
		 f->module[0] ? f->module : "vmlinux");
	pcapng_option_str(&h->blocks, PCAPNG_IF_NAME, f->name);
	pcapng_option_str(&h->blocks, PCAPNG_IF_DESCRIPTION, description);
	inner = pcapng_custom_begin(&h->blocks);
	event_func_encode(&h->blocks, f);
	pcapng_custom_end(&h->blocks, inner);
	h->interfaces++;
	return pcapng_block_end(&h->blocks, at);
}

uint64_t head_key(const struct target_set *targets, size_t target)
{
	const struct target *t = &targets->all[target];

	return t->addr ? t->addr : target + 1;
}

static int put_functions(struct head *h, const struct target_set *targets, uint8_t how)
{
	struct event_func other = {.tag = h->tag, .how = how, .name = "pwru-other"};
	int err = 0;

	h->interfaces = h->meta;
	for (size_t i = 0; !err && i < targets->count; i++) {
		const struct target *t = &targets->all[i];
		struct event_func f = {.tag = h->tag,
				       .addr = head_key(targets, i),
				       .how = how,
				       .arg = t->skb_arg,
				       .roles = t->roles,
				       .flags = (t->addr ? 0 : FUNC_FLAG_ORDINAL) |
						(t->lifecycle || t->skb_arg == FUNC_ARG_RETURN
							 ? FUNC_FLAG_LIFECYCLE
							 : 0)};

		if (t->status != TARGET_ATTACHED)
			continue;
		snprintf(f.name, sizeof(f.name), "%s", t->name);
		snprintf(f.module, sizeof(f.module), "%s", t->module);
		h->interface[i] = h->interfaces;
		err = put_interface(h, &f);
	}
	for (size_t i = 0; i < targets->count; i++)
		if (!h->interface[i])
			h->interface[i] = h->interfaces;
	return err ? err : put_interface(h, &other);
}

static int put_snapshot(struct head *h, const struct snapshot_source *snapshot)
{
	struct buf raw = {}, z = {};
	int err = snapshot_collect(snapshot, &raw);

	if (!err)
		err = snapshot_compress(&raw, &z);
	if (!err)
		err = put_meta(h, &z, (uint32_t)raw.len);
	buf_deinit(&raw);
	buf_deinit(&z);
	return err;
}

int head_init(struct head *ret, const struct snapshot_source *snapshot,
	      const struct target_set *targets, uint8_t how)
{
	struct head h = {.interface = calloc(targets->count + 1, sizeof(*h.interface))};
	int err = h.interface ? make_uuid(&h) : -ENOMEM;

	if (!err)
		err = put_snapshot(&h, snapshot);
	if (!err)
		err = put_functions(&h, targets, how);
	if (err)
		head_deinit(&h);
	*ret = h;
	return err;
}

void head_deinit(struct head *h)
{
	free(h->interface);
	h->interface = NULL;
	buf_deinit(&h->blocks);
}
