// SPDX-License-Identifier: GPL-2.0-only
/* Of the kernel and each module that hits lead to: the build-id, and where its debug information
 * is. What is not there is told with what to install. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/symbol/debuginfo.h"
#include "report/render/debuginfo_json.h"
#include "report/render/debuginfo_text.h"
#include "report/render/render_json.h"
#include "report/render/render_text.h"
#include "report/view.h"

/* Distinct addresses that are looked up: a hostile capture could have any number. */
#define MAX_ADDRESSES 262144u
#define MAX_MODULES   1024u

struct module {
	struct capture *capture;
	const char *name; /* "" the kernel */
	struct module *next;
};

struct needs {
	const struct report_options *options;
	struct sink *out;
	struct table seen; /* addresses */
	size_t n_seen;
	bool left_out;
	struct module *first;
	struct module **last;
	size_t n_modules;
	bool failed;
};

static enum view_need needs_need(const struct report_options *o)
{
	(void)o;
	return VIEW_HITS;
}

static int needs_create(const struct report_options *o, struct sink *out, void **ret)
{
	struct needs *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->options = o;
	v->out = out;
	v->last = &v->first;
	*ret = v;
	return 0;
}

static void needs_destroy(void *view)
{
	struct needs *v = view;

	for (struct module *m = v->first, *next; m; m = next) {
		next = m->next;
		free(m);
	}
	table_deinit(&v->seen, NULL);
	free(v);
}

/* ---- collecting ---- */

static void add_module(struct needs *v, struct capture *c, const char *name)
{
	struct module *m = v->first;

	while (m && (m->capture != c || strcmp(m->name, name)))
		m = m->next;
	if (m)
		return;
	if (v->n_modules == MAX_MODULES) {
		v->left_out = true;
		return;
	}
	m = malloc(sizeof(*m));
	if (!m) {
		v->failed = true;
		return;
	}
	*m = (struct module){.capture = c, .name = name};
	v->n_modules++;
	*v->last = m;
	v->last = &m->next;
}

static void add_address(struct needs *v, struct capture *c, uint64_t addr)
{
	uint64_t key = addr ^ (uint64_t)c->index << 48;
	struct symbol sym;

	if (!addr || table_get(&v->seen, key))
		return;
	if (v->n_seen == MAX_ADDRESSES) {
		v->left_out = true;
		return;
	}
	v->n_seen++;
	if (table_set(&v->seen, key, v))
		v->failed = true;
	if (!symbols_find_caller(capture_symbols(c), addr, &sym))
		add_module(v, c, sym.module);
}

static void needs_hit(void *view, const struct hit *h, const struct path *p, bool matched)
{
	struct cursor stack = cursor_of(h->event.stack, (size_t)h->event.stack_len * 8);
	struct needs *v = view;

	(void)p;
	if (!matched)
		return;
	add_module(v, h->capture, "");
	/* As if it had been called from its first byte on. */
	add_address(v, h->capture, h->func->addr + 1);
	add_address(v, h->capture, h->event.caller);
	while (cursor_left(&stack) >= 8)
		add_address(v, h->capture, cursor_le64(&stack));
}

/* ---- printing ---- */

/* BPF programs and the like have no file. */
static bool look(struct needs *v, const struct module *m, struct debuginfo_object *o)
{
	struct debuginfo *d = m->capture->owner->debuginfo;

	/* Without a snapshot that is all there is to say. */
	*o = (struct debuginfo_object){.build_id = "", .why = "no-build-id"};
	if (d && debuginfo_object(d, m->capture, m->name, o) == -ENOMEM)
		v->failed = true;
	return d && (o->build_id[0] || !m->name[0]);
}

static void json_module(struct needs *v, const struct module *m)
{
	struct debuginfo_object o;
	char value[256];

	if (!look(v, m, &o))
		return;
	json_open(v->out, '{');
	json_hex(v->out, "capture", m->capture->tag);
	json_str(v->out, "host", m->capture->host);
	json_str(v->out, "release", capture_host(m->capture, "release", value, sizeof(value)));
	debuginfo_json_object(v->out, m->name, &o);
	json_close(v->out, '}');
	sink_char(v->out, '\n');
}

/* true: its debug information is there, or there can be none. */
static bool text_module(struct needs *v, const struct module *m, bool *shown)
{
	struct debuginfo_object o;

	*shown = look(v, m, &o);
	if (*shown)
		debuginfo_text_object(v->out, m->name, &o);
	return !*shown || o.path;
}

/* Fit to be pasted into a shell: a capture may say anything. */
static bool is_release(const char *release)
{
	return *release && *release != '-' && *release != '.' &&
	       !release[strspn(release, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789.+~_-")];
}

static void text_capture(struct needs *v, struct capture *c)
{
	char value[256];
	const char *release = capture_host(c, "release", value, sizeof(value));
	bool all = true, any = false, shown;

	if (capture_name(c)) {
		text_escaped(v->out, capture_name(c), strlen(capture_name(c)));
		sink_str(v->out, ":\n");
	}
	for (const struct module *m = v->first; m; m = m->next) {
		if (m->capture != c)
			continue;
		all &= text_module(v, m, &shown);
		any |= shown;
	}
	if (!any)
		sink_str(v->out, "no hit: nothing is needed\n");
	if (all || !is_release(release))
		return;
	sink_printf(v->out, "Debian        apt-get install linux-image-%s-dbg\n", release);
	sink_printf(v->out, "Fedora        dnf debuginfo-install kernel-%s\n", release);
}

static void needs_end(void *view, const struct totals *t)
{
	struct needs *v = view;

	if (v->options->json) {
		for (const struct module *m = v->first; m; m = m->next)
			json_module(v, m);
	} else {
		for (size_t i = 0; i < t->captures->count; i++)
			text_capture(v, t->captures->all[i]);
	}
	if (v->left_out)
		log_warn("more than %u addresses or %u modules: not all are listed", MAX_ADDRESSES,
			 MAX_MODULES);
	if (v->failed)
		log_error("out of memory: something is missing");
}

const struct view_ops view_debuginfo = {
	.name = "debuginfo",
	.no_csv = true,
	.need = needs_need,
	.create = needs_create,
	.destroy = needs_destroy,
	.hit = needs_hit,
	.end = needs_end,
};
