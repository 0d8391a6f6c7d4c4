// SPDX-License-Identifier: GPL-2.0-only
/*
 * or:   and { "or" and }
 * and:  not { "and" not }
 * not:  { "not" } ( "(" or ")" | test )
 * test: FIELD [ compare VALUE | "in" "{" VALUE { "," VALUE } "}" ]
 *
 * It becomes steps for a machine with a stack of bits, 64 deep: as many as there are atoms.
 */
#include "report/filter/expr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 40 /* bytes of a word in a message */

/* Below: an atom's number. */
enum step { STEP_NOT = EXPR_MAX_ATOMS, STEP_AND, STEP_OR };

struct expr {
	struct expr_atom atoms[EXPR_MAX_ATOMS];
	uint8_t n_atoms;
	uint8_t steps[EXPR_MAX_STEPS];
	size_t n_steps;
	uint64_t of_hit;
	uint64_t of_any;
	uint64_t of_path;
};

struct parser {
	struct expr *expr;
	struct expr_lex lex;
	struct expr_token token; /* the next one */
	unsigned int depth;
	bool utc;
	struct expr_error *error;
};

static void advance(struct parser *p)
{
	p->token = expr_lex_next(&p->lex);
}

static int refuse(struct parser *p, const char *expected)
{
	const struct expr_token *t = &p->token;
	int len = t->len < SHOWN ? (int)t->len : SHOWN;

	if (t->kind == EXPR_END)
		return expr_error(p->error, t->column, "%s is missing", expected);
	if (t->kind == EXPR_BAD && (*t->text == '"' || *t->text == '\''))
		return expr_error(p->error, t->column, "a quote without its end");
	if (t->kind == EXPR_BAD && *t->text == '=')
		return expr_error(p->error, t->column, "equal is ==");
	return expr_error(p->error, t->column, "%s is missing before %.*s", expected, len, t->text);
}

static int add_step(struct parser *p, uint8_t step)
{
	struct expr *e = p->expr;

	if (e->n_steps == EXPR_MAX_STEPS)
		return expr_error(p->error, p->token.column,
				  "the expression is too long: more than %u steps", EXPR_MAX_STEPS);
	e->steps[e->n_steps++] = step;
	return 0;
}

static int unknown_field(struct parser *p)
{
	const struct expr_token *t = &p->token;
	int len = t->len < SHOWN ? (int)t->len : SHOWN;
	const struct field *near = field_near(t->text, t->len);

	if (near)
		return expr_error(p->error, t->column, "%.*s is no field; did you mean %s?", len,
				  t->text, near->name);
	return expr_error(p->error, t->column, "%.*s is no field", len, t->text);
}

static int parse_one_value(struct parser *p, struct expr_atom *a)
{
	int err;

	if (p->token.kind != EXPR_WORD && p->token.kind != EXPR_TEXT)
		return refuse(p, "a value");
	err = expr_atom_add(a, &p->token, p->utc, p->error);
	advance(p);
	return err;
}

static int parse_set(struct parser *p, struct expr_atom *a)
{
	int err;

	if (p->token.kind != EXPR_SET_OPEN)
		return refuse(p, "{");
	do {
		advance(p);
		err = parse_one_value(p, a);
	} while (!err && p->token.kind == EXPR_COMMA);
	if (err)
		return err;
	if (p->token.kind != EXPR_SET_CLOSE)
		return refuse(p, "} or a comma");
	advance(p);
	return 0;
}

static int parse_compare(struct parser *p, struct expr_atom *a, unsigned int column)
{
	enum expr_token_kind kind = p->token.kind;
	int err;

	if (kind < EXPR_EQ || kind > EXPR_IN) {
		if (kind == EXPR_BAD || a->field->type != FIELD_TYPE_BOOL)
			return kind == EXPR_END || kind == EXPR_BAD
				       ? refuse(p, "a comparison")
				       : expr_error(p->error, column,
						    "%s is no yes or no: compare it with something",
						    a->field->name);
		return 0;
	}
	a->compare = kind;
	err = expr_atom_check(a, &p->token, p->error);
	if (err)
		return err;
	advance(p);
	return kind == EXPR_IN ? parse_set(p, a) : parse_one_value(p, a);
}

static int parse_test(struct parser *p)
{
	unsigned int column = p->token.column;
	struct expr *e = p->expr;
	struct expr_atom *a;
	int err;

	if (p->token.kind != EXPR_WORD)
		return refuse(p, "a field");
	if (e->n_atoms == EXPR_MAX_ATOMS)
		return expr_error(p->error, column, "more than %u comparisons", EXPR_MAX_ATOMS);
	a = &e->atoms[e->n_atoms];
	a->field = field_find(p->token.text, p->token.len, &a->any);
	if (!a->field)
		return unknown_field(p);
	e->n_atoms++;
	advance(p);
	err = parse_compare(p, a, column);
	return err ? err : add_step(p, e->n_atoms - 1);
}

