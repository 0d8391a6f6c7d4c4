// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's headers here may be older than the kernel, so where a count stands is asked of its
 * BTF: a field that is there is also filled in. The patches that gave links their counts made the
 * kernel count the programs' misses of kprobes too, which were not counted before.
 */
#include "record/missed.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINK_INFO 256 /* more than struct bpf_link_info has in any kernel */

struct missed {
	const struct program *program;
	int *links;
	size_t count;
	uint32_t at; /* of the count in struct bpf_link_info; 0: it has none */
	bool programs;
};

/* The member of a struct or of what is in it without a name: its type and byte offset. */
static bool member(const struct btf *btf, uint32_t id, const char *name, uint32_t *type,
		   uint32_t *offset)
{
	int resolved = btf__resolve_type(btf, id);
	const struct btf_type *t = resolved > 0 ? btf__type_by_id(btf, (uint32_t)resolved) : NULL;

	for (uint32_t i = 0; t && btf_is_composite(t) && i < btf_vlen(t); i++) {
		const struct btf_member *m = btf_members(t) + i;
		const char *own = btf__name_by_offset(btf, m->name_off);
		uint32_t at = btf_member_bit_offset(t, i) / 8;

		if (own && *own ? !strcmp(own, name) : member(btf, m->type, name, type, offset)) {
			*type = own && *own ? m->type : *type;
			*offset += at;
			return true;
		}
	}
	return false;
}

/* Where "a.b.c" stands in a struct of the kernel; 0: it does not. */
static uint32_t offset_of(const struct btf *btf, const char *in, const char *const path[3])
{
	int id = btf__find_by_name_kind(btf, in, BTF_KIND_STRUCT);
	uint32_t type = (uint32_t)id, offset = 0;

	if (id <= 0)
		return 0;
	for (size_t i = 0; i < 3 && path[i]; i++)
		if (!member(btf, type, path[i], &type, &offset))
			return 0;
	return offset;
}

static bool ask(int fd, uint8_t info[LINK_INFO])
{
	__u32 len = LINK_INFO;

	memset(info, 0, LINK_INFO);
	return !bpf_obj_get_info_by_fd(fd, info, &len);
}

/* Of all that keeps probes attached, the links. */
static int keep_links(struct missed *m, const struct probe_links *links)
{
	uint8_t info[LINK_INFO];

	m->links = calloc(links->count + 1, sizeof(*m->links));
	if (!m->links)
		return -ENOMEM;
	for (size_t i = 0; i < links->count; i++)
		if (ask(links->fds[i], info))
			m->links[m->count++] = links->fds[i];
	if (!m->count)
		m->at = 0;
	return 0;
}

int missed_create(const struct program *p, const struct probe_links *links, const struct btf *btf,
		  struct missed **ret)
{
	static const char *const multi[3] = {"kprobe_multi", "missed"};
	static const char *const kprobe[3] = {"perf_event", "kprobe", "missed"};
	static const char *const misses[3] = {"recursion_misses"};
	enum program_entry entry = program_entry(p);
	struct missed *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->program = p;
	m->programs = offset_of(btf, "bpf_prog_info", misses);
	if (entry == PROGRAM_MULTI || entry == PROGRAM_KPROBE)
		m->at = offset_of(btf, "bpf_link_info", entry == PROGRAM_MULTI ? multi : kprobe);
	if (m->at && keep_links(m, links)) {
		missed_destroy(m);
		return -ENOMEM;
	}
	*ret = m;
	return 0;
}

void missed_destroy(struct missed *m)
{
	if (!m)
		return;
	free(m->links);
	free(m);
}

bool missed_read(const struct missed *m, uint64_t *recursion, uint64_t *nmissed)
{
	enum program_entry entry = program_entry(m->program);
	bool tracepoints = entry == PROGRAM_RAW_TP || entry == PROGRAM_TP_BTF;
	uint64_t programs = 0, links = 0, n;
	uint8_t info[LINK_INFO];

	if (m->programs && program_misses(m->program, &programs))
		return false;
	*recursion += programs;
	for (size_t i = 0; m->at && i < m->count; i++) {
		if (!ask(m->links[i], info))
			return false;
		memcpy(&n, info + m->at, sizeof(n));
		links += n;
	}
	*nmissed += links;
	return tracepoints || m->at;
}
