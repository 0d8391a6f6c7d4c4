// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/expr_lex.h"

#include <string.h>

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.:/+-", c)) || (unsigned char)c > 0x7f;
}

static void skip(struct expr_lex *l, size_t n)
{
	for (; n; n--, l->at++)
		l->column += ((unsigned char)*l->at & 0xc0) != 0x80;
}

static enum expr_token_kind word_kind(const char *text, size_t len)
{
	static const struct {
		const char *word;
		enum expr_token_kind kind;
	} words[] = {{"and", EXPR_AND}, {"or", EXPR_OR}, {"not", EXPR_NOT}, {"in", EXPR_IN}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len && !memcmp(words[i].word, text, len))
			return words[i].kind;
	return EXPR_WORD;
}

static struct expr_token quoted(struct expr_lex *l)
{
	struct expr_token t = {.kind = EXPR_BAD, .text = l->at, .len = 1, .column = l->column};
	char quote = *l->at;
	size_t n = 1;

	while (l->at[n] && l->at[n] != quote)
		n += l->at[n] == '\\' && (l->at[n + 1] == quote || l->at[n + 1] == '\\') ? 2 : 1;
	if (!l->at[n])
		return t;
	t.kind = EXPR_TEXT;
	t.text = l->at + 1;
	t.len = n - 1;
	skip(l, n + 1);
	return t;
}

/* Longer ones first. */
static struct expr_token sign(struct expr_lex *l)
{
	static const struct {
		const char *text;
		enum expr_token_kind kind;
	} signs[] = {
		{"==", EXPR_EQ},      {"!=", EXPR_NE},	     {"<=", EXPR_LE},	{">=", EXPR_GE},
		{"&&", EXPR_AND},     {"||", EXPR_OR},	     {"<", EXPR_LT},	{">", EXPR_GT},
		{"~", EXPR_LIKE},     {"!", EXPR_NOT},	     {"(", EXPR_OPEN},	{")", EXPR_CLOSE},
		{"{", EXPR_SET_OPEN}, {"}", EXPR_SET_CLOSE}, {",", EXPR_COMMA},
	};
	struct expr_token t = {.kind = EXPR_BAD, .text = l->at, .len = 1, .column = l->column};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t len = strlen(signs[i].text);

		if (strncmp(l->at, signs[i].text, len))
			continue;
		t.kind = signs[i].kind;
		t.len = len;
		break;
	}
	skip(l, t.len);
	return t;
}

struct expr_token expr_lex_next(struct expr_lex *l)
{
	struct expr_token t;

	skip(l, strspn(l->at, " \t\n"));
	t = (struct expr_token){.text = l->at, .column = l->column};
	if (!*l->at)
		return t;
	if (*l->at == '"' || *l->at == '\'')
		return quoted(l);
	if (!in_word(*l->at))
		return sign(l);
	while (in_word(t.text[t.len]))
		t.len++;
	t.kind = word_kind(t.text, t.len);
	skip(l, t.len);
	return t;
}

size_t expr_token_text(const struct expr_token *t, char *out)
{
	char quote = t->kind == EXPR_TEXT ? t->text[-1] : 0;
	char *to = out;

	for (size_t i = 0; i < t->len; i++) {
		if (quote && t->text[i] == '\\' && i + 1 < t->len &&
		    (t->text[i + 1] == quote || t->text[i + 1] == '\\'))
			i++;
		*to++ = t->text[i];
	}
	*to = 0;
	return (size_t)(to - out);
}
