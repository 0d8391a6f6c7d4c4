// SPDX-License-Identifier: GPL-2.0-only
#include "record/skb_btf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* A copy in progress: map[id] is the number of a type of the kernel in the new BTF, 0 not copied.
 */
struct copy {
	const struct btf *from;
	struct btf *to;
	int *map;
	int err;
};

static int copy_type(struct copy *c, __u32 id, bool by_value);

static int fail(struct copy *c, int err)
{
	c->err = c->err ? c->err : err;
	return 0;
}

/* What is only pointed to: its name. */
static int copy_name(struct copy *c, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(c->from, t->name_off);
	int id;

	if (!*name)
		return 0; /* void */
	id = btf__add_fwd(c->to, name, btf_is_union(t) ? BTF_FWD_UNION : BTF_FWD_STRUCT);
	return id < 0 ? fail(c, id) : id;
}

/* Members' types first, then the struct: nothing in it by value can hold the struct itself. */
static int copy_composite(struct copy *c, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(c->from, t->name_off);
	const struct btf_member *m = btf_members(t);
	int n = btf_vlen(t), id, *types = calloc((size_t)n + 1, sizeof(*types));

	if (!types)
		return fail(c, -ENOMEM);
	for (int i = 0; i < n; i++)
		types[i] = copy_type(c, m[i].type, true);
	id = btf_is_union(t) ? btf__add_union(c->to, name, t->size)
			     : btf__add_struct(c->to, name, t->size);
	for (int i = 0; i < n && id > 0 && !c->err; i++) {
		int err = btf__add_field(c->to, btf__name_by_offset(c->from, m[i].name_off),
					 types[i], btf_member_bit_offset(t, (__u32)i),
					 btf_member_bitfield_size(t, (__u32)i));

		if (err < 0)
			id = err;
	}
	free(types);
	return id < 0 ? fail(c, id) : id;
}

static int copy_enum(struct copy *c, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(c->from, t->name_off);
	int id = btf__add_enum(c->to, name, t->size);

	for (int i = 0; btf_is_enum(t) && id > 0 && i < btf_vlen(t); i++)
		btf__add_enum_value(c->to, btf__name_by_offset(c->from, btf_enum(t)[i].name_off),
				    btf_enum(t)[i].val);
	return id < 0 ? fail(c, id) : id;
}

static int copy_new(struct copy *c, const struct btf_type *t, bool by_value)
{
	const char *name = btf__name_by_offset(c->from, t->name_off);
	int inner;

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return btf__add_int(c->to, name, t->size, btf_int_encoding(t));
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return by_value ? copy_composite(c, t) : copy_name(c, t);
	case BTF_KIND_FWD:
		return copy_name(c, t);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return copy_enum(c, t);
	case BTF_KIND_PTR:
		return btf__add_ptr(c->to, copy_type(c, t->type, false));
	case BTF_KIND_TYPEDEF:
		inner = copy_type(c, t->type, by_value);
		return btf__add_typedef(c->to, name, inner);
	case BTF_KIND_ARRAY:
		inner = copy_type(c, btf_array(t)->type, by_value);
		return btf__add_array(c->to, copy_type(c, btf_array(t)->index_type, true), inner,
				      btf_array(t)->nelems);
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return copy_type(c, t->type, by_value);
	default: /* a function pointed to: void will do */
		return 0;
	}
}

static int copy_type(struct copy *c, __u32 id, bool by_value)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);
	int copied;

	if (!id || c->err)
		return 0;
	/* A struct pointed to must not stand for the same struct by value. */
	if (by_value && c->map[id])
		return c->map[id];
	copied = copy_new(c, t, by_value);
	if (copied < 0)
		return fail(c, copied);
	if (by_value)
		c->map[id] = copied;
	return copied;
}

int skb_btf_collect(const struct btf *kernel, struct buf *ret)
{
	int id = btf__find_by_name_kind(kernel, "sk_buff", BTF_KIND_STRUCT);
	struct copy c = {.from = kernel};
	const void *raw;
	__u32 size = 0;

	if (id < 0)
		return -ENOENT;
	c.to = btf__new_empty();
	c.map = calloc(btf__type_cnt(kernel), sizeof(*c.map));
	if (!c.to || !c.map)
		c.err = -ENOMEM;
	copy_type(&c, (__u32)id, true);
	raw = c.err ? NULL : btf__raw_data(c.to, &size);
	if (raw)
		buf_append(ret, raw, size);
	else
		c.err = c.err ? c.err : -ENOMEM;
	btf__free(c.to);
	free(c.map);
	return c.err ? c.err : buf_error(ret);
}
