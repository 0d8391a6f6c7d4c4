// SPDX-License-Identifier: GPL-2.0-only
#include "report/render/render_csv.h"

#include "common/utf8.h"
#include "report/symbol/debuginfo.h"
#include "report/render/render_text.h"

static void comma(struct sink *s)
{
	if (sink_last(s) != '\n')
		sink_char(s, ',');
}

/* The first value of a line leaves no trace unless it is quoted. */
static void empty(struct sink *s)
{
	sink_str(s, sink_last(s) == '\n' ? "\"\"" : ",");
}

static bool is_formula(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static bool wants_quotes(const char *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (v[i] == ',' || v[i] == '"' || v[i] == ' ' || v[i] == '\'')
			return true;
	return false;
}

static void put(struct sink *s, const char *v, size_t len)
{
	uint32_t code;
	size_t n;

	for (; len; v += n, len -= n) {
		n = utf8_next(v, len, &code);
		if (!n || utf8_unsafe(code)) {
			n = n ? n : 1;
			sink_str(s, "\xef\xbf\xbd");
			continue;
		}
		if (code == '"')
			sink_char(s, '"');
		sink_mem(s, v, n);
	}
}

void csv_text(struct sink *s, const char *v, size_t len)
{
	bool formula = len && is_formula(v[0]), quotes = formula || wants_quotes(v, len);

	if (!len) {
		empty(s);
		return;
	}
	comma(s);
	if (quotes)
		sink_char(s, '"');
	if (formula)
		sink_char(s, '\'');
	put(s, v, len);
	if (quotes)
		sink_char(s, '"');
}

void csv_str(struct sink *s, const char *v)
{
	if (v)
		csv_text(s, v, strlen(v));
	else
		csv_none(s);
}

void csv_u64(struct sink *s, uint64_t v)
{
	comma(s);
	sink_u64(s, v);
}

void csv_hex(struct sink *s, uint64_t v)
{
	comma(s);
	sink_mem(s, "0x", 2);
	sink_hex(s, v, 1);
}

void csv_bool(struct sink *s, bool v)
{
	comma(s);
	sink_str(s, v ? "true" : "false");
}

void csv_none(struct sink *s)
{
	empty(s);
}

void csv_maybe(struct sink *s, bool known, uint64_t v)
{
	if (known)
		csv_u64(s, v);
	else
		csv_none(s);
}

void csv_time(struct sink *s, int64_t when)
{
	comma(s);
	text_time_utc(s, when);
}

void csv_end(struct sink *s)
{
	sink_char(s, '\n');
}

void csv_caller(struct sink *s, struct capture *c, uint64_t addr)
{
	struct symbol sym = {.name = NULL};
	const struct linetable_frame *place;
	struct debuginfo_frames f;

	if (addr)
		csv_hex(s, addr);
	else
		csv_none(s);
	symbols_find_caller(capture_symbols(c), addr, &sym);
	csv_str(s, sym.name);
	csv_maybe(s, sym.name, sym.offset);
	csv_str(s, sym.name ? sym.module : NULL);
	if (!debuginfo_caller(c, addr, &f)) {
		for (int i = 0; i < 3; i++)
			csv_none(s);
		return;
	}
	place = debuginfo_outermost(&f);
	csv_str(s, *place->file ? place->file : NULL);
	csv_maybe(s, place->line, place->line);
	csv_bool(s, f.verified);
}
