/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_EXPR_ATOM_H
#define REPORT_EXPR_ATOM_H

/*
 * One comparison of an expression: a field against what it may be. What a value stands for depends
 * on the field's type: `10` is a number, a name or no address. A field that is not known makes any
 * comparison false.
 */

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "report/filter/expr_lex.h"
#include "report/filter/field.h"
#include "report/filter/moment.h"

struct expr_error {
	unsigned int column; /* 1 first */
	char why[200];
};

/* -EINVAL, with what is wrong where. */
int expr_error(struct expr_error *e, unsigned int column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct expr_value {
	union {
		uint64_t number;
		struct {
			struct moment moment;
			int64_t when;
		};
		struct {
			uint8_t family;
			uint8_t bits; /* of the prefix */
			uint8_t address[16];
		};
		uint8_t mac[6];
		struct {
			char *text; /* owned */
			size_t text_len;
		};
	};
};

struct expr_atom {
	const struct field *field;
	bool any;		      /* of any hit of a path */
	enum expr_token_kind compare; /* EQ to IN; END: the field itself, a BOOL */
	struct expr_value *values;    /* one; of IN any number; of LIKE none */
	size_t n_values;
	regex_t *regex; /* of LIKE */
};

/* Can its field be compared that way? -EINVAL. */
int expr_atom_check(const struct expr_atom *a, const struct expr_token *compare,
		    struct expr_error *error);
/* One more value, or the regular expression. -EINVAL, -ENOMEM. */
int expr_atom_add(struct expr_atom *a, const struct expr_token *value, bool utc,
		  struct expr_error *error);
void expr_atom_deinit(struct expr_atom *a);

/* Sets what times of day and times since the first hit are. */
void expr_atom_begin(struct expr_atom *a, int64_t first);
bool expr_atom_true(const struct expr_atom *a, const struct field_value *v);

#endif
