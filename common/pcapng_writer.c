// SPDX-License-Identifier: GPL-2.0-only
/*
 * A block is written by appending and its two lengths are patched at the end, so no length is ever
 * worked out apart from the bytes it counts. There is no writer object: what a block needs to be
 * ended is its place in the buf, and whether options follow its fixed part is read back from it.
 *
 * A block that cannot be finished leaves no trace in the buf. Nothing smaller than a block may
 * reach the file, since readers give up at a half one.
 */
#include "common/pcapng_writer.h"

#include <endian.h>
#include <errno.h>

#include "common/pcapng.h"

#define VERSION_MAJOR	 1
#define VERSION_MINOR	 0
#define TSRESOL_NS	 9 /* 10^-9 s */
#define HEAD_LEN	 8 /* type and length, before every body */
#define SECTION_UNKNOWN	 UINT64_MAX
#define OPTION_HEAD_LEN	 4
#define CUSTOM_LENGTH_AT 2 /* in an option: its length field */
#define EPB_CAPLEN_AT	 20
#define EPB_FIXED_LEN	 28
#define ISB_FIXED_LEN	 20
#define IDB_FIXED_LEN	 16
#define SHB_FIXED_LEN	 24

static uint32_t get_le32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static void put_le16(uint8_t *p, uint16_t v)
{
	v = htole16(v);
	memcpy(p, &v, sizeof(v));
}

static void put_le32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

static size_t block_begin(struct buf *out, uint32_t type)
{
	size_t at = out->len;

	buf_le32(out, type);
	buf_le32(out, 0); /* patched by pcapng_block_end() */
	return at;
}

size_t pcapng_shb_begin(struct buf *out)
{
	size_t at = block_begin(out, PCAPNG_SHB);

	buf_le32(out, PCAPNG_BYTE_ORDER_MAGIC);
	buf_le16(out, VERSION_MAJOR);
	buf_le16(out, VERSION_MINOR);
	buf_le64(out, SECTION_UNKNOWN);
	return at;
}

size_t pcapng_idb_begin(struct buf *out)
{
	static const uint8_t tsresol = TSRESOL_NS;
	size_t at = block_begin(out, PCAPNG_IDB);

	buf_le16(out, PCAPNG_LINKTYPE_ETHERNET);
	buf_le16(out, 0);
	buf_le32(out, 0); /* snaplen: no limit. One value for all, or libpcap refuses the file */
	pcapng_option(out, PCAPNG_IF_TSRESOL, &tsresol, sizeof(tsresol));
	return at;
}

size_t pcapng_epb_begin(struct buf *out, uint32_t interface, uint64_t ns, const void *data,
			uint32_t caplen, uint32_t origlen)
{
	size_t at = out->len;
	uint8_t *to = buf_extend(out, EPB_FIXED_LEN);

	if (!to)
		return at;
	put_le32(to, PCAPNG_EPB);
	put_le32(to + 4, 0);
	put_le32(to + 8, interface);
	put_le32(to + 12, (uint32_t)(ns >> 32));
	put_le32(to + 16, (uint32_t)ns);
	put_le32(to + EPB_CAPLEN_AT, caplen);
	put_le32(to + 24, origlen);
	buf_append(out, data, caplen);
	buf_pad4(out);
	return at;
}

size_t pcapng_isb_begin(struct buf *out, uint32_t interface, uint64_t ns)
{
	size_t at = block_begin(out, PCAPNG_ISB);

	buf_le32(out, interface);
	buf_le32(out, (uint32_t)(ns >> 32));
	buf_le32(out, (uint32_t)ns);
	return at;
}

void pcapng_option(struct buf *out, uint16_t code, const void *value, size_t len)
{
	if (len > PCAPNG_MAX_OPTION) {
		out->failed = true;
		return;
	}
	buf_le16(out, code);
	buf_le16(out, (uint16_t)len);
	buf_append(out, value, len);
	buf_pad4(out);
}

void pcapng_option_str(struct buf *out, uint16_t code, const char *s)
{
	size_t len = strnlen(s, PCAPNG_MAX_OPTION + 1);

	if (len > PCAPNG_MAX_OPTION) {
		len = PCAPNG_MAX_OPTION;
		while (len && (s[len] & 0xc0) == 0x80)
			len--;
	}
	pcapng_option(out, code, s, len);
}

void pcapng_option_u32(struct buf *out, uint16_t code, uint32_t v)
{
	v = htole32(v);
	pcapng_option(out, code, &v, sizeof(v));
}

void pcapng_option_u64(struct buf *out, uint16_t code, uint64_t v)
{
	v = htole64(v);
	pcapng_option(out, code, &v, sizeof(v));
}

size_t pcapng_custom_begin(struct buf *out)
{
	size_t at = out->len;

	buf_le16(out, PCAPNG_OPT_CUSTOM);
	buf_le16(out, 0); /* patched by pcapng_custom_end() */
	buf_le32(out, PCAPNG_PEN);
	return at;
}

void pcapng_custom_end(struct buf *out, size_t at)
{
	size_t len;

	if (out->failed)
		return;
	len = out->len - at - OPTION_HEAD_LEN; /* the PEN counts */
	if (len > PCAPNG_MAX_OPTION) {
		out->failed = true;
		return;
	}
	put_le16(out->data + at + CUSTOM_LENGTH_AT, (uint16_t)len);
	buf_pad4(out);
}

/* Bytes of a block of ours before its options, the packet and its padding included. */
static size_t fixed_len(const uint8_t *block)
{
	switch (get_le32(block)) {
	case PCAPNG_SHB:
		return SHB_FIXED_LEN;
	case PCAPNG_IDB:
		return IDB_FIXED_LEN;
	case PCAPNG_ISB:
		return ISB_FIXED_LEN;
	default:
		return EPB_FIXED_LEN + (((size_t)get_le32(block + EPB_CAPLEN_AT) + 3) & ~(size_t)3);
	}
}

static int block_drop(struct buf *out, size_t at, int err)
{
	out->len = at;
	out->failed = false;
	return err;
}

int pcapng_block_end(struct buf *out, size_t at)
{
	size_t len;

	if (out->failed)
		return block_drop(out, at, -ENOMEM);
	if (out->len - at > fixed_len(out->data + at)) {
		buf_le16(out, PCAPNG_OPT_END);
		buf_le16(out, 0);
	}
	len = out->len - at + sizeof(uint32_t);
	if (len > PCAPNG_MAX_WRITE_BLOCK)
		return block_drop(out, at, -EMSGSIZE);
	buf_le32(out, (uint32_t)len);
	if (out->failed)
		return block_drop(out, at, -ENOMEM);
	put_le32(out->data + at + 4, (uint32_t)len);
	return 0;
}
