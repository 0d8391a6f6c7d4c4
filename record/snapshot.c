// SPDX-License-Identifier: GPL-2.0-only
#include "record/snapshot.h"

#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/snapshot_codec.h"
#include "record/kallsyms.h"
#include "record/netns.h"
#include "record/reasons.h"
#include "record/skb_btf.h"
#include "record/target.h"

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * The three cannot be read at one instant: of several tries the one in which the monotonic clock
 * moved least between the others is kept, with its middle.
 */
void snapshot_clocks_read(struct snapshot_clocks *ret)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 8; i++) {
		uint64_t before = clock_ns(CLOCK_MONOTONIC);
		uint64_t real = clock_ns(CLOCK_REALTIME), boot = clock_ns(CLOCK_BOOTTIME);
		uint64_t after = clock_ns(CLOCK_MONOTONIC);

		if (after - before >= best)
			continue;
		best = after - before;
		*ret = (struct snapshot_clocks){real, before + best / 2, boot};
	}
}

static void record(struct buf *raw, enum snapshot_record type, struct buf *value)
{
	if (buf_error(value))
		raw->failed = true;
	else if (value->len)
		snapshot_record_append(raw, type, value->data, value->len);
	buf_deinit(value);
}

static void first_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");

	out[0] = 0;
	if (!f)
		return;
	if (fgets(out, (int)size, f))
		out[strcspn(out, "\n")] = 0;
	fclose(f);
}

/* Values are one line each: a newline in the command line must not make a key of its own. */
static void pair(struct buf *b, const char *key, const char *value)
{
	size_t at;

	buf_printf(b, "%s=", key);
	at = b->len;
	buf_append(b, value, strlen(value));
	for (; !b->failed && at < b->len; at++)
		if (b->data[at] == '\n')
			b->data[at] = ' ';
	buf_u8(b, '\n');
}

static void host(const struct snapshot_source *src, struct buf *raw)
{
	struct buf b = {};
	struct utsname u;
	struct stat st;
	char boot[64];

	uname(&u);
	first_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	pair(&b, "release", u.release);
	pair(&b, "version", u.version);
	pair(&b, "machine", u.machine);
	pair(&b, "hostname", u.nodename);
	pair(&b, "boot_id", boot);
	pair(&b, "command", src->command_line);
	pair(&b, "filters", src->filters);
	pair(&b, "backend", src->backend);
	pair(&b, "buffer", src->buffer);
	buf_printf(&b, "realtime=%llu\nmonotonic=%llu\nboottime=%llu\ncpus=%ld\n",
		   (unsigned long long)src->clocks.realtime,
		   (unsigned long long)src->clocks.monotonic,
		   (unsigned long long)src->clocks.boottime, sysconf(_SC_NPROCESSORS_ONLN));
	if (!stat("/proc/self/ns/net", &st))
		buf_printf(&b, "netns=%llu\n", (unsigned long long)st.st_ino);
	record(raw, SNAPSHOT_HOST, &b);
}

static void symbols(const struct snapshot_source *src, struct buf *raw)
{
	struct buf b = {};
	uint64_t prev = 0;

	for (size_t i = 0; src->kallsyms && i < kallsyms_count(src->kallsyms); i++) {
		const struct kallsym *s = kallsyms_at(src->kallsyms, i);

		snapshot_symbol_append(&b, &prev, s->addr, s->type, s->module, s->name);
	}
	record(raw, SNAPSHOT_SYMBOLS, &b);
}

/* The GNU build-id among ELF notes (elf.h: NT_GNU_BUILD_ID is 3), in hexadecimal; "-" if there is
 * none. */
