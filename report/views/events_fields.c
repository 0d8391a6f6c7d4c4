// SPDX-License-Identifier: GPL-2.0-only
/* A hit's fields, all of them, as JSON and as CSV. */
#include "report/views/events.h"

#include "report/read/capture.h"
#include "report/render/debuginfo_json.h"
#include "report/filter/field.h"
#include "report/render/render_csv.h"
#include "report/render/render_field.h"
#include "report/render/render_json.h"

void events_json(struct events *v, const struct hit *h)
{
	struct field_hit at = field_hit(h);
	struct field_value value;
	struct sink *s = v->out;

	json_open(s, '{');
	for (enum field_id id = 0; id < FIELD_COUNT; id++) {
		if (fields[id].scope != FIELD_SCOPE_HIT)
			continue;
		if (id == FIELD_STACK) {
			json_stack(s, fields[id].key, h->capture, h->event.stack,
				   h->event.stack_len);
			continue;
		}
		field_of_hit(id, &at, &value);
		json_field(s, &fields[id], &value);
		if (id == FIELD_CALLER_INLINED)
			debuginfo_json_inlined(s, h->capture, h->event.caller);
	}
	json_close(s, '}');
	sink_char(s, '\n');
}

void events_csv_header(struct events *v)
{
	csv_field_names(v->out, FIELD_SCOPE_HIT);
	csv_end(v->out);
}

void events_csv(struct events *v, const struct hit *h)
{
	struct field_hit at = field_hit(h);
	struct field_value value;

	for (enum field_id id = 0; id < FIELD_COUNT; id++) {
		if (fields[id].scope != FIELD_SCOPE_HIT || !csv_has(&fields[id]))
			continue;
		field_of_hit(id, &at, &value);
		csv_field(v->out, &fields[id], &value);
	}
	csv_end(v->out);
}
