// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/btf_check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/cursor.h"

#define MAGIC	     0xeb9f
#define VERSION	     1
#define HEADER_LEN   24
#define TYPE_LEN     12 /* the least a type takes */
#define POINTER_SIZE 8
#define MAX_NAME     128
#define UNUSED_INFO  0x60ff0000

enum kind {
	KIND_INT = 1,
	KIND_PTR = 2,
	KIND_ARRAY = 3,
	KIND_STRUCT = 4,
	KIND_UNION = 5,
	KIND_ENUM = 6,
	KIND_FWD = 7,
	KIND_TYPEDEF = 8,
	KIND_VOLATILE = 9,
	KIND_CONST = 10,
	KIND_RESTRICT = 11,
	KIND_TYPE_TAG = 18,
};

/* What is known of a type. */
struct type {
	uint32_t size;
	uint32_t values; /* that printing it takes */
	uint8_t kind;	 /* of a typedef or qualifier that of what it stands for */
	uint8_t depth;
	bool sized; /* something of this type can stand in a struct */
};

struct check {
	struct cursor c;
	const char *names;
	uint32_t names_len;
	struct type *types; /* 0 is void */
	uint32_t n;	    /* of those that have been read */
	const char *wanted;
	struct btf_checked *ret;
	bool found;
};

/* ---- names: identifiers; of integers, of several words ---- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static int check_name(const struct check *k, uint32_t offset, bool words)
{
	size_t len = 0;

	if (offset >= k->names_len)
		return -EBADMSG;
	for (const char *at = k->names + offset; *at; at++, len++)
		if (!is_word(*at) && !(words && *at == ' '))
			return -EBADMSG;
	return len > MAX_NAME ? -EMSGSIZE : 0;
}

/* ---- types ---- */

/* The type of that number, which must stand before this one; NULL. */
static const struct type *earlier(const struct check *k, uint32_t id)
{
	return id < k->n ? &k->types[id] : NULL;
}

static int take(struct type *t, const struct type *inner)
{
	if (inner->depth >= t->depth)
		t->depth = (uint8_t)(inner->depth + 1);
	return t->depth > BTF_CHECK_MAX_DEPTH ? -EMSGSIZE : 0;
}

static bool is_power(uint32_t size, uint32_t max)
{
	return size && size <= max && !(size & (size - 1));
}

static int check_int(struct check *k, struct type *t, uint32_t size)
{
	uint32_t what = cursor_le32(&k->c), encoding = what >> 24;

	/* Bits are those of the bytes: what is narrower is a bit field of a member. */
	if (!is_power(size, 16) || (what & 0xffffff) != size * 8 || encoding > 4 || encoding == 3)
		return -EBADMSG;
	t->size = size;
	t->values = 1;
	t->sized = true;
	return 0;
}

static int check_ptr(struct check *k, struct type *t, uint32_t to)
{
	const struct type *inner = earlier(k, to);

	if (!inner)
		return -EBADMSG;
	t->size = POINTER_SIZE;
	t->values = 1;
	t->sized = true;
	return take(t, inner);
}

static int check_array(struct check *k, struct type *t)
{
	const struct type *inner = earlier(k, cursor_le32(&k->c));
	const struct type *index = earlier(k, cursor_le32(&k->c));
	uint64_t n = cursor_le32(&k->c);

	if (!inner || !inner->sized || !inner->size || !index || index->kind != KIND_INT)
		return -EBADMSG;
	if (n * inner->size > BTF_CHECK_MAX_SIZE || n * inner->values > BTF_CHECK_MAX_VALUES)
		return -EMSGSIZE;
	t->size = (uint32_t)n * inner->size;
	t->values = (uint32_t)n * inner->values;
	t->sized = true;
	return take(t, inner);
}

/* A member of so many bits at that one. */
static int check_place(const struct type *member, bool bitfields, uint32_t place, uint32_t size)
{
	uint32_t bits = bitfields ? place >> 24 : 0, at = bitfields ? place & 0xffffff : place;

	if (!bits)
		return at % 8 || (uint64_t)at + member->size * 8ull > size * 8ull ? -EBADMSG : 0;
	if ((member->kind != KIND_INT && member->kind != KIND_ENUM) || member->size > 8)
		return -EBADMSG;
	return bits > member->size * 8 || at % 8 + bits > 64 || at + bits > size * 8 ? -EBADMSG : 0;
}

