/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_EXPR_LEX_H
#define REPORT_EXPR_LEX_H

/*
 * An expression cut into words. A bare word is all of letters, digits and _ . : / + - that stands
 * together, and bytes over 0x7f: names, numbers, addresses, times need no quotes.
 */

#include <stdbool.h>
#include <stddef.h>

enum expr_token_kind {
	EXPR_END,
	EXPR_WORD,
	EXPR_TEXT, /* in quotes */
	EXPR_EQ,
	EXPR_NE,
	EXPR_LT,
	EXPR_GT,
	EXPR_LE,
	EXPR_GE,
	EXPR_LIKE, /* ~ */
	EXPR_IN,
	EXPR_AND,
	EXPR_OR,
	EXPR_NOT,
	EXPR_OPEN,
	EXPR_CLOSE,
	EXPR_SET_OPEN,
	EXPR_SET_CLOSE,
	EXPR_COMMA,
	EXPR_BAD, /* a character that means nothing, or a quote without its end */
};

struct expr_token {
	enum expr_token_kind kind;
	const char *text; /* borrowed; of TEXT without the quotes, as it was written */
	size_t len;
	unsigned int column; /* 1 first, in characters of UTF-8 */
};

struct expr_lex {
	const char *at; /* ends with a NUL */
	unsigned int column;
};

struct expr_token expr_lex_next(struct expr_lex *l);

/* What the token stands for: in quotes a backslash before a quote or a backslash is left out. out
 * has room for len + 1 bytes; it is ended by a NUL. Its length. */
size_t expr_token_text(const struct expr_token *t, char *out);

#endif
