// SPDX-License-Identifier: GPL-2.0-only
/* A line a packet: the fields of its path, and the tuple that names it. */
#include "report/views/paths.h"

#include <string.h>

#include "report/filter/field.h"
#include "report/render/render_csv.h"
#include "report/render/render_field.h"

/* Fields of a hit that the tuple has too. */
static const enum field_id of_tuple[] = {FIELD_SRC, FIELD_DST, FIELD_SPORT, FIELD_DPORT, FIELD_L4};

void paths_csv_header(struct paths *v)
{
	csv_field_names(v->out, FIELD_SCOPE_PATH);
	for (size_t i = 0; i < sizeof(of_tuple) / sizeof(of_tuple[0]); i++)
		csv_str(v->out, fields[of_tuple[i]].key);
	csv_end(v->out);
}

static void csv_path(struct sink *s, const struct path *p)
{
	static const struct hit none; /* asked only for its tuple, which is given */
	uint16_t first = tuples_first(&p->tuples);
	struct field_hit at = {.hit = &none, .has_tuple = true};
	struct field_value value;

	for (enum field_id id = 0; id < FIELD_COUNT; id++) {
		if (fields[id].scope != FIELD_SCOPE_PATH || !csv_has(&fields[id]))
			continue;
		field_of_path(id, p, &value);
		csv_field(s, &fields[id], &value);
	}
	if (first != TUPLES_NONE)
		at.tuple = p->tuples.all[first];
	for (size_t i = 0; i < sizeof(of_tuple) / sizeof(of_tuple[0]); i++) {
		field_of_hit(of_tuple[i], &at, &value);
		csv_field(s, &fields[of_tuple[i]], &value);
	}
	csv_end(s);
}

void paths_csv(struct paths *v, struct path *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_path(v->out, paths[i]);
}
