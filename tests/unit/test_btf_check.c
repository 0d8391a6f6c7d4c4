// SPDX-License-Identifier: GPL-2.0-only
/* BTF put together by hand, from the kernel's Documentation/bpf/btf.rst: each rule broken alone. */
#include "report/render/btf_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc_fail.h"

enum { INT = 1, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, FUNC = 12 };
#define BITFIELDS 0x80u

/* ---- building ---- */

struct words {
	uint32_t at[1 << 17];
	uint32_t n;
};

struct btf_text {
	struct words types;
	char names[512];
	uint32_t names_len;
	uint32_t id; /* of the type added last */
};

static struct btf_text *begin(void)
{
	struct btf_text *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->names_len = 1;
	return b;
}

static void word(struct btf_text *b, uint32_t v)
{
	assert_true(b->types.n < sizeof(b->types.at) / 4);
	b->types.at[b->types.n++] = v;
}

static uint32_t name(struct btf_text *b, const char *s)
{
	uint32_t at = b->names_len;

	if (!*s)
		return 0;
	assert_true(at + strlen(s) < sizeof(b->names));
	memcpy(b->names + at, s, strlen(s) + 1);
	b->names_len += (uint32_t)strlen(s) + 1;
	return at;
}

static uint32_t type(struct btf_text *b, const char *called, uint32_t kind, uint32_t n,
		     uint32_t size)
{
	word(b, name(b, called));
	word(b, kind << 24 | n);
	word(b, size);
	return ++b->id;
}

static void three(struct btf_text *b, uint32_t x, uint32_t y, uint32_t z)
{
	word(b, x);
	word(b, y);
	word(b, z);
}

static uint32_t integer(struct btf_text *b, const char *called, uint32_t size)
{
	uint32_t id = type(b, called, INT, 0, size);

	word(b, 8 * size);
	return id;
}

static uint32_t array(struct btf_text *b, uint32_t of, uint32_t index, uint32_t n)
{
	uint32_t id = type(b, "", ARRAY, 0, 0);

	three(b, of, index, n);
	return id;
}

/* A struct of one member. */
static uint32_t box(struct btf_text *b, const char *called, uint32_t size, uint32_t of)
{
	uint32_t id = type(b, called, STRUCT, 1, size);

	three(b, name(b, "in"), of, 0);
	return id;
}

/* The file; frees b. */
static uint8_t *finish(struct btf_text *b, size_t *len)
{
	uint32_t types = 4 * b->types.n;
	const uint32_t header[6] = {0x0001eb9f, 24, 0, types, types, b->names_len};
	uint8_t *raw = malloc(sizeof(header) + types + b->names_len);

	assert_non_null(raw);
	memcpy(raw, header, sizeof(header));
	memcpy(raw + sizeof(header), b->types.at, types);
	memcpy(raw + sizeof(header) + types, b->names, b->names_len);
	*len = sizeof(header) + types + b->names_len;
	free(b);
	return raw;
}

static int check(struct btf_text *b)
{
	struct btf_checked found;
	size_t len;
	uint8_t *raw = finish(b, &len);
	int err = btf_check(raw, len, "sk_buff", &found);

	free(raw);
	return err;
}

/* ---- each rule ---- */

static void good(void **state)
{
	struct btf_text *b = begin();
	struct btf_checked found;
	uint32_t u32, u8, ptr;
	uint8_t *raw;
	size_t len;

	(void)state;
	u32 = integer(b, "unsigned int", 4);
	u8 = integer(b, "char", 1);
	ptr = type(b, "", PTR, 0, 0); /* to void */
	type(b, "sk_buff", BITFIELDS | STRUCT, 4, 16);
	three(b, name(b, "head"), ptr, 0);
	three(b, name(b, "len"), u32, 64);
	three(b, name(b, "cloned"), u8, 1u << 24 | 127);
	three(b, name(b, "empty"), u8, 96);
	raw = finish(b, &len);
	assert_int_equal(btf_check(raw, len, "sk_buff", &found), 0);
	assert_int_equal(found.id, 4);
	assert_int_equal(found.size, 16);
	assert_int_equal(btf_check(raw, len, "sk_buf", &found), -ENOENT);
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut + !cut);

		assert_non_null(copy);
		memcpy(copy, raw, cut);
		assert_int_equal(btf_check(copy, cut, "sk_buff", &found), -EBADMSG);
		free(copy);
	}
	free(raw);
}

