// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lists of a capture as JSON, in the order of the file. A line of the snapshot that is not as
 * FORMAT.md says is left out, but for PROBES, where any line tells something.
 */
#include "report/views/info.h"
#include "report/read/lines.h"
#include "report/render/render_json.h"

static void json_text_key(struct sink *s, const char *key, const char *text, size_t len)
{
	json_key(s, key);
	json_text(s, text, len);
}

/* "-" stands for the kernel. */
static void json_module(struct sink *s, const char *text, size_t len)
{
	json_text_key(s, "module", text, len == 1 && text[0] == '-' ? 0 : len);
}

void info_json_when(struct sink *s, const char *key, const struct capture *c, bool known,
		    uint64_t ktime)
{
	if (known && c->has_clock)
		json_time(s, key, (int64_t)((uint64_t)c->clock + ktime));
	else
		json_null(s, key);
}

/* ---- lines of the snapshot ---- */

static void json_netns(struct sink *s, const char *line, size_t left)
{
	uint32_t inode;

	if (!lines_take_u32(&line, &left, &inode))
		return;
	json_open(s, '{');
	json_u64(s, "inode", inode);
	json_text_key(s, "name", line, left);
	json_close(s, '}');
}

static void json_interface(struct sink *s, const char *line, size_t left)
{
	uint32_t netns, ifindex;

	if (!lines_take_u32(&line, &left, &netns) || !lines_take_u32(&line, &left, &ifindex))
		return;
	json_open(s, '{');
	json_u64(s, "netns", netns);
	json_u64(s, "ifindex", ifindex);
	json_text_key(s, "name", line, left);
	json_close(s, '}');
}

static void json_loaded(struct sink *s, const char *line, size_t left)
{
	size_t name_len, addr_len, size_len;
	const char *name = lines_word(&line, &left, &name_len);
	const char *addr_text = lines_word(&line, &left, &addr_len);
	const char *size_text = lines_word(&line, &left, &size_len);
	uint64_t addr, size;

	if (!lines_hex(addr_text, addr_len, &addr) || !lines_number(size_text, size_len, &size))
		return;
	json_open(s, '{');
	json_text_key(s, "name", name, name_len);
	json_hex(s, "address", addr);
	json_u64(s, "size", size);
	json_text_key(s, "build_id", line, left);
	json_close(s, '}');
}

static void json_probe(struct sink *s, const char *line, size_t left)
{
	const char *word;
	size_t len;

	json_open(s, '{');
	word = lines_word(&line, &left, &len);
	json_text_key(s, "status", word, len);
	word = lines_word(&line, &left, &len);
	json_text_key(s, "func", word, len);
	word = lines_word(&line, &left, &len);
	json_module(s, word, len);
	json_text_key(s, "detail", line, left);
	json_close(s, '}');
}

static void json_lines(struct sink *s, const struct capture *c, const char *key,
		       enum snapshot_record type,
		       void (*fn)(struct sink *s, const char *line, size_t left))
{
	struct cursor lines = lines_of(c->snapshot, type);
	const char *line;
	size_t len;

	json_key(s, key);
	json_open(s, '[');
	while (snapshot_line_next(&lines, &line, &len) == 1)
		fn(s, line, len);
	json_close(s, ']');
}

/* ---- functions, notes ---- */

static void json_functions(struct sink *s, const struct capture *c)
{
	json_key(s, "functions");
	json_open(s, '[');
	for (const struct func *f = c->funcs_first; f; f = f->next) {
		json_open(s, '{');
		json_hex(s, "address", f->addr);
		json_text_key(s, "func", f->name, f->name_len);
		json_text_key(s, "module", f->module, f->module_len);
		json_u64(s, "attach", f->how);
		json_u64(s, "skb_arg", f->arg);
		json_u64(s, "roles", f->roles);
		json_bool(s, "ordinal", f->ordinal);
		json_bool(s, "lifecycle", f->lifecycle);
		json_u64(s, "hits", f->hits);
		json_close(s, '}');
	}
	json_close(s, ']');
}

/* What each type of note tells, as FORMAT.md has it. */
static const struct note_keys {
	const char *type;
	struct {
		const char *name;
		bool number;
	} keys[3];
} note_keys[] = {
	[NOTE_NETNS] = {"netns", {{"inode", true}, {"name", false}}},
	[NOTE_INTERFACE] = {"interface", {{"netns", true}, {"ifindex", true}, {"name", false}}},
	[NOTE_MODULE] = {"module", {{"name", false}, {"state", false}}},
	/* Beyond what a double holds: strings. */
	[NOTE_CLOCK] = {"clock", {{"realtime", false}, {"monotonic", false}, {"boottime", false}}},
};

static void json_note(struct sink *s, const struct capture *c, const struct capture_note *n)
{
	const struct note_keys *keys = &note_keys[n->type];
	const char *value;
	uint64_t number = 0;
	size_t len;
	bool is;

	json_open(s, '{');
	json_str(s, "type", keys->type);
	json_u64(s, "ktime", n->ktime);
	info_json_when(s, "time", c, true, n->ktime);
	for (size_t i = 0; i < 3 && keys->keys[i].name; i++) {
		const char *name = keys->keys[i].name;

		is = lines_value(cursor_of(n->body, n->len), name, &value, &len);
		if (is && !keys->keys[i].number) {
			json_text_key(s, name, value, len);
			continue;
		}
		is = is && lines_number(value, len, &number);
		json_maybe(s, name, is, number);
	}
	json_close(s, '}');
}

static void json_notes(struct sink *s, const struct capture *c)
{
	json_key(s, "notes");
	json_open(s, '[');
	for (size_t i = 0; i < c->n_notes; i++)
		json_note(s, c, c->notes[i]);
	json_close(s, ']');
	json_u64(s, "notes_left_out", c->notes_left_out);
}

void info_json_lists(struct sink *s, struct capture *c)
{
	const struct snapshot *snap = c->snapshot;

	json_lines(s, c, "namespaces", SNAPSHOT_NETNS, json_netns);
	json_lines(s, c, "interfaces", SNAPSHOT_INTERFACES, json_interface);
	json_lines(s, c, "modules", SNAPSHOT_MODULES, json_loaded);
	json_u64(s, "symbols", symbols_count(capture_symbols(c)));
	json_u64(s, "btf_bytes", snap ? snap->record[SNAPSHOT_BTF].len : 0);
	if (snap && snap->record[SNAPSHOT_BTF].len)
		json_hex(s, "btf_crc32", snapshot_crc(snap, SNAPSHOT_BTF));
	else
		json_null(s, "btf_crc32");
	json_notes(s, c);
	json_functions(s, c);
	json_lines(s, c, "probe_lines", SNAPSHOT_PROBES, json_probe);
}
