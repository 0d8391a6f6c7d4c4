// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks' bodies are parsed where they lie; nothing is copied. What a block says is damage only
 * where going on would give wrong results: a packet without its interface, an interface without its
 * time resolution. The rest is passed on as far as it can be read.
 */
#include "common/pcapng_section.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_TSRESOL	 6
#define OPTION_HEAD	 4
#define NS_PER_S	 1000000000u
#define FIRST_INTERFACES 64u

void pcapng_section_deinit(struct pcapng_section *s)
{
	free(s->interface);
	*s = (struct pcapng_section){};
}

const struct pcapng_interface *pcapng_section_interface(const struct pcapng_section *s, uint32_t id)
{
	return id < s->interfaces ? &s->interface[id] : NULL;
}

/* Keeps the words and returns err. */
static int __attribute__((format(printf, 3, 4)))
fail(struct pcapng_section *s, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	return err;
}

/* ---- times ---- */

/* One tick is num / den ns. */
struct tick {
	uint64_t num;
	uint64_t den;
};

/* Worked out for each packet: there may be many interfaces, and each costs memory. */
static struct tick tick_of(uint8_t tsresol)
{
	static const uint64_t tens[] = {1,
					10,
					100,
					1000,
					10000,
					100000,
					1000000,
					10000000,
					100000000,
					1000000000,
					10000000000,
					100000000000,
					1000000000000,
					10000000000000,
					100000000000000,
					1000000000000000,
					10000000000000000,
					100000000000000000,
					1000000000000000000,
					10000000000000000000u};
	unsigned int e = tsresol & 0x7f;
	struct tick t = {1, 1};

	if (!(tsresol & 0x80)) {
		if (e <= 9)
			t.num = tens[9 - e];
		else if (e <= 28)
			t.den = tens[e - 9];
		else
			t.num = 0;
		return t;
	}
	t.num = e <= 9 ? NS_PER_S >> e : NS_PER_S >> 9;
	if (e > 9)
		t.den = 1ull << (e <= 72 ? e - 9 : 63);
	if (e > 72)
		t.num >>= e - 72 < 32 ? e - 72 : 32;
	return t;
}

/* No time for one outside the years 1677 to 2262. */
static void set_time(struct pcapng_block *b, const struct pcapng_interface *i, uint32_t high,
		     uint32_t low)
{
	uint64_t ticks = (uint64_t)high << 32 | low;
	struct tick tick = tick_of(i->tsresol);
	__int128 ns = (__int128)ticks * tick.num;

	/* Not "!= 1": gcc takes x / 1 for x and then divides always, which is slow in 128 bits. */
	if (tick.den > 1)
		ns /= tick.den;
	ns += (__int128)i->tsoffset * NS_PER_S;
	b->has_time = ns >= INT64_MIN && ns <= INT64_MAX;
	b->time_ns = b->has_time ? (int64_t)ns : 0;
}

/* ---- options ---- */

static bool is_custom(uint16_t code)
{
	return code == PCAPNG_OPT_CUSTOM || code == PCAPNG_OPT_CUSTOM_STR ||
	       code == PCAPNG_OPT_CUSTOM_NOCOPY || code == PCAPNG_OPT_CUSTOM_STR_NOCOPY;
}

int pcapng_option_next(struct cursor *options, struct pcapng_option *o)
{
	struct pcapng_option next = {};
	struct cursor value;

	if (!options->bad && !cursor_left(options))
		return 0;
	next.code = cursor_u16(options);
	next.len = cursor_u16(options);
	if (options->bad)
		return -EBADMSG;
	if (next.code == PCAPNG_OPT_END) {
		options->p = options->end;
		return 0;
	}
	next.value = cursor_bytes(options, next.len);
	cursor_bytes(options, -next.len & 3u);
	if (options->bad)
		return -EBADMSG;
	if (is_custom(next.code)) {
		value = cursor_of(next.value, next.len);
		value.swap = options->swap;
		next.pen = cursor_u32(&value);
		if (value.bad) {
			options->bad = true;
			return -EBADMSG;
		}
		next.value = value.p;
		next.len -= sizeof(next.pen);
	}
	*o = next;
	return 1;
}

