// SPDX-License-Identifier: GPL-2.0-only
#include "report/scrub/scrub_snapshot.h"

#include <string.h>

#include "report/read/lines.h"
#include "report/scrub/scrub_text.h"

static void number_line(struct cursor lines, const char *key, struct buf *out)
{
	const char *value;
	uint64_t n;
	size_t len;

	if (lines_value(lines, key, &value, &len) && lines_number(value, len, &n))
		buf_printf(out, "%s=%llu\n", key, (unsigned long long)n);
}

static void word_line(struct cursor lines, const char *key, const char *const *words,
		      struct buf *out)
{
	char word[SCRUB_WORD_MOST];
	const char *value;
	size_t len;

	if (!lines_value(lines, key, &value, &len) || (words && !scrub_text_is(value, len, words)))
		return;
	scrub_text_word(value, len, word);
	buf_printf(out, "%s=%s\n", key, word);
}

static void record(struct buf *raw, enum snapshot_record type, struct buf *value)
{
	if (buf_error(value))
		raw->failed = true;
	else if (value->len)
		snapshot_record_append(raw, type, value->data, value->len);
	buf_deinit(value);
}

static void host(const struct capture *c, const struct scrub_names *names, struct buf *raw)
{
	static const char *const backends[] = {"auto", "kprobe-multi", "kprobe", "tracepoint",
					       NULL};
	static const char *const buffers[] = {"auto", "ring", "perf", NULL};
	static const char *const numbers[] = {"realtime", "monotonic", "boottime", "cpus"};
	struct cursor lines = lines_of(c->snapshot, SNAPSHOT_HOST);
	struct buf b = {};
	const char *value;
	uint64_t netns;
	size_t len;

	word_line(lines, "release", NULL, &b);
	word_line(lines, "machine", NULL, &b);
	word_line(lines, "backend", backends, &b);
	word_line(lines, "buffer", buffers, &b);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		number_line(lines, numbers[i], &b);
	if (lines_value(lines, "netns", &value, &len) && lines_number(value, len, &netns) &&
	    netns <= UINT32_MAX)
		buf_printf(&b, "netns=%u\n", scrub_names_netns(names, (uint32_t)netns));
	record(raw, SNAPSHOT_HOST, &b);
}

static void reasons(const struct capture *c, struct buf *raw)
{
	struct cursor lines = lines_of(c->snapshot, SNAPSHOT_REASONS);
	char name[SCRUB_WORD_MOST];
	struct buf b = {};
	const char *line;
	uint32_t n;
	size_t len;

	while (snapshot_line_next(&lines, &line, &len) == 1) {
		if (!lines_take_u32(&line, &len, &n))
			continue;
		scrub_text_word(line, len, name);
		buf_printf(&b, "%u %s\n", n, name);
	}
	record(raw, SNAPSHOT_REASONS, &b);
}

/* "status function module detail"; of modules only those that are named elsewhere too. */
static void probe(const struct scrub_code *code, const char *line, size_t left, struct buf *b)
{
	static const char *const known[] = {"attached", "failed", "skipped", NULL};
	char func[SCRUB_WORD_MOST], module[SCRUB_WORD_MOST], detail[SCRUB_WORD_MOST];
	size_t status_len, func_len, module_len;
	const char *status = lines_word(&line, &left, &status_len);
	const char *func_at = lines_word(&line, &left, &func_len);
	const char *module_at = lines_word(&line, &left, &module_len);
	bool kernel = module_len == 1 && *module_at == '-';

	if (!scrub_text_is(status, status_len, known) || !func_len || !module_len)
		return;
	if (!kernel && !scrub_code_has_module(code, module_at, module_len))
		return;
	scrub_text_word(func_at, func_len, func);
	scrub_text_word(module_at, module_len, module);
	scrub_text_phrase(line, left, detail);
	buf_printf(b, "%.*s %s %s%s%s\n", (int)status_len, status, func, module, left ? " " : "",
		   detail);
}

static void probes(const struct capture *c, const struct scrub_code *code, struct buf *raw)
{
	struct cursor lines = lines_of(c->snapshot, SNAPSHOT_PROBES);
	struct buf b = {};
	const char *line;
	size_t left;

	while (snapshot_line_next(&lines, &line, &left) == 1)
		probe(code, line, left, &b);
	record(raw, SNAPSHOT_PROBES, &b);
}

