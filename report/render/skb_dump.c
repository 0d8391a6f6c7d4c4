// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf formats, all in one line, which is broken here. What it is given has been through
 * btf_check(), and lies in a buffer that is longer than the struct, because libbpf reads a bit
 * field by the whole integer that the field is of. It takes any array of bytes for a string, shows
 * it up to the first 0, and then leaves out the values of later members of one byte (libbpf 1.1);
 * so such arrays are made arrays of something else that has the same name.
 */
#include "report/render/skb_dump.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "report/render/btf_check.h"

#define SLACK 8 /* bytes of the longest integer with a bit field */

struct skb_dump {
	struct btf *btf;
	struct btf_dump *dump;
	struct btf_checked type;
	uint8_t *bytes; /* a copy of the skb, padded */

	/* While it prints. */
	struct sink *sink;
	const char *indent;
	bool begun; /* a line */
	unsigned int depth;
	unsigned int in_array; /* brackets open */
};

void skb_dump_destroy(struct skb_dump *d)
{
	if (!d)
		return;
	btf_dump__free(d->dump);
	btf__free(d->btf);
	free(d->bytes);
	free(d);
}

static void skb_dump_destroyp(struct skb_dump **d)
{
	skb_dump_destroy(*d);
}

static void end_line(struct skb_dump *d)
{
	if (d->begun)
		sink_char(d->sink, '\n');
	d->begun = false;
}

static void put(struct skb_dump *d, char c)
{
	if (c == '}') {
		end_line(d);
		d->depth--;
	}
	if (!d->begun) {
		sink_str(d->sink, d->indent);
		sink_fill(d->sink, ' ', 2 * (int)d->depth);
	}
	d->begun = true;
	sink_char(d->sink, c >= ' ' && c < 0x7f ? c : '?');
	d->in_array += (c == '[') - (c == ']');
	if (c == '{')
		d->depth++;
	if (c == '{' || (c == ',' && !d->in_array))
		end_line(d);
}

static void __attribute__((format(printf, 2, 0))) print(void *ctx, const char *fmt, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	for (int i = 0; i < n && i < (int)sizeof(text) - 1; i++)
		put(ctx, text[i]);
}

/* The type behind typedefs and qualifiers is an integer of one byte. */
static bool is_byte(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (btf_is_mod(t) || btf_is_typedef(t))
		t = btf__type_by_id(btf, t->type);
	return btf_is_int(t) && t->size == 1;
}

/* 0, or an error of libbpf's. */
static int numbers_for_bytes(struct btf *btf)
{
	uint32_t types = btf__type_cnt(btf);
	int number = btf__add_enum(btf, NULL, 1);
	int named = number < 0 ? number : btf__add_typedef(btf, "byte", number);
	struct btf_array *a;

	for (uint32_t id = 1; named > 0 && id < types; id++) {
		if (!btf_is_array(btf__type_by_id(btf, id)))
			continue;
		a = btf_array(btf__type_by_id(btf, id));
		if (is_byte(btf, a->type))
			a->type = (uint32_t)named;
	}
	return named < 0 ? named : 0;
}

int skb_dump_create(const uint8_t *raw, size_t len, struct skb_dump **ret)
{
	_cleanup_(skb_dump_destroyp) struct skb_dump *d = NULL;
	struct btf_checked type;
	int err;

	if (!len)
		return -ENODATA;
	err = btf_check(raw, len, "sk_buff", &type);
	if (err)
		return err;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->type = type;
	d->bytes = malloc(type.size + SLACK);
	if (!d->bytes)
		return -ENOMEM;
	libbpf_set_print(NULL);
	d->btf = btf__new(raw, (uint32_t)len);
	if (d->btf && !btf__set_pointer_size(d->btf, 8) && !numbers_for_bytes(d->btf))
		d->dump = btf_dump__new(d->btf, print, d, NULL);
	if (!d->dump)
		return errno == ENOMEM ? -ENOMEM : -EINVAL;
	*ret = steal_ptr(&d);
	return 0;
}

int skb_dump_text(struct skb_dump *d, struct sink *s, const char *indent, const uint8_t *skb,
		  size_t len)
{
	LIBBPF_OPTS(btf_dump_type_data_opts, opts, .compact = true, .emit_zeroes = true);
	size_t known = len < d->type.size ? len : d->type.size;
	int got;

	memset(d->bytes, 0, d->type.size + SLACK);
	memcpy(d->bytes, skb, known);
	d->sink = s;
	d->indent = indent;
	d->begun = false;
	d->depth = d->in_array = 0;
	if (known < d->type.size) {
		sink_str(s, indent);
		sink_printf(s, "(its last %zu bytes were not recorded and are shown as 0)\n",
			    d->type.size - known);
	}
	got = btf_dump__dump_type_data(d->dump, d->type.id, d->bytes, d->type.size + SLACK, &opts);
	end_line(d);
	return got < 0 ? got : 0;
}