static void header(void **state)
{
	/* Each word of the header made something else. */
	static const struct {
		size_t at;
		uint32_t value;
	} bad[] = {{0, 0x00019feb}, {0, 0x0002eb9f}, {0, 0x0101eb9f}, {4, 28},
		   {4, 23},	    {8, 4},	     {12, 8},	      {12, 0xfffffff0},
		   {16, 4},	    {20, 0},	     {20, 0xffffffff}};
	struct btf_checked found;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct btf_text *b = begin();
		uint8_t *raw;
		size_t len;

		box(b, "sk_buff", 4, integer(b, "int", 4));
		raw = finish(b, &len);
		memcpy(raw + bad[i].at, &bad[i].value, 4);
		assert_int_equal(btf_check(raw, len, "sk_buff", &found), -EBADMSG);
		free(raw);
	}
}

static void references(void **state)
{
	struct btf_text *b;

	(void)state;
	for (uint32_t kind = PTR; kind <= CONST; kind++) {
		if (kind == ARRAY || kind == STRUCT || kind == UNION || kind == ENUM || kind == FWD)
			continue;
		b = begin(); /* itself */
		type(b, "t", kind, 0, 1);
		assert_int_equal(check(b), -EBADMSG);
		b = begin(); /* a later one */
		type(b, "t", kind, 0, 2);
		integer(b, "int", 4);
		assert_int_equal(check(b), -EBADMSG);
	}
	b = begin();
	box(b, "sk_buff", 4, 1);
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	integer(b, "int", 4);
	array(b, 2, 1, 1);
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	integer(b, "int", 4);
	array(b, 1, 0, 1);
	assert_int_equal(check(b), -EBADMSG);
}

/* What has no size: void, a name only. */
static void unsized(void **state)
{
	struct btf_text *b = begin();

	(void)state;
	box(b, "sk_buff", 4, 0);
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	box(b, "sk_buff", 4, type(b, "net_device", FWD, 0, 0));
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	box(b, "sk_buff", 4, type(b, "t", TYPEDEF, 0, type(b, "net_device", FWD, 0, 0)));
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	integer(b, "int", 4);
	type(b, "nothing", STRUCT, 0, 0);
	array(b, 2, 1, 1);
	assert_int_equal(check(b), -EBADMSG);
}

static void places(void **state)
{
	static const struct {
		uint32_t kind;
		uint32_t place;
	} bad[] = {
		{STRUCT, 1},
		{STRUCT, 40},
		{STRUCT, 0xfffffff8},
		{BITFIELDS | STRUCT, 8 * 5},
		{BITFIELDS | STRUCT, 33u << 24},
		{BITFIELDS | STRUCT, 1u << 24 | 64},
		{BITFIELDS | STRUCT, 9u << 24 | 56},
	};
	struct btf_text *b;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b = begin();
		integer(b, "int", 4);
		type(b, "sk_buff", bad[i].kind, 1, 8);
		three(b, name(b, "m"), 1, bad[i].place);
		assert_int_equal(check(b), -EBADMSG);
	}
	/* 64 bits from bit 1 of a byte on are in 9 bytes. */
	b = begin();
	integer(b, "long", 8);
	type(b, "sk_buff", BITFIELDS | STRUCT, 1, 16);
	three(b, name(b, "m"), 1, 64u << 24 | 1);
	assert_int_equal(check(b), -EBADMSG);
	/* Bits of what is no integer. */
	b = begin();
	type(b, "", PTR, 0, 0);
	type(b, "sk_buff", BITFIELDS | STRUCT, 1, 8);
	three(b, name(b, "m"), 1, 3u << 24);
	assert_int_equal(check(b), -EBADMSG);
}

