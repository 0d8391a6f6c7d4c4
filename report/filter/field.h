/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_FIELD_H
#define REPORT_FIELD_H

/* The fields of hits and of paths: fields.def as data, and their values. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "report/read/hit.h"
#include "report/path/path.h"
#include "report/read/symbols.h"

enum field_id {
#define HIT(id, name, type, help)	FIELD_##id,
#define PATH(id, name, key, type, help) FIELD_##id,
#include "report/filter/fields.def"
#undef HIT
#undef PATH
	FIELD_COUNT
};

enum field_type {
	FIELD_TYPE_STRING,
	FIELD_TYPE_NUMBER,
	FIELD_TYPE_HEX, /* a number that people know in hexadecimal; a string in JSON */
	FIELD_TYPE_BOOL,
	FIELD_TYPE_ADDRESS,
	FIELD_TYPE_MAC,
	FIELD_TYPE_DURATION, /* ns */
	FIELD_TYPE_TIME,     /* ns since 1970 */
	FIELD_TYPE_BYTES,    /* only JSON shows these, */
	FIELD_TYPE_LIST,     /* and puts these together itself */
};

enum field_scope { FIELD_SCOPE_HIT, FIELD_SCOPE_PATH };

struct field {
	enum field_id id;
	const char *name; /* "func", "path.duration" */
	const char *key;  /* in JSON: "func", "duration_ns" */
	enum field_type type;
	enum field_scope scope;
	const char *help;
};

struct field_value {
	bool known; /* else nothing else is set: null */
	union {
		uint64_t number; /* NUMBER, HEX, DURATION; BOOL: 0 or 1 */
		int64_t time;
		struct {
			const char *text; /* ended by a NUL; borrowed, or scratch */
			size_t text_len;
		};
		struct {
			uint8_t family; /* 4, 6 */
			uint8_t address[16];
		};
		uint8_t mac[6];
		struct {
			const uint8_t *bytes; /* borrowed; of stack: little-endian u64 */
			size_t n_bytes;
		};
	};
	char scratch[24];
};

static inline void field_set_number(struct field_value *v, bool known, uint64_t number)
{
	v->known = known;
	v->number = number;
}

/* NULL: not known. */
static inline void field_set_text(struct field_value *v, const char *text)
{
	v->known = text;
	v->text = text;
	v->text_len = text ? strlen(text) : 0;
}

/* Indexed by id. */
extern const struct field fields[FIELD_COUNT];

/*
 * The field of that name, also "path.outcome" for "outcome". *any: the name is "path." and a
 * hit's field, which speaks of any hit of a path. NULL: there is none.
 */
const struct field *field_find(const char *name, size_t len, bool *any);

/* The field that somebody may have meant who wrote that; NULL: none. */
const struct field *field_near(const char *name, size_t len);

/* A hit whose fields are asked for one by one: what several of them come from is found once. */
struct field_hit {
	const struct hit *hit;
	bool has_tuple;
	bool has_caller;
	bool has_line;
	bool verified;	  /* the line of the caller */
	uint32_t line;	  /* of it; 0 not known */
	const char *file; /* NULL not known */
	struct event_tuple tuple;
	struct symbol caller; /* name NULL: none */
};

static inline struct field_hit field_hit(const struct hit *h)
{
	return (struct field_hit){.hit = h};
}

/* The value of a hit's field; it borrows from the hit and from *ret itself. */
void field_of_hit(enum field_id id, struct field_hit *at, struct field_value *ret);
/* The same of a path that has ended. */
void field_of_path(enum field_id id, const struct path *p, struct field_value *ret);

#endif
