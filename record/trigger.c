// SPDX-License-Identifier: GPL-2.0-only
#include "record/trigger.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "common/packet.h"
#include "record/reasons.h"

enum key {
	KEY_REASON,
	KEY_FUNC,
	KEY_SRC_IP,
	KEY_DST_IP,
	KEY_SRC_PORT,
	KEY_DST_PORT,
	KEY_PROTO,
	KEY_MARK,
	KEYS
};

static const char *const key_names[KEYS] = {"reason",	"func",	    "src-ip", "dst-ip",
					    "src-port", "dst-port", "proto",  "mark"};

struct address {
	uint8_t family;
	uint8_t bytes[16];
};

/* The conditions of one --trigger. */
struct one {
	const char *text;	 /* as given */
	char *words;		 /* a copy, cut up; values point into it */
	const char *value[KEYS]; /* NULL: not asked for */
	uint32_t number[KEYS];	 /* of all but addresses and functions */
	uint32_t mask;		 /* of the mark */
	bool *is_func;		 /* by target; several may have the name. NULL: not asked for */
	struct address src;
	struct address dst;
};

struct trigger {
	size_t count;
	struct one all[];
};

static int refuse(const struct one *o, const char *why, const char *what)
{
	log_error("--trigger: %s%s%s (got \"%s\")", why, what ? ": " : "", what ? what : "",
		  o->text);
	return -EINVAL;
}

static int key_of(const char *name)
{
	/* The seed's flags are taken as they are written. */
	name += strspn(name, "-");
	if (!strncmp(name, "filter-", 7))
		name += 7;
	for (int i = 0; i < KEYS; i++)
		if (!strcmp(key_names[i], name))
			return i;
	return -1;
}

static bool parse_number(const char *text, uint32_t max, uint32_t *ret)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno || v > max)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static bool parse_address(const char *text, struct address *ret)
{
	ret->family = inet_pton(AF_INET, text, ret->bytes) == 1	   ? 4
		      : inet_pton(AF_INET6, text, ret->bytes) == 1 ? 6
								   : 0;
	return ret->family;
}

static bool parse_proto(const char *text, uint32_t *ret)
{
	for (uint32_t i = 0; i < 256; i++) {
		const char *name = packet_proto_name((uint8_t)i);

		if (name && !strcasecmp(name, text)) {
			*ret = i;
			return true;
		}
	}
	return parse_number(text, 255, ret);
}

/* VALUE[/MASK] */
static bool parse_mark(char *text, uint32_t *ret, uint32_t *mask)
{
	char *slash = strchr(text, '/');

	*mask = UINT32_MAX;
	if (slash)
		*slash = 0;
	return parse_number(text, UINT32_MAX, ret) &&
	       (!slash || parse_number(slash + 1, UINT32_MAX, mask)) && !(*ret & ~*mask);
}

static bool parse_value(struct one *o, enum key key, char *value)
{
	switch (key) {
	case KEY_SRC_IP:
		return parse_address(value, &o->src);
	case KEY_DST_IP:
		return parse_address(value, &o->dst);
	case KEY_SRC_PORT:
	case KEY_DST_PORT:
		return parse_number(value, 65535, &o->number[key]);
	case KEY_PROTO:
		return parse_proto(value, &o->number[key]);
	case KEY_MARK:
		return parse_mark(value, &o->number[key], &o->mask);
	default:
		return *value;
	}
}

