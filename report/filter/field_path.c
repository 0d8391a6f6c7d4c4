// SPDX-License-Identifier: GPL-2.0-only
/* Values of the fields of paths. */
#include "report/filter/field.h"

#include <string.h>

#include "report/read/capture.h"
#include "report/symbol/debuginfo.h"
#include "report/path/loss.h"
#include "report/path/outcome.h"

static void set_time(struct field_value *v, int64_t when)
{
	v->known = true;
	v->time = when;
}

static void culprit_field(enum field_id id, const struct path *p, struct field_value *v)
{
	struct symbol sym = {.name = NULL};

	if (p->culprit)
		symbols_find_caller(capture_symbols(p->capture), p->culprit, &sym);
	if (id == FIELD_PATH_CULPRIT_OFFSET)
		field_set_number(v, sym.name, sym.offset);
	else
		field_set_text(v,
			       id == FIELD_PATH_CULPRIT_FUNC || !sym.name ? sym.name : sym.module);
}

static void line_field(enum field_id id, const struct path *p, struct field_value *v)
{
	const struct linetable_frame *outermost;
	struct debuginfo_frames f;

	if (!debuginfo_caller(p->capture, p->culprit, &f))
		return;
	outermost = debuginfo_outermost(&f);
	if (id == FIELD_PATH_CULPRIT_FILE)
		field_set_text(v, *outermost->file ? outermost->file : NULL);
	else if (id == FIELD_PATH_CULPRIT_LINE)
		field_set_number(v, outermost->line, outermost->line);
	else
		field_set_number(v, true, f.verified);
}

static uint64_t may_lack(const struct path *p)
{
	struct loss loss;

	loss_of_path(p, &loss);
	return loss.hits;
}

/* Whom it descends from, and what it became part of. */
static void relation_field(enum field_id id, const struct path *p, struct field_value *v)
{
	bool merged = p->outcome == OUTCOME_MERGED;

	switch (id) {
	case FIELD_PATH_FAMILY:
		return field_set_number(v, true, p->family);
	case FIELD_PATH_PARENT:
		return field_set_number(v, p->origin.kind, p->origin.packet);
	case FIELD_PATH_MERGED_INTO:
		return field_set_number(v, merged, p->into.packet);
	case FIELD_PATH_MERGED_BY:
		return field_set_text(v, merged ? p->into.func->name : NULL);
	case FIELD_PATH_HEADER:
		return field_set_number(v, tuples_first(&p->tuples) != TUPLES_NONE,
					tuples_first(&p->tuples));
	default: /* lists are JSON's to put together */
		return;
	}
}

void field_of_path(enum field_id id, const struct path *p, struct field_value *ret)
{
	ret->known = false;
	switch (id) {
	case FIELD_PATH_NUMBER:
	case FIELD_PATH_PACKET:
		return field_set_number(ret, true, p->packet);
	case FIELD_PATH_SKB:
		return field_set_number(ret, true, p->skb);
	case FIELD_PATH_CAPTURE:
		return field_set_number(ret, true, p->capture->tag);
	case FIELD_PATH_HOST:
		return field_set_text(ret, p->capture->host);
	case FIELD_PATH_START:
		return set_time(ret, p->first);
	case FIELD_PATH_END:
		return set_time(ret, p->last);
	case FIELD_PATH_DURATION:
		return field_set_number(ret, true, time_span(p->first, p->last));
	case FIELD_PATH_HITS:
		return field_set_number(ret, true, p->hits);
	case FIELD_OUTCOME:
		return field_set_text(ret, outcome_word(p->outcome));
	case FIELD_PATH_REASON:
		return field_set_text(ret, p->reason ? p->reason : p->unnamed);
	case FIELD_PATH_BY:
		return field_set_text(ret, p->verdict ? p->verdict->func->name : NULL);
	case FIELD_PATH_CULPRIT:
		return field_set_number(ret, p->culprit, p->culprit);
	case FIELD_PATH_CULPRIT_FUNC:
	case FIELD_PATH_CULPRIT_OFFSET:
	case FIELD_PATH_CULPRIT_MODULE:
		return culprit_field(id, p, ret);
	case FIELD_PATH_CULPRIT_FILE:
	case FIELD_PATH_CULPRIT_LINE:
	case FIELD_PATH_CULPRIT_VERIFIED:
		return line_field(id, p, ret);
	case FIELD_PATH_INFERRED:
		return field_set_number(ret, true, p->inferred);
	case FIELD_PATH_BEGUN:
		return field_set_number(ret, true, p->begun);
	case FIELD_PATH_MAY_LACK:
		return field_set_number(ret, true, may_lack(p));
	default:
		return relation_field(id, p, ret);
	}
}