static void sizes(void **state)
{
	static const uint32_t ints[] = {0, 3, 32, 0x80000004};
	struct btf_text *b;

	(void)state;
	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		b = begin();
		integer(b, "int", ints[i]);
		assert_int_equal(check(b), -EBADMSG);
	}
	b = begin();
	type(b, "int", INT, 0, 4);
	word(b, 31); /* bits */
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	type(b, "e", ENUM, 0, 3);
	assert_int_equal(check(b), -EBADMSG);
	b = begin();
	type(b, "sk_buff", STRUCT, 0, BTF_CHECK_MAX_SIZE + 1);
	assert_int_equal(check(b), -EMSGSIZE);
	b = begin();
	integer(b, "long", 8);
	array(b, 1, 1, 0x20000001); /* 8 bytes, to 32 bits */
	assert_int_equal(check(b), -EMSGSIZE);
	b = begin();
	integer(b, "char", 1);
	array(b, 1, 1, BTF_CHECK_MAX_VALUES);
	box(b, "sk_buff", BTF_CHECK_MAX_VALUES, 2);
	assert_int_equal(check(b), -EMSGSIZE); /* and the struct */
}

/* Structs in structs, and unions whose members double each time. */
static void depth_and_number(void **state)
{
	struct btf_text *b = begin();
	uint32_t of = integer(b, "int", 4);

	(void)state;
	for (unsigned int i = 0; i + 1 < BTF_CHECK_MAX_DEPTH; i++)
		of = box(b, i + 2 < BTF_CHECK_MAX_DEPTH ? "" : "sk_buff", 4, of);
	assert_int_equal(check(b), 0);
	b = begin();
	of = integer(b, "int", 4);
	for (unsigned int i = 0; i < BTF_CHECK_MAX_DEPTH + 1; i++)
		of = box(b, "", 4, of);
	assert_int_equal(check(b), -EMSGSIZE);
	b = begin();
	of = integer(b, "int", 4);
	for (unsigned int i = 0; i < 20; i++) {
		uint32_t id = type(b, "", UNION, 2, 4);

		three(b, 0, of, 0);
		three(b, 0, of, 0);
		of = id;
	}
	assert_int_equal(check(b), -EMSGSIZE);
}

static void names(void **state)
{
	static const char *const bad[] = {"a b", "x\033[2J", "%n", "a,b", "{"};
	struct btf_text *b;
	char longest[140];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b = begin();
		type(b, bad[i], FWD, 0, 0);
		assert_int_equal(check(b), -EBADMSG);
		b = begin();
		type(b, "e", ENUM, 1, 4);
		word(b, name(b, bad[i]));
		word(b, 0);
		assert_int_equal(check(b), -EBADMSG);
	}
	b = begin();
	type(b, "x", FWD, 0, 0);
	b->types.at[0] = b->names_len; /* behind the last */
	assert_int_equal(check(b), -EBADMSG);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	b = begin();
	type(b, longest, FWD, 0, 0);
	assert_int_equal(check(b), -EMSGSIZE);
	b = begin();
	type(b, "f", FUNC, 0, 0);
	assert_int_equal(check(b), -EBADMSG);
}

static void no_memory(void **state)
{
	struct btf_text *b = begin();
	struct btf_checked found;
	uint8_t *raw;
	size_t len;
	int err = 0;

	(void)state;
	box(b, "sk_buff", 4, integer(b, "int", 4));
	raw = finish(b, &len);
	for (int n = 0; n < 10; n++) {
		alloc_fail_at(n);
		err = btf_check(raw, len, "sk_buff", &found);
		if (!alloc_fail_end())
			break;
		assert_int_equal(err, -ENOMEM);
	}
	assert_int_equal(err, 0);
	free(raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(header),
		cmocka_unit_test(references),
		cmocka_unit_test(unsized),
		cmocka_unit_test(places),
		cmocka_unit_test(sizes),
		cmocka_unit_test(depth_and_number),
		cmocka_unit_test(names),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