static void build_id(const char *path, char *out, size_t size)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t notes[4096];
	ssize_t n = fd < 0 ? 0 : read(fd, notes, sizeof(notes));
	struct cursor c = cursor_of(notes, n > 0 ? (size_t)n : 0);

	snprintf(out, size, "-");
	while (cursor_left(&c) >= 12) {
		uint32_t namesz = cursor_u32(&c), descsz = cursor_u32(&c), type = cursor_u32(&c);
		const uint8_t *name, *desc;

		if (namesz > sizeof(notes) || descsz > sizeof(notes))
			return;
		name = cursor_bytes(&c, (namesz + 3) & ~3u);
		desc = cursor_bytes(&c, (descsz + 3) & ~3u);
		if (!desc)
			return;
		if (type != 3 || namesz != 4 || memcmp(name, "GNU", 4) ||
		    size < 2 * (size_t)descsz + 1)
			continue;
		for (uint32_t i = 0; i < descsz; i++)
			snprintf(out + 2 * i, 3, "%02x", desc[i]);
		return;
	}
}

/* In the order of kallsyms' module numbers; /proc/modules has size and address. */
static void modules(const struct snapshot_source *src, struct buf *raw)
{
	struct buf b = {};

	for (uint32_t m = 1; src->kallsyms && m <= kallsyms_modules(src->kallsyms); m++) {
		const char *name = kallsyms_module(src->kallsyms, m);
		unsigned long long addr = 0, size = 0;
		char line[512], path[256], id[128], found[64];
		FILE *f = fopen("/proc/modules", "re");

		while (f && fgets(line, sizeof(line), f)) {
			unsigned long long at, len;

			if (sscanf(line, "%63s %llu %*d %*s %*s %llx", found, &len, &at) == 3 &&
			    !strcmp(found, name)) {
				addr = at;
				size = len;
				break;
			}
		}
		if (f)
			fclose(f);
		snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", name);
		build_id(path, id, sizeof(id));
		buf_printf(&b, "%s %llx %llu %s\n", name, addr, size, id);
	}
	record(raw, SNAPSHOT_MODULES, &b);
}

static void kernel(const struct snapshot_source *src, struct buf *raw)
{
	const struct kallsym *const *text;
	struct buf b = {};
	char id[128];

	build_id("/sys/kernel/notes", id, sizeof(id));
	pair(&b, "build_id", id);
	if (src->kallsyms && kallsyms_by_name(src->kallsyms, "_text", &text))
		buf_printf(&b, "text=%llx\n", (unsigned long long)text[0]->addr);
	record(raw, SNAPSHOT_KERNEL, &b);
}

static void reasons(const struct snapshot_source *src, struct buf *raw)
{
	struct buf b = {};

	reasons_print(src->reasons, &b);
	record(raw, SNAPSHOT_REASONS, &b);
}

static void probes(const struct snapshot_source *src, struct buf *raw)
{
	struct buf b = {};

	for (size_t i = 0; i < src->targets->count; i++) {
		const struct target *t = &src->targets->all[i];
		const char *module = *t->module ? t->module : "-";

		if (t->status == TARGET_ATTACHED)
			buf_printf(&b, "attached %s %s\n", t->name, module);
		else if (t->status == TARGET_FAILED)
			buf_printf(&b, "failed %s %s %s\n", t->name, module, strerror(t->err));
		else
			buf_printf(&b, "skipped %s %s %s\n", t->name, module, t->why ? t->why : "");
	}
	record(raw, SNAPSHOT_PROBES, &b);
}

int snapshot_collect(const struct snapshot_source *src, struct buf *raw)
{
	struct buf interfaces = {}, names = {}, skb = {};

	host(src, raw);
	kernel(src, raw);
	modules(src, raw);
	symbols(src, raw);
	reasons(src, raw);
	probes(src, raw);
	if (src->with_skb && !skb_btf_collect(src->btf, &skb))
		record(raw, SNAPSHOT_BTF, &skb);
	netns_collect(&names, &interfaces);
	record(raw, SNAPSHOT_NETNS, &names);
	record(raw, SNAPSHOT_INTERFACES, &interfaces);
	return buf_error(raw);
}