static int parse(struct one *o, const char *text)
{
	char *save = NULL;

	o->text = text;
	o->words = strdup(text);
	if (!o->words)
		return -ENOMEM;
	for (char *w = strtok_r(o->words, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		char *value;
		int key;

		w += strspn(w, " ");
		value = strpbrk(w, "= ");
		if (!value)
			return refuse(o, "not name=value", w);
		*value++ = 0;
		key = key_of(w);
		if (key < 0)
			return refuse(o,
				      "no such condition (reason, func, src-ip, dst-ip, src-port, "
				      "dst-port, proto, mark)",
				      w);
		if (o->value[key])
			return refuse(o, "twice", w);
		if (!parse_value(o, (enum key)key, value))
			return refuse(o, "not a value of that condition", value);
		o->value[key] = value;
	}
	for (int i = 0; i < KEYS; i++)
		if (o->value[i])
			return 0;
	return refuse(o, "no condition", NULL);
}

int trigger_create(const char *const *texts, size_t n, struct trigger **ret)
{
	struct trigger *t = calloc(1, sizeof(*t) + n * sizeof(t->all[0]));
	int err = t ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		t->count++;
		err = parse(&t->all[i], texts[i]);
	}
	if (err) {
		trigger_destroy(t);
		return err;
	}
	*ret = t;
	return 0;
}

void trigger_destroy(struct trigger *t)
{
	for (size_t i = 0; t && i < t->count; i++) {
		free(t->all[i].words);
		free(t->all[i].is_func);
	}
	free(t);
}

int trigger_reasons(struct trigger *t, const struct reasons *reasons)
{
	for (size_t i = 0; i < t->count; i++) {
		struct one *o = &t->all[i];
		const char *reason = o->value[KEY_REASON];

		if (reason && !reasons_number(reasons, reason, &o->number[KEY_REASON]))
			return refuse(o, "this kernel has no drop reason of that name", reason);
	}
	return 0;
}

static int find_func(struct one *o, const char *name, const struct target_set *targets)
{
	bool any = false;

	o->is_func = calloc(targets->count + 1, sizeof(*o->is_func));
	if (!o->is_func)
		return -ENOMEM;
	for (size_t i = 0; i < targets->count; i++) {
		const struct target *t = &targets->all[i];

		o->is_func[i] = t->status == TARGET_ATTACHED && !strcmp(t->name, name);
		any |= o->is_func[i];
	}
	return any ? 0 : refuse(o, "no function of that name is probed", name);
}

int trigger_functions(struct trigger *t, const struct target_set *targets)
{
	int err = 0;

	for (size_t i = 0; !err && i < t->count; i++)
		if (t->all[i].value[KEY_FUNC])
			err = find_func(&t->all[i], t->all[i].value[KEY_FUNC], targets);
	return err;
}

static bool is_address(const struct address *want, uint8_t family, const uint8_t *bytes)
{
	return want->family == family && !memcmp(want->bytes, bytes, family == 4 ? 4 : 16);
}

static bool tuple_holds(const struct one *o, const struct event *e, const uint8_t *frame,
			size_t len)
{
	struct event_tuple t;

	if (!o->value[KEY_SRC_IP] && !o->value[KEY_DST_IP] && !o->value[KEY_SRC_PORT] &&
	    !o->value[KEY_DST_PORT] && !o->value[KEY_PROTO])
		return true;
	packet_tuple(e, frame, len, &t);
	if (!t.family || (o->value[KEY_SRC_IP] && !is_address(&o->src, t.family, t.src)) ||
	    (o->value[KEY_DST_IP] && !is_address(&o->dst, t.family, t.dst)) ||
	    (o->value[KEY_PROTO] && t.proto != o->number[KEY_PROTO]))
		return false;
	if (o->value[KEY_SRC_PORT] && (!t.has_ports || t.sport != o->number[KEY_SRC_PORT]))
		return false;
	return !o->value[KEY_DST_PORT] || (t.has_ports && t.dport == o->number[KEY_DST_PORT]);
}

const char *trigger_hit(const struct trigger *t, const struct event *e, size_t target,
			const uint8_t *frame, size_t len)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct one *o = &t->all[i];

		if (o->is_func && !o->is_func[target])
			continue;
		if (o->value[KEY_REASON] &&
		    (!(e->flags & EVENT_REASON) || e->reason != o->number[KEY_REASON]))
			continue;
		if (o->value[KEY_MARK] && (e->mark & o->mask) != o->number[KEY_MARK])
			continue;
		if (tuple_holds(o, e, frame, len))
			return o->text;
	}
	return NULL;
}