/*
 * Most blocks have their comment first, or have none: the walk then is short. Options that are
 * damaged are left to whoever wants them; the blocks after them are sound.
 */
static void find_comment(struct pcapng_block *b)
{
	struct cursor c = b->options;

	while (!c.bad && cursor_left(&c) >= OPTION_HEAD) {
		uint16_t code = cursor_u16(&c), len = cursor_u16(&c);
		const uint8_t *value = cursor_bytes(&c, len);

		if (code == PCAPNG_OPT_END || !value)
			return;
		if (code == PCAPNG_OPT_COMMENT) {
			b->comment = (const char *)value;
			b->comment_len = len;
			return;
		}
		cursor_bytes(&c, -len & 3u);
	}
}

/* ---- blocks ---- */

static int cut_short(struct pcapng_section *s, const char *what)
{
	return fail(s, -EBADMSG, "%s is too short for its own fields", what);
}

static int parse_shb(struct pcapng_section *s, struct pcapng_block *b)
{
	struct cursor c = b->body;
	uint16_t major, minor;

	cursor_u32(&c); /* byte-order magic, seen by the reader */
	major = cursor_u16(&c);
	minor = cursor_u16(&c);
	cursor_u64(&c); /* section length */
	if (c.bad)
		return cut_short(s, "section header block");
	if (major != 1)
		return fail(s, -EBADMSG, "pcapng version %u.%u is not known", major, minor);
	s->number += s->begun;
	s->begun = true;
	s->interfaces = 0;
	b->section = s->number;
	b->options = c;
	return 0;
}

static int interface_options(struct pcapng_section *s, struct cursor options,
			     struct pcapng_interface *i)
{
	struct pcapng_option o;
	struct cursor value;
	int err;

	i->tsresol = DEFAULT_TSRESOL;
	while ((err = pcapng_option_next(&options, &o)) > 0) {
		value = cursor_of(o.value, o.len);
		value.swap = options.swap;
		if (o.code == PCAPNG_IF_TSRESOL)
			i->tsresol = cursor_u8(&value);
		else if (o.code == PCAPNG_IF_TSOFFSET)
			i->tsoffset = (int64_t)cursor_u64(&value);
		if (value.bad)
			break;
	}
	/* Wrong times would be worse than none: an IDB has to be sound. */
	return err ? fail(s, -EBADMSG, "the options of an interface description are damaged") : 0;
}

static int interface_add(struct pcapng_section *s, const struct pcapng_interface *i)
{
	uint32_t cap = s->interfaces_cap ? s->interfaces_cap : FIRST_INTERFACES;
	struct pcapng_interface *grown;

	if (s->interfaces == s->interfaces_cap) {
		if (s->interfaces_cap && __builtin_mul_overflow(cap, 2u, &cap))
			return fail(s, -EBADMSG, "too many interfaces");
		grown = reallocarray(s->interface, cap, sizeof(*grown));
		if (!grown)
			return fail(s, -ENOMEM, "not enough memory for %u interfaces", cap);
		s->interface = grown;
		s->interfaces_cap = cap;
	}
	s->interface[s->interfaces++] = *i;
	return 0;
}

static int parse_idb(struct pcapng_section *s, struct pcapng_block *b)
{
	struct pcapng_interface i = {};
	struct cursor c = b->body;
	int err;

	i.linktype = cursor_u16(&c);
	cursor_u16(&c); /* reserved */
	i.snaplen = cursor_u32(&c);
	if (c.bad)
		return cut_short(s, "interface description block");
	b->options = c;
	err = interface_options(s, c, &i);
	if (err)
		return err;
	b->interface = s->interfaces;
	return interface_add(s, &i);
}

/* EPB and OPB, from the timestamp on. */
static int parse_packet(struct pcapng_section *s, struct pcapng_block *b, struct cursor *c)
{
	const struct pcapng_interface *i = pcapng_section_interface(s, b->interface);
	uint32_t high = cursor_u32(c), low = cursor_u32(c);

	b->caplen = cursor_u32(c);
	b->origlen = cursor_u32(c);
	if (c->bad)
		return cut_short(s, "packet block");
	if (!i)
		return fail(s, -EBADMSG, "packet on interface %u, but the section has %u so far",
			    b->interface, s->interfaces);
	b->data = cursor_bytes(c, b->caplen);
	cursor_bytes(c, -b->caplen & 3u);
	if (c->bad)
		return fail(s, -EBADMSG, "packet of %u captured bytes in a block of %u", b->caplen,
			    b->length);
	set_time(b, i, high, low);
	b->options = *c;
	return 0;
}

