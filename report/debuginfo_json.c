// SPDX-License-Identifier: GPL-2.0-only
#include "report/debuginfo_json.h"

#include <stdio.h>
#include <string.h>

#include "report/debuginfo.h"
#include "report/render_json.h"

static void key(struct sink *s, const char *prefix, const char *rest)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%s", prefix, rest);
	json_key(s, text);
}

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

	key(s, prefix, "file");
	text(s, known ? f.frames[f.n - 1].file : "");
	key(s, prefix, "line");
	number(s, known ? f.frames[f.n - 1].line : 0);
	key(s, prefix, "inlined");
	if (known)
		inlined(s, &f);
	else
		sink_mem(s, "null", 4);
	key(s, prefix, "verified");
	sink_str(s, !known ? "null" : f.verified ? "true" : "false");
}