static int check_composite(struct check *k, struct type *t, uint32_t size, uint32_t n, bool flag)
{
	int err = 0;

	if (size > BTF_CHECK_MAX_SIZE)
		return -EMSGSIZE;
	t->size = size;
	t->sized = true;
	t->values = 1;
	for (uint32_t i = 0; !err && i < n; i++) {
		uint32_t name = cursor_le32(&k->c);
		const struct type *member = earlier(k, cursor_le32(&k->c));
		uint32_t place = cursor_le32(&k->c);

		if (k->c.bad || !member || !member->sized)
			return -EBADMSG;
		t->values += member->values + 1;
		err = check_name(k, name, false);
		if (!err)
			err = check_place(member, flag, place, size);
		if (!err)
			err = t->values > BTF_CHECK_MAX_VALUES ? -EMSGSIZE : take(t, member);
	}
	return err;
}

static int check_enum(struct check *k, struct type *t, uint32_t size, uint32_t n)
{
	int err = is_power(size, 8) ? 0 : -EBADMSG;

	t->size = size;
	t->values = 1;
	t->sized = true;
	for (uint32_t i = 0; !err && i < n; i++) {
		err = check_name(k, cursor_le32(&k->c), false);
		cursor_le32(&k->c); /* the value */
	}
	return err;
}

/* A typedef or qualifier. */
static int check_alias(struct check *k, struct type *t, uint32_t of)
{
	const struct type *inner = earlier(k, of);

	if (!inner)
		return -EBADMSG;
	*t = *inner;
	return take(t, inner);
}

static int check_type(struct check *k, struct type *t)
{
	uint32_t name = cursor_le32(&k->c), info = cursor_le32(&k->c), size = cursor_le32(&k->c);
	uint32_t n = info & 0xffff;
	bool flag = info >> 31;
	int err;

	t->kind = info >> 24 & 0x1f;
	err = k->c.bad || info & UNUSED_INFO ? -EBADMSG : check_name(k, name, t->kind == KIND_INT);
	if (err)
		return err;
	if (t->kind == KIND_STRUCT && !strcmp(k->names + name, k->wanted) && !k->found) {
		k->found = true;
		*k->ret = (struct btf_checked){.id = k->n, .size = size};
	}
	switch (t->kind) {
	case KIND_INT:
		return check_int(k, t, size);
	case KIND_PTR:
		return check_ptr(k, t, size);
	case KIND_ARRAY:
		return check_array(k, t);
	case KIND_STRUCT:
	case KIND_UNION:
		return check_composite(k, t, size, n, flag);
	case KIND_ENUM:
		return check_enum(k, t, size, n);
	case KIND_FWD:
		return 0;
	case KIND_TYPEDEF:
	case KIND_VOLATILE:
	case KIND_CONST:
	case KIND_RESTRICT:
	case KIND_TYPE_TAG:
		return check_alias(k, t, size);
	default:
		return -EBADMSG;
	}
}

/* From the header: the types into k->c, the names. */
static int check_header(struct check *k, const uint8_t *raw, size_t len)
{
	struct cursor c = cursor_of(raw, len);
	uint16_t magic = cursor_le16(&c);
	uint8_t version = cursor_u8(&c), flags = cursor_u8(&c);
	uint32_t header = cursor_le32(&c), type_off = cursor_le32(&c), type_len = cursor_le32(&c);
	uint32_t str_off = cursor_le32(&c), str_len = cursor_le32(&c);
	size_t left = cursor_left(&c);

	if (c.bad || magic != MAGIC || version != VERSION || flags || header != HEADER_LEN)
		return -EBADMSG;
	if (type_off || type_len != str_off || type_len % 4 || type_len > left ||
	    str_len != left - type_len || !str_len)
		return -EBADMSG;
	k->names = (const char *)c.p + type_len;
	k->names_len = str_len;
	k->c = cursor_of(c.p, type_len);
	return k->names[0] || k->names[str_len - 1] ? -EBADMSG : 0;
}

int btf_check(const uint8_t *raw, size_t len, const char *name, struct btf_checked *ret)
{
	_cleanup_(freep) void *types = NULL;
	struct check k = {.n = 1, .wanted = name, .ret = ret};
	int err;

	if (len > BTF_CHECK_MAX_BYTES)
		return -EMSGSIZE;
	err = check_header(&k, raw, len);
	if (err)
		return err;
	types = calloc(cursor_left(&k.c) / TYPE_LEN + 2, sizeof(*k.types));
	if (!types)
		return -ENOMEM;
	k.types = types;
	while (!err && cursor_left(&k.c)) {
		err = check_type(&k, &k.types[k.n]);
		if (!err && k.c.bad)
			err = -EBADMSG;
		k.n++;
	}
	if (err)
		return err;
	return k.found ? 0 : -ENOENT;
}
