// SPDX-License-Identifier: GPL-2.0-only
#include "report/symbol/debugfile.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "report/symbol/debugfile_elf.h"
#include "report/symbol/fetch.h"
#include "report/read/table.h"

#define MAX_ENTRIES 200000 /* of a tree of modules: more is something else */
#define MAX_DEPTH   12

/* A directory that is laid out as the system's. */
struct root {
	const char *path; /* NULL: not given */
	const char *place;
	struct table modules; /* by hash of the name: the path */
	bool has_modules;
};

struct debugfile_finder {
	struct debugfile_options options;
	struct root roots[2]; /* in the order they are searched in */
	char *release;	      /* "" it names no directory */
};

/* What is looked for, and what has been found. */
struct search {
	struct debugfile_finder *f;
	const char *module;
	const char *build_id;
	const char *place;	 /* where at present */
	struct debugfile *found; /* right */
	struct debugfile *other; /* the first that is not */
	bool refused;		 /* some were of another build */
};

void debugfile_close(struct debugfile *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		close(d->fd);
	if (d->alt_fd >= 0)
		close(d->alt_fd);
	free(d->path);
	free(d);
}

static void debugfile_closep(struct debugfile **d)
{
	debugfile_close(*d);
}

/* ---- one file ---- */

static bool join(char path[PATH_MAX], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool join(char path[PATH_MAX], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, PATH_MAX, fmt, ap);
	va_end(ap);
	return n > 0 && n < PATH_MAX;
}

static bool is_hex(const char *id)
{
	return strlen(id) > 2 && strlen(id) < DEBUGFILE_ID && !id[strspn(id, "0123456789abcdef")];
}

/* A pipe must not keep us waiting. */
static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static bool open_alt(const char *path, const struct debugfile_elf *elf, int *ret)
{
	_cleanup_(closep) int fd = open_regular(path);
	struct debugfile_elf alt;

	if (fd < 0 || debugfile_elf_read(fd, &alt) || strcmp(alt.build_id, elf->alt_id))
		return false;
	*ret = steal_fd(&fd);
	return true;
}

static bool find_alt(const struct debugfile_finder *f, const char *path,
		     const struct debugfile_elf *elf, int *ret)
{
	const char *id = elf->alt_id, *slash;
	char at[PATH_MAX], real[PATH_MAX];

	for (size_t i = 0; is_hex(id) && i < 2; i++)
		if (f->roots[i].path &&
		    join(at, "%s/.build-id/%.2s/%s.debug", f->roots[i].path, id, id + 2) &&
		    open_alt(at, elf, ret))
			return true;
	if (elf->alt_name[0] == '/') {
		if (open_alt(elf->alt_name, elf, ret))
			return true;
	} else if (realpath(path, real)) {
		slash = strrchr(real, '/');
		if (slash && join(at, "%.*s/%s", (int)(slash - real), real, elf->alt_name) &&
		    open_alt(at, elf, ret))
			return true;
	}
	return is_hex(id) && !fetch_file(f->options.fetch, id, at, sizeof(at)) &&
	       open_alt(at, elf, ret);
}

static const char *or_none(const char *id)
{
	return *id ? id : "none";
}

/* given: the user has named that very file. What is wrong with it is said then, and without debug
 * information a stripped kernel is met everywhere. */
static int try_file(struct search *s, const char *path, bool given)
{
	_cleanup_(debugfile_closep) struct debugfile *d = calloc(1, sizeof(*d));
	struct debugfile_elf elf;
	bool right;

	if (!d)
		return -ENOMEM;
	d->alt_fd = -1;
	d->fd = open_regular(path);
	if (d->fd < 0) {
		if (given)
			log_warn("%s: %s", path, strerror(errno));
		return 0;
	}
	d->path = strdup(path);
	if (!d->path)
		return -ENOMEM;
	if (debugfile_elf_read(d->fd, &elf) || !elf.has_debug) {
		if (given)
			log_warn("%s: no file with debug information", path);
		return 0;
	}
	right = *s->build_id && !strcmp(elf.build_id, s->build_id);
	if (!right)
		log_warn("%s: build-id %s, but the capture has %s: %s", path, or_none(elf.build_id),
			 or_none(s->build_id),
			 s->f->options.allow_mismatch && !s->other
				 ? "used unverified, if there is none that is right"
				 : "not used");
	s->refused |= !right;
	if (!right && (!s->f->options.allow_mismatch || s->other))
		return 0;
	if (*elf.alt_id && !find_alt(s->f, path, &elf, &d->alt_fd)) {
		log_warn("%s: not used: a part of it is in %s, build-id %s, which is not there",
			 path, elf.alt_name, elf.alt_id);
		return 0;
	}
	snprintf(d->build_id, sizeof(d->build_id), "%s", elf.build_id);
	d->verified = right;
	d->place = s->place;
	*(right ? &s->found : &s->other) = steal_ptr(&d);
	return 0;
}

/* ---- a tree of modules ---- */

/* Of "nf_conntrack.ko.debug", in which a module's name has '-' for '_': as names are in the kernel.
 */
static uint64_t module_hash(const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)(name[i] == '-' ? '_' : name[i])) * 0x100000001b3;
	return h;
}

