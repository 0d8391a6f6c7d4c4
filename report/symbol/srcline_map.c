// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/srcline_map.h"

#include <stdlib.h>

#define MAX_SECTIONS 4096u /* they are looked through, for each line */

void srcline_map_deinit(struct srcline_map *m)
{
	free(m->sections);
	*m = (struct srcline_map){0};
}

bool srcline_map_add(struct srcline_map *m, uint64_t there, uint64_t size, uint64_t align)
{
	uint64_t at = m->n ? m->sections[m->n - 1].here.end : 0;
	void *more;

	if (size > UINT32_MAX || align > UINT32_MAX || (align & (align - 1)) || at > UINT32_MAX ||
	    there > UINT64_MAX - size || m->n == MAX_SECTIONS)
		return false;
	more = realloc(m->sections, (m->n + 1) * sizeof(*m->sections));
	if (!more) {
		m->failed = true;
		return false;
	}
	m->sections = more;
	if (align)
		at = (at + align - 1) & ~(align - 1);
	m->sections[m->n].here.start = at;
	m->sections[m->n].here.end = at + size;
	m->sections[m->n++].there = there;
	return true;
}

bool srcline_map_there(const struct srcline_map *m, uint64_t here, uint64_t *ret)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct srcline_section *s = &m->sections[i];

		if (here < s->here.start || here >= s->here.end)
			continue;
		*ret = here - s->here.start + s->there;
		return true;
	}
	if (!m->n)
		*ret = here;
	return !m->n;
}

bool srcline_map_here(const struct srcline_map *m, uint64_t there, uint64_t *ret)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct srcline_section *s = &m->sections[i];

		if (there < s->there || there - s->there >= s->here.end - s->here.start)
			continue;
		*ret = there - s->there + s->here.start;
		return true;
	}
	if (!m->n)
		*ret = there;
	return !m->n;
}

void srcline_map_ranges(const struct srcline_map *m, const struct srcline_range *there,
			struct buf *out)
{
	struct srcline_range r;

	if (!m->n)
		buf_append(out, there, sizeof(*there));
	for (size_t i = 0; i < m->n; i++) {
		const struct srcline_section *s = &m->sections[i];
		uint64_t end = s->there + (s->here.end - s->here.start);

		r.start = there->start > s->there ? there->start : s->there;
		r.end = there->end < end ? there->end : end;
		if (r.start >= r.end)
			continue;
		r.start += s->here.start - s->there;
		r.end += s->here.start - s->there;
		buf_append(out, &r, sizeof(r));
	}
}
