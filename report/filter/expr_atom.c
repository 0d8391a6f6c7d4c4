// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/expr_atom.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/path/outcome.h"

#define VALUES_MAX  256u       /* of one {…} */
#define REGEX_MOST  (1u << 16) /* characters that one is written out to: some 40 MiB */
#define REGEX_LOOPS 32u	       /* *, + and ? of one */
#define NUMBER_SIZE 64u

int expr_error(struct expr_error *e, unsigned int column, const char *fmt, ...)
{
	va_list ap;

	e->column = column;
	va_start(ap, fmt);
	vsnprintf(e->why, sizeof(e->why), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- values ---- */

static bool parse_number(const char *text, uint64_t *ret)
{
	bool hex = text[0] == '0' && (text[1] | 32) == 'x';
	const char *digits = hex ? text + 2 : text;
	char *end;

	if (!*digits ||
	    strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*ret = strtoull(digits, &end, hex ? 16 : 10);
	return !errno;
}

static bool parse_address(char *text, struct expr_value *v)
{
	char *slash = strchr(text, '/');
	uint64_t bits = UINT64_MAX;

	if (slash)
		*slash = 0;
	memset(v->address, 0, sizeof(v->address));
	v->family = inet_pton(AF_INET, text, v->address) == 1	 ? 4
		    : inet_pton(AF_INET6, text, v->address) == 1 ? 6
								 : 0;
	if (slash && !(slash[1] && slash[1] != '0' && parse_number(slash + 1, &bits)) &&
	    strcmp(slash + 1, "0"))
		return false;
	if (slash && !strcmp(slash + 1, "0"))
		bits = 0;
	if (!slash)
		bits = v->family == 4 ? 32 : 128;
	v->bits = (uint8_t)bits;
	return v->family && bits <= (v->family == 4 ? 32u : 128u);
}

static bool in_prefix(const struct expr_value *v, uint8_t family, const uint8_t *address)
{
	size_t whole = v->bits / 8;
	unsigned int rest = v->bits % 8;

	if (family != v->family || memcmp(address, v->address, whole))
		return false;
	return !rest || !((address[whole] ^ v->address[whole]) >> (8 - rest));
}

static bool parse_mac(const char *text, struct expr_value *v)
{
	unsigned int digit[2];

	if (strlen(text) != 17)
		return false;
	for (size_t i = 0; i < 6; i++, text += 3) {
		for (size_t k = 0; k < 2; k++) {
			char c = text[k] | 32;

			if (!(text[k] >= '0' && text[k] <= '9') && !(c >= 'a' && c <= 'f'))
				return false;
			digit[k] = (unsigned int)(c >= 'a' ? c - 'a' + 10 : text[k] - '0');
		}
		if (i < 5 && text[2] != ':' && text[2] != '-')
			return false;
		v->mac[i] = (uint8_t)(digit[0] << 4 | digit[1]);
	}
	return true;
}

/* One of the words that the field can be, where there are only so many. */
static bool possible(const struct field *f, const char *text)
{
	const char *word;

	if (f->id == FIELD_OUTCOME) {
		for (int i = 0; i < OUTCOMES; i++)
			if (!strcmp(outcome_word((enum outcome)i), text))
				return true;
		return false;
	}
	if (f->id == FIELD_PARENT_KIND) {
		for (uint8_t i = 0; i < EDGES; i++) {
			word = path_edge_word(i);
			if (word && !strcmp(word, text))
				return true;
		}
		return false;
	}
	return true;
}

static int add_text(struct expr_value *v, char **text)
{
	v->text = steal_ptr(text);
	v->text_len = strlen(v->text);
	return 0;
}

/* text may be taken, or changed. */
static int parse_value(const struct expr_atom *a, char **text, bool utc, unsigned int column,
		       struct expr_value *v, struct expr_error *error)
{
	const struct field *f = a->field;

	switch (f->type) {
	case FIELD_TYPE_NUMBER:
	case FIELD_TYPE_HEX:
		return parse_number(*text, &v->number)
			       ? 0
			       : expr_error(error, column, "%s is compared with a number", f->name);
	case FIELD_TYPE_BOOL:
		v->number = !strcmp(*text, "true");
		return v->number || !strcmp(*text, "false")
			       ? 0
			       : expr_error(error, column, "%s is true or false", f->name);
	case FIELD_TYPE_ADDRESS:
		return parse_address(*text, v)
			       ? 0
			       : expr_error(error, column,
					    "%s is compared with an address, or a network such as "
					    "10.0.0.0/8",
					    f->name);
	case FIELD_TYPE_MAC:
		return parse_mac(*text, v) ? 0
					   : expr_error(error, column,
							"%s is compared with a MAC address such as "
							"02:00:00:00:00:01",
							f->name);
	case FIELD_TYPE_DURATION:
		return moment_duration(*text, strlen(*text), &v->number)
			       ? expr_error(
					 error, column,
					 "%s is compared with a duration such as 1.5ms; units are "
					 "ns, us, ms, s, m, h",
					 f->name)
			       : 0;
	case FIELD_TYPE_TIME:
		return moment_parse(*text, strlen(*text), utc, &v->moment)
			       ? expr_error(
					 error, column,
					 "%s is compared with a time such as 2026-11-22T20:00:00Z, "
					 "20:00:05 or +1.5s",
					 f->name)
			       : 0;
	default:
		if (!possible(f, *text))
			return expr_error(error, column, "%s is never that: it is one of %s",
					  f->name,
					  f->id == FIELD_OUTCOME
						  ? "consumed, dropped, merged, no-end, alive"
						  : "clone, copy, segment, fragment, frame, merge, "
						    "queue, reassemble");
		return add_text(v, text);
	}
}

/* ---- one comparison ---- */

int expr_atom_check(const struct expr_atom *a, const struct expr_token *compare,
		    struct expr_error *error)
{
	enum field_type type = a->field->type;
	bool ordered = type == FIELD_TYPE_NUMBER || type == FIELD_TYPE_HEX ||
		       type == FIELD_TYPE_DURATION || type == FIELD_TYPE_TIME;
	bool order = a->compare >= EXPR_LT && a->compare <= EXPR_GE;

	if (type == FIELD_TYPE_LIST || type == FIELD_TYPE_BYTES)
		return expr_error(error, compare->column, "%s cannot be compared", a->field->name);
	if (order && !ordered)
		return expr_error(error, compare->column,
				  "%s has no order: use == or !=", a->field->name);
	if (a->compare == EXPR_LIKE && type != FIELD_TYPE_STRING)
		return expr_error(error, compare->column, "%s is no text: ~ is for text",
				  a->field->name);
	return 0;
}

/*
 * regcomp(3) writes out what a repetition repeats, twice for +, so repetitions of repetitions take
 * all memory. Each counts here as if it were of all before it.
 */
static bool regex_is_bounded(const char *text)
{
	uint64_t size = strlen(text);
	unsigned int loops = 0;

	for (const char *p = text; *p && size <= REGEX_MOST; p++) {
		loops += *p == '*' || *p == '+' || *p == '?';
		if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '+') {
			size *= 2;
		} else if (*p == '{') {
			char *end;
			unsigned long least = strtoul(p + 1, &end, 10),
				      most = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;

			most = most > least ? most : least;
			size *= most > REGEX_MOST ? REGEX_MOST : most ? most : 1;
		}
	}
	return size <= REGEX_MOST && loops <= REGEX_LOOPS;
}

static int add_regex(struct expr_atom *a, const char *text, unsigned int column,
		     struct expr_error *error)
{
	char why[128];
	regex_t *r;
	int err;

	if (!regex_is_bounded(text))
		return expr_error(error, column, "the regular expression repeats too much");
	r = malloc(sizeof(*r));
	if (!r)
		return -ENOMEM;
	err = regcomp(r, text, REG_EXTENDED | REG_NOSUB);
	if (!err) {
		a->regex = r;
		return 0;
	}
	regerror(err, r, why, sizeof(why));
	free(r);
	return err == REG_ESPACE ? -ENOMEM
				 : expr_error(error, column, "the regular expression: %s", why);
}

int expr_atom_add(struct expr_atom *a, const struct expr_token *value, bool utc,
		  struct expr_error *error)
{
	_cleanup_(freep) char *text = malloc(value->len + 1);
	struct expr_value v = {}, *grown;
	int err;

	if (!text)
		return -ENOMEM;
	expr_token_text(value, text);
	if (a->compare == EXPR_LIKE)
		return add_regex(a, text, value->column, error);
	if (a->n_values == VALUES_MAX)
		return expr_error(error, value->column, "more than %u values", VALUES_MAX);
	grown = realloc(a->values, (a->n_values + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	a->values = grown;
	err = parse_value(a, &text, utc, value->column, &v, error);
	if (!err)
		a->values[a->n_values++] = v;
	return err;
}

void expr_atom_deinit(struct expr_atom *a)
{
	if (a->field && a->field->type == FIELD_TYPE_STRING)
		for (size_t i = 0; i < a->n_values; i++)
			free(a->values[i].text);
	free(a->values);
	if (a->regex)
		regfree(a->regex);
	free(a->regex);
}

void expr_atom_begin(struct expr_atom *a, int64_t first)
{
	for (size_t i = 0; a->field->type == FIELD_TYPE_TIME && i < a->n_values; i++)
		a->values[i].when = moment_when(&a->values[i].moment, first);
}

/* -1, 0, 1; of types without an order 0 when equal. */
static int order(enum field_type type, const struct field_value *v, const struct expr_value *to)
{
	switch (type) {
	case FIELD_TYPE_STRING:
		return v->text_len != to->text_len || memcmp(v->text, to->text, to->text_len);
	case FIELD_TYPE_ADDRESS:
		return !in_prefix(to, v->family, v->address);
	case FIELD_TYPE_MAC:
		return !!memcmp(v->mac, to->mac, sizeof(to->mac));
	case FIELD_TYPE_TIME:
		return (v->time > to->when) - (v->time < to->when);
	default:
		return (v->number > to->number) - (v->number < to->number);
	}
}

static bool is_one_of(const struct expr_atom *a, const struct field_value *v)
{
	for (size_t i = 0; i < a->n_values; i++)
		if (!order(a->field->type, v, &a->values[i]))
			return true;
	return false;
}

bool expr_atom_true(const struct expr_atom *a, const struct field_value *v)
{
	enum field_type type = a->field->type;

	if (!v->known)
		return false;
	switch (a->compare) {
	case EXPR_END:
		return v->number;
	case EXPR_LIKE:
		return !regexec(a->regex, v->text, 0, NULL, 0);
	case EXPR_IN:
	case EXPR_EQ:
		return is_one_of(a, v);
	case EXPR_NE:
		return !is_one_of(a, v);
	case EXPR_LT:
		return order(type, v, &a->values[0]) < 0;
	case EXPR_GT:
		return order(type, v, &a->values[0]) > 0;
	case EXPR_LE:
		return order(type, v, &a->values[0]) <= 0;
	default:
		return order(type, v, &a->values[0]) >= 0;
	}
}