static int add_module(struct root *r, const char *path, const char *name)
{
	const char *end = strstr(name, ".ko");
	uint64_t key;

	if (!end || end == name || (strcmp(end, ".ko") && strcmp(end, ".ko.debug")))
		return 0;
	key = module_hash(name, (size_t)(end - name));
	return table_get(&r->modules, key) ? 0
					   : table_set_text(&r->modules, key, path, strlen(path));
}

static int add_tree(struct root *r, char *path)
{
	char *const roots[] = {path, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	unsigned int n = 0;
	FTSENT *e;
	int err = 0;

	while (tree && !err && n++ < MAX_ENTRIES && (e = fts_read(tree))) {
		if (e->fts_info == FTS_D && e->fts_level > MAX_DEPTH)
			fts_set(tree, e, FTS_SKIP);
		else if (e->fts_info == FTS_F || e->fts_info == FTS_NSOK)
			err = add_module(r, e->fts_path, e->fts_name);
	}
	if (tree)
		fts_close(tree);
	return err;
}

static int find_modules(struct root *r, const char *release)
{
	static const char *const below[] = {"lib/modules", "usr/lib/modules"};
	char path[PATH_MAX];
	int err = 0;

	r->has_modules = true;
	for (size_t i = 0; *release && !err && i < 2; i++)
		if (join(path, "%s/%s/%s", r->path, below[i], release))
			err = add_tree(r, path);
	return err;
}

/* ---- all places ---- */

static int try_id(struct search *s, const char *root)
{
	char path[PATH_MAX];

	/* Of a file that stands by its build-id there, that is right. */
	if (!is_hex(s->build_id) ||
	    !join(path, "%s/.build-id/%.2s/%s.debug", root, s->build_id, s->build_id + 2))
		return 0;
	return try_file(s, path, false);
}

static int try_kernel(struct search *s, const char *root)
{
	static const char *const places[] = {"boot/vmlinux-", "lib/modules/%/vmlinux",
					     "usr/lib/modules/%/vmlinux", "vmlinux-"};
	const char *release = s->f->release;
	char path[PATH_MAX];
	int err = 0;

	for (size_t i = 0; *release && !err && !s->found && i < 4; i++) {
		size_t before = strcspn(places[i], "%");

		if (join(path, "%s/%.*s%s%s", root, (int)before, places[i], release,
			 places[i] + before + (places[i][before] == '%')))
			err = try_file(s, path, false);
	}
	return err;
}

static int try_module(struct search *s, struct root *r)
{
	const char *path;
	int err = r->has_modules ? 0 : find_modules(r, s->f->release);

	path = table_get(&r->modules, module_hash(s->module, strlen(s->module)));
	return err || !path ? err : try_file(s, path, false);
}

/* What the user has put into the directory itself. */
static int try_flat(struct search *s, const char *directory)
{
	const char *name = *s->module ? s->module : "vmlinux";
	static const char *const ends[] = {".ko", ".ko.debug"};
	char path[PATH_MAX];
	int err = 0;

	for (int i = 0; !err && !s->found && !strchr(name, '/') && i < (*s->module ? 2 : 1); i++)
		if (join(path, "%s/%s%s", directory, name, *s->module ? ends[i] : ""))
			err = try_file(s, path, false);
	return err;
}

static int try_root(struct search *s, struct root *r)
{
	int err;

	s->place = r->place;
	err = try_id(s, r->path);
	if (!err && !s->found)
		err = *s->module ? try_module(s, r) : try_kernel(s, r->path);
	if (!err && !s->found && r->path == s->f->options.directory)
		err = try_flat(s, r->path);
	return err;
}

static int try_all(struct search *s)
{
	const struct debugfile_options *o = &s->f->options;
	char path[PATH_MAX];
	int err = 0;

	s->place = "vmlinux";
	if (!*s->module && o->vmlinux)
		err = try_file(s, o->vmlinux, true);
	for (size_t i = 0; i < 2; i++)
		if (!err && !s->found && s->f->roots[i].path)
			err = try_root(s, &s->f->roots[i]);
	s->place = "server";
	if (!err && !s->found && is_hex(s->build_id) &&
	    !fetch_file(o->fetch, s->build_id, path, sizeof(path)))
		err = try_file(s, path, true);
	return err;
}

int debugfile_find(struct debugfile_finder *f, const char *module, const char *build_id,
		   struct debugfile **ret)
{
	_cleanup_(debugfile_closep) struct debugfile *found = NULL, *other = NULL;
	struct search s = {.f = f, .module = module, .build_id = build_id};
	int err = try_all(&s);

	found = s.found;
	other = s.other;
	if (err)
		return err;
	if (!found && !other)
		return s.refused ? -ESTALE : -ENOENT;
	*ret = found ? steal_ptr(&found) : steal_ptr(&other);
	return 0;
}

int debugfile_finder_create(const struct debugfile_options *o, const char *release,
			    struct debugfile_finder **ret)
{
	bool fit = *release && *release != '.' && !strchr(release, '/');
	struct debugfile_finder *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->options = *o;
	f->roots[0] = (struct root){.path = o->directory, .place = "debug-dir"};
	f->roots[1] = (struct root){.path = o->system, .place = "system"};
	f->release = strdup(fit ? release : "");
	if (!f->release) {
		free(f);
		return -ENOMEM;
	}
	*ret = f;
	return 0;
}

void debugfile_finder_destroy(struct debugfile_finder *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < 2; i++)
		table_deinit(&f->roots[i].modules, free);
	free(f->release);
	free(f);
}
