// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/debuginfo_json.h"

#include <string.h>

#include "report/render/render_json.h"

static void text(struct sink *s, const char *v)
{
	if (*v)
		json_text(s, v, strlen(v));
	else
		sink_mem(s, "null", 4);
}

static void number(struct sink *s, uint32_t v)
{
	if (v)
		sink_u64(s, v);
	else
		sink_mem(s, "null", 4);
}

static void inlined(struct sink *s, const struct debuginfo_frames *f)
{
	sink_char(s, '[');
	for (size_t i = f->n - 1; i--;) {
		json_open(s, '{');
		json_key(s, "func");
		text(s, f->frames[i].function);
		json_key(s, "file");
		text(s, f->frames[i].file);
		json_key(s, "line");
		number(s, f->frames[i].line);
		json_close(s, '}');
	}
	sink_char(s, ']');
}

void debuginfo_json_inlined(struct sink *s, struct capture *c, uint64_t addr)
{
	struct debuginfo_frames f;

	if (debuginfo_caller(c, addr, &f))
		inlined(s, &f);
	else
		sink_mem(s, "null", 4);
}

void debuginfo_json(struct sink *s, const char *prefix, struct capture *c, uint64_t addr)
{
	struct debuginfo_frames f;
	bool known = debuginfo_caller(c, addr, &f);

	json_key2(s, prefix, "file");
	text(s, known ? debuginfo_outermost(&f)->file : "");
	json_key2(s, prefix, "line");
	number(s, known ? debuginfo_outermost(&f)->line : 0);
	json_key2(s, prefix, "inlined");
	if (known)
		inlined(s, &f);
	else
		sink_mem(s, "null", 4);
	json_key2(s, prefix, "verified");
	sink_str(s, !known ? "null" : f.verified ? "true" : "false");
}

void debuginfo_json_object(struct sink *s, const char *module, const struct debuginfo_object *o)
{
	json_str(s, "module", module);
	json_str(s, "build_id", o->build_id[0] ? o->build_id : NULL);
	json_str(s, "file", o->path);
	json_str(s, "place", o->place);
	json_key(s, "verified");
	sink_str(s, !o->path ? "null" : o->verified ? "true" : "false");
	json_str(s, "why", o->why);
}
