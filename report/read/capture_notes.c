// SPDX-License-Identifier: GPL-2.0-only
/* What the recorder noted on the way. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read/capture.h"
#include "report/read/lines.h"

#define NETNS_NAMES 256 /* bytes, of one number */

/* The value of key in a note's body; false: not there. */
static bool note_value(const struct event_note *n, const char *key, const char **value, size_t *len)
{
	return lines_value(cursor_of(n->body, n->body_len), key, value, len);
}

static bool note_number(const struct event_note *n, const char *key, uint64_t *ret)
{
	const char *value;
	size_t len;

	return note_value(n, key, &value, &len) && lines_number(value, len, ret);
}

static bool note_u32(const struct event_note *n, const char *key, uint32_t *ret)
{
	uint64_t v;

	if (!note_number(n, key, &v) || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static int add_name(struct table *t, uint64_t key, const struct event_note *n)
{
	const char *value;
	size_t len;

	return note_value(n, "name", &value, &len) ? table_set_text(t, key, value, len) : 0;
}

/*
 * The kernel gives numbers out again. Which of the two a hit was in cannot be told for all of them,
 * so both names are.
 */
static int add_netns(struct capture *c, uint32_t inode, const struct event_note *n)
{
	const char *old = table_get(&c->netns, inode), *value, *known;
	char both[NETNS_NAMES];
	size_t len;
	int size;

	if (!old || !note_value(n, "name", &value, &len))
		return add_name(&c->netns, inode, n);
	for (known = old;; known += strlen(" or ")) {
		if (strnlen(known, len) == len && !memcmp(known, value, len) &&
		    (!known[len] || !strncmp(known + len, " or ", strlen(" or "))))
			return 0;
		known = strstr(known, " or ");
		if (!known)
			break;
	}
	size = snprintf(both, sizeof(both), "%s or %.*s", old, (int)len, value);
	if (len >= sizeof(both) || size < 0 || (size_t)size >= sizeof(both))
		return 0;
	return table_set_text(&c->netns, inode, both, (size_t)size);
}

static void add_numbers(struct capture *c, const struct event_note *n)
{
	c->has_counters = true;
	for (int i = 0; i < CAPTURE_COUNTERS; i++) {
		uint64_t v;

		if (note_number(n, capture_counter_names[i], &v))
			c->counters[i] = v > c->elsewhere[i] ? v - c->elsewhere[i] : 0;
	}
}

static void add_counters(struct capture *c, const struct event_note *n)
{
	int64_t when = c->has_clock ? (int64_t)((uint64_t)c->clock + n->ktime) : INT64_MAX;
	struct cursor lines = cursor_of(n->body, n->body_len);
	uint64_t lost[2]; /* "lost_cpu3=12 0": no room, and unreadable */
	const char *line;
	uint16_t cpu;
	size_t len;

	/* Files of one recording are read side by side where they meet. */
	if (n->ktime < c->counted_at)
		return;
	c->counted_at = n->ktime;
	add_numbers(c, n);
	if (note_value(n, "nested", &line, &len))
		c->nested =
			len == 7 && !memcmp(line, "counted", 7) ? NESTED_COUNTED : NESTED_UNCOUNTED;
	while (snapshot_line_next(&lines, &line, &len) == 1)
		if (lines_cpu(line, len, "lost_cpu", &cpu, lost, 2))
			ledger_counted(c->ledger, cpu, lost[0], lost[1], when);
}

/* Each file of a recording repeats those that it needs. */
static bool is_kept(const struct capture *c, const struct event_note *n)
{
	for (size_t i = 0; i < c->n_notes; i++) {
		const struct capture_note *k = c->notes[i];

		if (k->type == n->type && k->ktime == n->ktime && k->len == n->body_len &&
		    (!k->len || !memcmp(k->body, n->body, k->len)))
			return true;
	}
	return false;
}

/* Keeps a copy, unless there are too many or it is too long: then it is counted. */
static int keep_note(struct capture *c, const struct event_note *n)
{
	struct capture_note *note, **notes;

	if (c->n_notes == CAPTURE_MAX_NOTES || n->body_len > CAPTURE_MAX_NOTE) {
		c->notes_left_out++;
		return 0;
	}
	if (!(c->n_notes & (c->n_notes - 1))) { /* full at each power of two */
		notes = realloc(c->notes, (c->n_notes ? 2 * c->n_notes : 1) * sizeof(*notes));
		if (!notes)
			return -ENOMEM;
		c->notes = notes;
	}
	note = malloc(sizeof(*note) + n->body_len);
	if (!note)
		return -ENOMEM;
	note->type = n->type;
	note->ktime = n->ktime;
	note->len = n->body_len;
	if (n->body_len)
		memcpy(note->body, n->body, n->body_len);
	c->notes[c->n_notes++] = note;
	return 0;
}

/* What came before this file, if that is not known from the files themselves. */
static int add_part(struct capture *c, const struct event_note *n)
{
	uint64_t before[CAPTURE_COUNTERS];
	struct cursor lines = cursor_of(n->body, n->body_len);
	const char *line;
	uint64_t v[3];
	uint16_t cpu;
	size_t len;
	int err = 0;

	if (!c->part_missing)
		return 0;
	c->part_missing = false;
	memcpy(before, c->counters, sizeof(before));
	add_numbers(c, n);
	for (unsigned int i = 0; i < CAPTURE_COUNTERS; i++) {
		uint64_t grown = c->counters[i] > before[i] ? c->counters[i] - before[i] : 0;

		c->elsewhere[i] += grown;
		c->counters[i] -= grown;
	}
	while (!err && snapshot_line_next(&lines, &line, &len) == 1) {
		if (lines_cpu(line, len, "lost_cpu", &cpu, v, 2))
			ledger_base_counted(c->ledger, cpu, v[0], v[1]);
		else if (lines_cpu(line, len, "cpu", &cpu, v, 3))
			err = ledger_base(c->ledger, cpu, v[0], (uint32_t)v[1], (uint32_t)v[2]);
	}
	ledger_base_end(c->ledger);
	return err;
}

static void add_close(struct capture *c, const struct event_note *n)
{
	const char *value;
	uint64_t file;
	size_t len;

	if (note_number(n, "more", &file)) {
		/* Files that overlap in time are read at once, a short one to its end before the
		 * one before it. */
		if (c->ended || file + 1 < c->closed_files)
			return;
		c->closed_files = file < UINT32_MAX ? (uint32_t)file + 1 : c->closed_files;
	} else {
		c->ended = true;
	}
	c->closed_at = n->ktime;
	if (note_value(n, "end", &value, &len))
		snprintf(c->end, sizeof(c->end), "%.*s", len > 255 ? 255 : (int)len, value);
	add_counters(c, n);
	if (!c->ended && capture_closed(c))
		ledger_goes_on(c->ledger);
}

int capture_add_note(struct capture *c, const struct event_note *n)
{
	uint32_t a, b;
	int err = 0;

	switch (n->type) {
	case NOTE_CLOSE:
		add_close(c, n);
		return 0;
	case NOTE_COUNTERS:
		if (!c->ended) /* else of a file before, see add_close() */
			add_counters(c, n);
		return 0;
	case NOTE_PART:
		return add_part(c, n);
	case NOTE_NETNS:
		if (note_u32(n, "inode", &a))
			err = add_netns(c, a, n);
		break;
	case NOTE_INTERFACE:
		if (note_u32(n, "netns", &a) && note_u32(n, "ifindex", &b))
			err = add_name(&c->ifaces, (uint64_t)a << 32 | b, n);
		break;
	case NOTE_MODULE:
		c->modules_changed += !is_kept(c, n);
		break;
	case NOTE_CLOCK:
		c->clock_steps += !is_kept(c, n);
		break;
	default:
		return 0;
	}
	return err || is_kept(c, n) ? err : keep_note(c, n);
}