void scrub_snapshot_build(struct capture *c, const struct scrub_code *code,
			  const struct scrub_names *names, struct buf *raw)
{
	struct buf symbols = {}, modules = {}, kernel = {}, interfaces = {};

	if (!c->snapshot)
		return;
	host(c, names, raw);
	scrub_code_symbols(code, &symbols);
	record(raw, SNAPSHOT_SYMBOLS, &symbols);
	scrub_code_modules(code, &modules);
	record(raw, SNAPSHOT_MODULES, &modules);
	scrub_code_kernel(code, &kernel);
	record(raw, SNAPSHOT_KERNEL, &kernel);
	reasons(c, raw);
	scrub_names_interfaces(names, &interfaces);
	record(raw, SNAPSHOT_INTERFACES, &interfaces);
	probes(c, code, raw);
}

/* ---- notes ---- */

/* What CPUs lost, and where they were. */
static void cpus(struct cursor lines, struct buf *body)
{
	unsigned long long v[3];
	uint64_t n[3];
	const char *line;
	uint16_t cpu;
	size_t len;

	while (snapshot_line_next(&lines, &line, &len) == 1) {
		if (lines_cpu(line, len, "lost_cpu", &cpu, n, 2)) {
			buf_printf(body, "lost_cpu%u=%llu %llu\n", cpu, v[0] = n[0], v[1] = n[1]);
		} else if (lines_cpu(line, len, "cpu", &cpu, n, 3)) {
			buf_printf(body, "cpu%u=%llu %llu %llu\n", cpu, v[0] = n[0], v[1] = n[1],
				   v[2] = n[2]);
		}
	}
}

static void counters(struct cursor lines, struct buf *body)
{
	const char *value;
	size_t len;

	for (int i = 0; i < CAPTURE_COUNTERS; i++)
		number_line(lines, capture_counter_names[i], body);
	if (lines_value(lines, "nested", &value, &len))
		buf_printf(body, "nested=%s\n",
			   len == 7 && !memcmp(value, "counted", 7) ? "counted" : "not countable");
	cpus(lines, body);
}

static void close_note(struct cursor lines, struct buf *body)
{
	static const char *const ends[] = {"SIGINT",   "SIGTERM", "SIGHUP",  "max-events",
					   "duration", "command", "error",   "none",
					   "rotated",  "SIGUSR1", "trigger", NULL};
	const char *value;
	size_t len;

	counters(lines, body);
	number_line(lines, "more", body);
	if (!lines_value(lines, "end", &value, &len))
		return;
	buf_printf(body, "end=%.*s\n", scrub_text_is(value, len, ends) ? (int)len : 5,
		   scrub_text_is(value, len, ends) ? value : "other");
}

static bool interface_note(struct cursor lines, const struct scrub_names *names, struct buf *body)
{
	char now[EVENT_NAME_LEN + 1], was[64];
	const char *netns, *ifindex, *name;
	size_t netns_len, ifindex_len, len;
	uint64_t a, b;

	if (!lines_value(lines, "netns", &netns, &netns_len) ||
	    !lines_value(lines, "ifindex", &ifindex, &ifindex_len) ||
	    !lines_value(lines, "name", &name, &len) || !lines_number(netns, netns_len, &a) ||
	    !lines_number(ifindex, ifindex_len, &b) || a > UINT32_MAX || b > UINT32_MAX ||
	    len >= sizeof(was) || !scrub_names_has(names, (uint32_t)a, (uint32_t)b))
		return false;
	memcpy(was, name, len);
	was[len] = 0;
	scrub_names_interface(names, (uint32_t)a, was, now);
	buf_printf(body, "netns=%u\nifindex=%u\nname=%s\n", scrub_names_netns(names, (uint32_t)a),
		   (unsigned int)b, now);
	return true;
}

static bool module_note(struct cursor lines, const struct scrub_code *code, struct buf *body)
{
	static const char *const states[] = {"loaded", "unloaded", NULL};
	char word[SCRUB_WORD_MOST];
	const char *name;
	size_t len;

	if (!lines_value(lines, "name", &name, &len) || !scrub_code_has_module(code, name, len))
		return false;
	scrub_text_word(name, len, word);
	buf_printf(body, "name=%s\n", word);
	word_line(lines, "state", states, body);
	return true;
}

bool scrub_snapshot_note(const struct event_note *n, const struct scrub_code *code,
			 const struct scrub_names *names, struct buf *body)
{
	struct cursor lines = cursor_of(n->body, n->body_len);

	switch (n->type) {
	case NOTE_COUNTERS:
	case NOTE_PART:
		counters(lines, body);
		return true;
	case NOTE_CLOSE:
		close_note(lines, body);
		return true;
	case NOTE_INTERFACE:
		return interface_note(lines, names, body);
	case NOTE_MODULE:
		return module_note(lines, code, body);
	case NOTE_CLOCK:
		number_line(lines, "realtime", body);
		number_line(lines, "monotonic", body);
		number_line(lines, "boottime", body);
		return true;
	default: /* the name of a namespace, or what nobody knows yet */
		return false;
	}
}
