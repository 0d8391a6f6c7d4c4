/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_RENDER_FIELD_H
#define REPORT_RENDER_FIELD_H

/* Fields as keys of JSON and columns of CSV: fields.def decides which there are and in what order.
 */

#include "report/filter/field.h"
#include "report/render/sink.h"

/* The next key of an object and its value; of a LIST the key only. */
void json_field(struct sink *s, const struct field *f, const struct field_value *v);

/* BYTES and LIST are JSON's only: they are no columns. */
static inline bool csv_has(const struct field *f)
{
	return f->type != FIELD_TYPE_BYTES && f->type != FIELD_TYPE_LIST;
}
/* The names of all columns of that scope. */
void csv_field_names(struct sink *s, enum field_scope scope);
void csv_field(struct sink *s, const struct field *f, const struct field_value *v);

#endif
