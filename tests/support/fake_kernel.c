// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/fake_kernel.h"

#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "record/kallsyms.h"

static int checked(int id)
{
	assert_true(id > 0);
	return id;
}

static int add_struct(struct btf *btf, const char *name, uint32_t size, int member)
{
	int id = checked(btf__add_struct(btf, name, size));

	for (uint32_t at = 0; at + 8 <= size; at += 8)
		assert_int_equal(btf__add_field(btf, "m", member, at * 8, 0), 0);
	return id;
}

static void add_types(struct fake_kernel *k)
{
	struct btf *btf = k->btf;
	int *ids = k->ids, skb;

	ids[INT] = checked(btf__add_int(btf, "int", 4, BTF_INT_SIGNED));
	ids[LONG] = checked(btf__add_int(btf, "long", 8, BTF_INT_SIGNED));
	ids[VOID_PTR] = checked(btf__add_ptr(btf, 0));
	ids[SKB_VALUE] = skb = add_struct(btf, "sk_buff", 232, ids[LONG]);
	ids[SKB] = checked(btf__add_ptr(btf, skb));
	ids[SKB_CONST] = checked(btf__add_ptr(btf, btf__add_const(btf, skb)));
	ids[SKB_VOLATILE] =
		checked(btf__add_ptr(btf, btf__add_const(btf, btf__add_volatile(btf, skb))));
	ids[SKB_CONST_PTR] = checked(btf__add_const(btf, ids[SKB]));
	ids[SKB_TYPEDEF] = checked(btf__add_ptr(btf, btf__add_typedef(btf, "skb_t", skb)));
	ids[SKB_PTR_TYPEDEF] = checked(btf__add_typedef(btf, "skb_p", ids[SKB]));
	ids[SKB_PTR_PTR] = checked(btf__add_ptr(btf, ids[SKB]));
	ids[SKB_HEAD] = checked(btf__add_ptr(btf, add_struct(btf, "sk_buff_head", 24, ids[LONG])));
	ids[SOCK] = checked(btf__add_ptr(btf, btf__add_fwd(btf, "sock", BTF_FWD_STRUCT)));
	ids[SOCKET] = checked(btf__add_ptr(btf, add_struct(btf, "socket", 128, ids[LONG])));
	ids[S8] = add_struct(btf, "s8", 8, ids[LONG]);
	ids[S12] = add_struct(btf, "s12", 12, ids[LONG]);
	ids[S16] = add_struct(btf, "s16", 16, ids[LONG]);
	ids[S24] = add_struct(btf, "s24", 24, ids[LONG]);
	ids[REASON] = checked(btf__add_enum(btf, "skb_drop_reason", 4));
	assert_int_equal(btf__add_enum_value(btf, "SKB_NOT_DROPPED_YET", 0), 0);
	ids[REASON_TYPEDEF] = checked(btf__add_typedef(btf, "reason_t", ids[REASON]));
	ids[OTHER_ENUM] = checked(btf__add_enum(btf, "sk_rst_reason", 4));
	assert_int_equal(btf__add_enum_value(btf, "SK_RST_REASON_NOT_SPECIFIED", 0), 0);
}

static int add_proto(struct fake_kernel *k, const enum fake_type *params)
{
	int id = checked(btf__add_func_proto(k->btf, 0));

	for (; *params; params++)
		assert_int_equal(btf__add_func_param(k->btf, "p", k->ids[*params]), 0);
	return id;
}

void fake_function(struct fake_kernel *k, const char *name, const enum fake_type *params)
{
	int proto = add_proto(k, params);

	checked(btf__add_func(k->btf, name, BTF_FUNC_STATIC, proto));
}

uint32_t fake_tracepoint(struct fake_kernel *k, const char *name, const enum fake_type *params)
{
	int ptr = checked(btf__add_ptr(k->btf, add_proto(k, params)));

	return (uint32_t)checked(btf__add_typedef(k->btf, name, ptr));
}

void fake_kernel_create(struct fake_kernel *k, const char *symbols, const char *ftrace)
{
	struct temp_file f = temp_file_text(symbols);

	memset(k, 0, sizeof(*k));
	k->btf = btf__new_empty();
	assert_non_null(k->btf);
	add_types(k);
	assert_int_equal(kallsyms_create(f.path, &k->kallsyms), 0);
	temp_file_destroy(&f);
	k->ftrace = temp_file_text(ftrace);
}

void fake_kernel_destroy(struct fake_kernel *k)
{
	btf__free(k->btf);
	kallsyms_destroy(k->kallsyms);
	temp_file_destroy(&k->ftrace);
}

void fake_typedef(struct fake_kernel *k, const char *name, int of)
{
	checked(btf__add_typedef(k->btf, name, of));
}

struct target_set fake_targets(const struct fake_kernel *k)
{
	struct target_set set;

	assert_int_equal(target_functions(k->btf, k->kallsyms, k->ftrace.path, &set), 0);
	return set;
}

const struct target *fake_target(const struct target_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->all[i].name, name))
			return &set->all[i];
	return NULL;
}