static int parse_epb(struct pcapng_section *s, struct pcapng_block *b)
{
	struct cursor c = b->body;

	b->interface = cursor_u32(&c);
	return parse_packet(s, b, &c);
}

static int parse_opb(struct pcapng_section *s, struct pcapng_block *b)
{
	struct cursor c = b->body;

	b->interface = cursor_u16(&c);
	cursor_u16(&c); /* drops */
	return parse_packet(s, b, &c);
}

/* It names no interface: always the first. Nor a captured length: what snaplen and block allow. */
static int parse_spb(struct pcapng_section *s, struct pcapng_block *b)
{
	const struct pcapng_interface *i = pcapng_section_interface(s, 0);
	struct cursor c = b->body;
	size_t left;

	b->interface = 0;
	b->origlen = cursor_u32(&c);
	if (c.bad)
		return cut_short(s, "simple packet block");
	if (!i)
		return fail(s, -EBADMSG, "packet in a section without an interface");
	left = cursor_left(&c);
	b->caplen = i->snaplen && i->snaplen < b->origlen ? i->snaplen : b->origlen;
	if (b->caplen > left)
		b->caplen = (uint32_t)left;
	b->data = cursor_bytes(&c, b->caplen);
	return 0;
}

/* A statistic of an interface that is not there harms nobody: it only has no time. */
static int parse_isb(struct pcapng_section *s, struct pcapng_block *b)
{
	const struct pcapng_interface *i;
	struct cursor c = b->body;
	uint32_t high, low;

	b->interface = cursor_u32(&c);
	high = cursor_u32(&c);
	low = cursor_u32(&c);
	if (c.bad)
		return cut_short(s, "interface statistics block");
	i = pcapng_section_interface(s, b->interface);
	if (i)
		set_time(b, i, high, low);
	b->options = c;
	return 0;
}

/* Names we do not use; but options follow them. Records that are cut leave the options bad. */
static void parse_nrb(struct pcapng_block *b)
{
	struct cursor c = b->body;
	uint16_t type, len;

	while (cursor_left(&c)) {
		type = cursor_u16(&c);
		len = cursor_u16(&c);
		if (!type && !c.bad)
			break;
		cursor_bytes(&c, len);
		cursor_bytes(&c, -len & 3u);
		if (c.bad)
			break;
	}
	b->options = c;
}

static int parse_dsb(struct pcapng_section *s, struct pcapng_block *b)
{
	struct cursor c = b->body;
	uint32_t len;

	cursor_u32(&c); /* type of the secrets */
	len = cursor_u32(&c);
	cursor_bytes(&c, len);
	cursor_bytes(&c, -len & 3u);
	if (c.bad)
		return cut_short(s, "decryption secrets block");
	b->options = c;
	return 0;
}

static int parse_body(struct pcapng_section *s, struct pcapng_block *b)
{
	switch (b->type) {
	case PCAPNG_EPB:
		return parse_epb(s, b);
	case PCAPNG_SHB:
		return parse_shb(s, b);
	case PCAPNG_IDB:
		return parse_idb(s, b);
	case PCAPNG_OPB:
		return parse_opb(s, b);
	case PCAPNG_SPB:
		return parse_spb(s, b);
	case PCAPNG_ISB:
		return parse_isb(s, b);
	case PCAPNG_DSB:
		return parse_dsb(s, b);
	case PCAPNG_NRB:
		parse_nrb(b);
		return 0;
	default: /* journals, custom and unknown blocks: passed on as they are */
		return 0;
	}
}

int pcapng_section_take(struct pcapng_section *s, struct pcapng_block *b)
{
	int err = parse_body(s, b);

	if (!err)
		find_comment(b);
	return err;
}
