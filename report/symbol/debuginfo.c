// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/debuginfo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/cursor.h"
#include "common/log.h"
#include "report/symbol/cachefile.h"
#include "report/read/lines.h"
#include "report/symbol/srcline.h"
#include "report/symbol/srctext.h"

/* A hostile capture could name any number of them. */
#define MAX_MODULES 1024u

/* The kernel, or a module, of one capture. */
struct object {
	char name[64];
	char build_id[DEBUGFILE_ID];
	uint64_t base; /* where its code begins in the capture */
	bool known;    /* the capture has such a module */
	bool has_base; /* the capture tells it */
	bool tried;
	bool refused;		 /* there is only one of another build */
	struct debugfile *file;	 /* NULL: none */
	struct srcline *srcline; /* NULL: none */
	uint64_t text;		 /* where its code begins in the file */
	struct object *next;
};

struct kernel {
	struct debugfile_finder *finder;
	struct object *objects;
	size_t n;
};

struct debuginfo {
	struct debugfile_options options;
	char *cache;
	const char *source;   /* directory; NULL: none */
	struct table kernels; /* by capture */
};

int debuginfo_create(const struct debugfile_options *options, const char *cache,
		     struct debuginfo **ret)
{
	struct debuginfo *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->options = *options;
	d->cache = cache ? strdup(cache) : NULL;
	if (cache && !d->cache) {
		free(d);
		return -ENOMEM;
	}
	*ret = d;
	return 0;
}

/* A directory that was mistyped would be one in which nothing is found. */
static void expect_directory(const char *path)
{
	struct stat st;

	if (path && stat(path, &st))
		log_warn("%s: %s", path, strerror(errno));
	else if (path && !S_ISDIR(st.st_mode))
		log_warn("%s: %s", path, strerror(ENOTDIR));
}

int debuginfo_open(const struct report_options *o, struct debuginfo **ret)
{
	struct debugfile_options options = {.vmlinux = o->vmlinux,
					    .directory = o->debug_dir,
					    .system = "/usr/lib/debug",
					    .fetch = o->fetch,
					    .allow_mismatch = o->allow_mismatch};
	char cache[PATH_MAX];
	bool keep = cachefile_directory(cache, sizeof(cache));
	int err = debuginfo_create(&options, keep ? cache : NULL, ret);

	if (err)
		return err;
	(*ret)->source = o->source_dir;
	expect_directory(o->debug_dir);
	expect_directory(o->source_dir);
	return 0;
}

static void object_destroy(struct object *o)
{
	srcline_destroy(o->srcline);
	debugfile_close(o->file);
	free(o);
}

static void kernel_destroy(void *p)
{
	struct kernel *k = p;

	for (struct object *o = k->objects, *next; o; o = next) {
		next = o->next;
		object_destroy(o);
	}
	debugfile_finder_destroy(k->finder);
	free(k);
}

void debuginfo_destroy(struct debuginfo *d)
{
	if (!d)
		return;
	table_deinit(&d->kernels, kernel_destroy);
	free(d->cache);
	free(d);
}

/* ---- what the capture tells ---- */

static void take_text(char *to, size_t size, const char *text, size_t len)
{
	if (len < size)
		snprintf(to, size, "%.*s", (int)len, text);
}

static bool describe_kernel(struct capture *c, struct object *o)
{
	struct cursor lines = lines_of(c->snapshot, SNAPSHOT_KERNEL);
	const char *value;
	size_t len;

	if (lines_value(lines, "build_id", &value, &len))
		take_text(o->build_id, sizeof(o->build_id), value, len);
	if (lines_value(lines, "text", &value, &len))
		o->has_base = lines_hex(value, len, &o->base);
	return true;
}

/* Its line of MODULES: name address size build-id. false: it has none. */
static bool describe_module(struct capture *c, struct object *o)
{
	struct cursor lines = lines_of(c->snapshot, SNAPSHOT_MODULES);
	const char *line, *word;
	size_t left, len;

	while (snapshot_line_next(&lines, &line, &left) == 1) {
		word = lines_word(&line, &left, &len);
		if (len != strlen(o->name) || memcmp(word, o->name, len))
			continue;
		word = lines_word(&line, &left, &len);
		o->has_base = lines_hex(word, len, &o->base) && o->base;
		lines_word(&line, &left, &len);
		if (left && *line != '-')
			take_text(o->build_id, sizeof(o->build_id), line, left);
		return true;
	}
	return false;
}

static int get_kernel(struct debuginfo *d, struct capture *c, struct kernel **ret)
{
	struct kernel *k = table_get(&d->kernels, (uintptr_t)c);
	char release[256];
	int err;

	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k)
			return -ENOMEM;
		err = debugfile_finder_create(&d->options,
					      capture_host(c, "release", release, sizeof(release)),
					      &k->finder);
		if (!err)
			err = table_set(&d->kernels, (uintptr_t)c, k);
		if (err) {
			kernel_destroy(k);
			return err;
		}
	}
	*ret = k;
	return 0;
}