static int parse_or(struct parser *p);

static int parse_primary(struct parser *p)
{
	int err;

	if (p->token.kind != EXPR_OPEN)
		return parse_test(p);
	advance(p);
	err = parse_or(p);
	if (err)
		return err;
	if (p->token.kind != EXPR_CLOSE)
		return refuse(p, "a closing parenthesis");
	advance(p);
	return 0;
}

static int parse_not(struct parser *p)
{
	unsigned int before = p->depth;
	bool negate = false;
	int err;

	for (; p->token.kind == EXPR_NOT; advance(p))
		negate = !negate;
	if (p->token.kind == EXPR_OPEN && ++p->depth > EXPR_MAX_DEPTH)
		return expr_error(p->error, p->token.column, "more than %u parentheses deep",
				  EXPR_MAX_DEPTH);
	err = parse_primary(p);
	p->depth = before;
	return err || !negate ? err : add_step(p, STEP_NOT);
}

static int parse_and(struct parser *p)
{
	int err = parse_not(p);

	while (!err && p->token.kind == EXPR_AND) {
		advance(p);
		err = parse_not(p);
		if (!err)
			err = add_step(p, STEP_AND);
	}
	return err;
}

static int parse_or(struct parser *p)
{
	int err = parse_and(p);

	while (!err && p->token.kind == EXPR_OR) {
		advance(p);
		err = parse_and(p);
		if (!err)
			err = add_step(p, STEP_OR);
	}
	return err;
}

/* Whom each atom is about. */
static void sort_atoms(struct expr *e)
{
	for (size_t i = 0; i < e->n_atoms; i++) {
		const struct expr_atom *a = &e->atoms[i];

		*(a->any				? &e->of_any
		  : a->field->scope == FIELD_SCOPE_PATH ? &e->of_path
							: &e->of_hit) |= UINT64_C(1) << i;
	}
}

int expr_create(const char *text, bool utc, struct expr **ret, struct expr_error *error)
{
	struct parser p = {.lex = {.at = text, .column = 1}, .utc = utc, .error = error};
	int err;

	p.expr = calloc(1, sizeof(*p.expr));
	if (!p.expr)
		return -ENOMEM;
	advance(&p);
	err = parse_or(&p);
	if (!err && p.token.kind != EXPR_END)
		err = refuse(&p, "and or or");
	if (err) {
		expr_destroy(p.expr);
		return err;
	}
	sort_atoms(p.expr);
	*ret = p.expr;
	return 0;
}

void expr_destroy(struct expr *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_atoms; i++)
		expr_atom_deinit(&e->atoms[i]);
	free(e);
}

void expr_begin(struct expr *e, int64_t first)
{
	for (size_t i = 0; i < e->n_atoms; i++)
		expr_atom_begin(&e->atoms[i], first);
}

bool expr_needs_path(const struct expr *e)
{
	return e->of_any | e->of_path;
}

uint64_t expr_hit(const struct expr *e, const struct hit *h, uint64_t *any)
{
	struct field_hit at = field_hit(h);
	struct field_value v;
	uint64_t bits = 0;

	for (size_t i = 0; i < e->n_atoms; i++) {
		if (e->of_path >> i & 1)
			continue;
		field_of_hit(e->atoms[i].field->id, &at, &v);
		bits |= (uint64_t)expr_atom_true(&e->atoms[i], &v) << i;
	}
	*any = bits & e->of_any;
	return bits & e->of_hit;
}

uint64_t expr_path(const struct expr *e, const struct path *p)
{
	struct field_value v;
	uint64_t bits = 0;

	for (size_t i = 0; i < e->n_atoms; i++) {
		if (!(e->of_path >> i & 1))
			continue;
		field_of_path(e->atoms[i].field->id, p, &v);
		bits |= (uint64_t)expr_atom_true(&e->atoms[i], &v) << i;
	}
	return bits;
}

bool expr_holds(const struct expr *e, uint64_t atoms)
{
	uint64_t stack = 0; /* its top is bit 0 */

	for (size_t i = 0; i < e->n_steps; i++) {
		uint8_t step = e->steps[i];
		uint64_t top = stack & 1;

		if (step < EXPR_MAX_ATOMS)
			stack = stack << 1 | (atoms >> step & 1);
		else if (step == STEP_NOT)
			stack ^= 1;
		else if (step == STEP_AND)
			stack = stack >> 1 & (top | ~UINT64_C(1));
		else
			stack = stack >> 1 | top;
	}
	return stack & 1;
}