static int add_object(struct capture *c, const char *module, struct kernel *k)
{
	struct object *o;

	if (k->n == MAX_MODULES || strlen(module) >= sizeof(o->name))
		return -ENOENT;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	take_text(o->name, sizeof(o->name), module, strlen(module));
	o->known = *module ? describe_module(c, o) : describe_kernel(c, o);
	o->next = k->objects;
	k->objects = o;
	k->n++;
	return 0;
}

static int get_object(struct debuginfo *d, struct capture *c, const char *module,
		      struct object **ret)
{
	struct object **at, *o;
	struct kernel *k;
	int err = c->snapshot ? get_kernel(d, c, &k) : -ENOENT;

	if (err)
		return err;
	for (at = &k->objects; *at && strcmp((*at)->name, module); at = &(*at)->next)
		;
	if (*at) { /* to the front: the next one is likely to be the same */
		o = *at;
		*at = o->next;
		o->next = k->objects;
		k->objects = o;
	} else {
		err = add_object(c, module, k);
		if (err)
			return err;
	}
	*ret = k->objects;
	return k->objects->known ? 0 : -ENOENT;
}

/* ---- what there is ---- */

static int find_file(struct debuginfo *d, struct capture *c, struct object *o)
{
	struct kernel *k;
	int err;

	if (o->tried)
		return 0;
	err = get_kernel(d, c, &k);
	if (!err)
		err = debugfile_find(k->finder, o->name, o->build_id, &o->file);
	if (err == -ENOMEM)
		return err;
	o->tried = true;
	o->refused = err == -ESTALE;
	return 0;
}

/* -ENOENT: no address of it is known in the source. */
static int need_lines(struct debuginfo *d, struct capture *c, struct object *o)
{
	int err = o->srcline ? 0 : find_file(d, c, o);

	if (err || o->srcline)
		return err;
	if (!o->file || !o->has_base)
		return -ENOENT;
	err = srcline_create(o->file, d->cache, &o->srcline);
	if (!err)
		err = srcline_text(o->srcline, &o->text);
	if (err) /* for good: without it any line would be wrong */
		o->has_base = false;
	return err;
}

static int module_of(struct capture *c, uint64_t addr, bool after_call, const char **ret)
{
	const struct symbols *symbols = capture_symbols(c);
	struct symbol sym;
	int err = after_call ? symbols_find_caller(symbols, addr, &sym)
			     : symbols_find(symbols, addr, &sym);

	if (!err)
		*ret = sym.module;
	return err;
}

int debuginfo_find(struct debuginfo *d, struct capture *c, uint64_t addr, bool after_call,
		   struct debuginfo_frames *ret)
{
	const char *module;
	struct object *o;
	int err = module_of(c, addr, after_call, &module);

	if (!err)
		err = get_object(d, c, module, &o);
	if (!err)
		err = need_lines(d, c, o);
	if (err)
		return err;
	if (!o->has_base)
		return -ENOENT;
	ret->n = srcline_find(o->srcline, addr - after_call - o->base + o->text, ret->frames);
	ret->verified = o->file->verified;
	return ret->n ? 0 : -ENOENT;
}

bool debuginfo_caller(struct capture *c, uint64_t addr, struct debuginfo_frames *ret)
{
	struct debuginfo *d = c->owner ? c->owner->debuginfo : NULL;

	return d && addr && !debuginfo_find(d, c, addr, true, ret) && ret->frames[0].file[0];
}

int debuginfo_source(struct debuginfo *d, struct capture *c, uint64_t addr, bool after_call,
		     char *ret, size_t size, bool *verified)
{
	struct debuginfo_frames f;
	int err = d && d->source ? debuginfo_find(d, c, addr, after_call, &f) : -ENOENT;

	if (err)
		return err;
	*verified = f.verified;
	return srctext_line(d->source, debuginfo_outermost(&f)->file, debuginfo_outermost(&f)->line,
			    ret, size);
}

int debuginfo_object(struct debuginfo *d, struct capture *c, const char *module,
		     struct debuginfo_object *ret)
{
	struct object *o;
	int err = get_object(d, c, module, &o);

	if (!err)
		err = find_file(d, c, o);
	if (err)
		return err;
	ret->build_id = o->build_id;
	ret->path = o->file ? o->file->path : NULL;
	ret->verified = o->file && o->file->verified;
	ret->place = o->file ? o->file->place : NULL;
	ret->why = o->file	    ? NULL
		   : o->refused	    ? "another-build"
		   : o->build_id[0] ? "not-found"
				    : "no-build-id";
	return 0;
}
