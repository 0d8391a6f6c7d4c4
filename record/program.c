// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening follows libbpf's order: open, choose programs, set read-only data and map sizes, load.
 * The counters of all CPUs are one mmap'able array, and the switch that starts recording is in
 * .bss: both work after all privileges are gone.
 */
#include "record/program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "record/pcap_filter.h"
#include "record/splice.h"
#include "pwru.skel.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

#define SHARD_MIN (256u << 10)
#define SHARD_MAX (16u << 20)

struct program {
	struct pwru_bpf *skel;
	struct bpf_program *prog;
	enum program_entry entry;
	enum program_buffer buffer;
	unsigned int cpus;
	size_t shard;
	int *rings;
	int *clones;
	size_t clone_count;
	bool clones_gone; /* there was no room for their descriptors */
	void *counters;
	size_t counters_len;
};

static int print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	/* Trying what a kernel cannot do is normal here, so even errors are for debugging. */
	if (log_level() < LOG_LEVEL_DEBUG || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stderr, fmt, ap);
}

void program_silence(void)
{
	libbpf_set_print(print);
}

static struct bpf_program *choose(struct pwru_bpf *s, enum program_entry e, enum program_buffer b)
{
	switch (e) {
	case PROGRAM_MULTI:
		return b == PROGRAM_RING ? s->progs.multi_ring : NULL;
	case PROGRAM_KPROBE:
		return b == PROGRAM_RING ? s->progs.kprobe_ring : NULL;
	case PROGRAM_KPROBE_IP:
		return b == PROGRAM_RING ? s->progs.kprobe_ip_ring : s->progs.kprobe_ip_perf;
	case PROGRAM_RAW_TP:
		return b == PROGRAM_RING ? s->progs.tp_ring : s->progs.tp_perf;
	case PROGRAM_TP_BTF:
		return b == PROGRAM_RING ? s->progs.tp_btf_ring : NULL;
	}
	return NULL;
}

/* A power of two of whole pages, within the budget, not below what a burst needs nor above what
 * caches like. */
static size_t shard_size(uint64_t budget, unsigned int shards)
{
	uint64_t want = budget / (shards ? shards : 1);
	size_t size = 4096, floor = budget < SHARD_MIN ? 4096 : SHARD_MIN;

	while (size * 2 <= want && size < SHARD_MAX)
		size *= 2;
	return size < floor ? floor : size;
}

/*
 * Our sections have handlers of their own, because only those are asked before a program is loaded;
 * what a handler of libbpf would do for such sections is no more than the types given here.
 */
static const struct {
	const char *section;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
} sections[] = {
	{"pwru.multi", BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI},
	{"pwru.kprobe", BPF_PROG_TYPE_KPROBE, 0},
	{"pwru.raw_tp", BPF_PROG_TYPE_RAW_TRACEPOINT, 0},
	{"pwru.tp_btf", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP},
};

static const struct program_spec *loading; /* libbpf hands the callback nothing but a number */

static void splice_filter(struct splice s[2], const struct pcap_filter *f, uint64_t l2, uint64_t l3)
{
	s[0] = (struct splice){
		.hole = l2, .insns = f ? f->l2.insns : NULL, .count = f ? f->l2.count : 0};
	s[1] = (struct splice){
		.hole = l3, .insns = f ? f->l3.insns : NULL, .count = f ? f->l3.count : 0};
}

static int before_load(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct splice s[4];

	opts->expected_attach_type = sections[cookie].attach;
	splice_filter(s, loading->pcap, PWRU_HOLE_PCAP_L2, PWRU_HOLE_PCAP_L3);
	splice_filter(s + 2, loading->tunnel, PWRU_HOLE_TUNNEL_L2, PWRU_HOLE_TUNNEL_L3);
	return splice_all(prog, opts, s, 4);
}

static int register_sections(void)
{
	static bool done;

	for (size_t i = 0; !done && i < sizeof(sections) / sizeof(sections[0]); i++) {
		LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)i,
			    .prog_prepare_load_fn = before_load);
		int err = libbpf_register_prog_handler(sections[i].section, sections[i].type,
						       sections[i].attach, &opts);

		if (err < 0)
			return err;
	}
	done = true;
	return 0;
}

static bool uses_buffers(const struct pwru_config *cfg)
{
	return cfg->inferred || cfg->frames.to;
}

static int set_up_maps(struct program *p, const struct program_spec *spec)
{
	struct pwru_bpf *s = p->skel;
	int err;

	err = bpf_map__set_max_entries(s->maps.cpus, p->cpus);
	if (!err)
		err = bpf_map__set_max_entries(s->maps.lives, spec->config->max_lives);
	if (!err)
		err = bpf_map__set_max_entries(s->maps.births, spec->config->max_lives + p->cpus);
	if (!err)
		err = bpf_map__set_max_entries(s->maps.cookies,
					       spec->max_cookies ? spec->max_cookies : 1);
	if (!err && !uses_buffers(spec->config))
		err = bpf_map__set_max_entries(s->maps.buffers, 1);
	if (!err && p->buffer == PROGRAM_RING)
		err = bpf_map__set_max_entries(s->maps.rings, p->cpus);
	if (!err && p->buffer == PROGRAM_RING)
		err = bpf_map__set_autocreate(s->maps.perf, false);
	if (!err && p->buffer == PROGRAM_RING)
		err = bpf_map__set_autocreate(s->maps.perf_scratch, false);
	if (!err && p->buffer == PROGRAM_PERF)
		err = bpf_map__set_max_entries(s->maps.perf, p->cpus);
	if (!err && p->buffer == PROGRAM_PERF)
		err = bpf_map__set_autocreate(s->maps.rings, false);
	return err;
}

static int load(struct program *p, const struct program_spec *spec)
{
	/* Named: or libbpf looks for a type that this kernel lacks in the BTF of all modules, which
	 * takes CAP_SYS_ADMIN. */
	LIBBPF_OPTS(bpf_object_open_opts, opts,
		    .btf_custom_path = spec->btf_path		       ? spec->btf_path
				       : access(KERNEL_BTF, R_OK) == 0 ? KERNEL_BTF
								       : NULL);
	struct bpf_program *other;
	struct pwru_config *cfg;
	int err;

	loading = spec;
	err = register_sections();
	if (err)
		return err;
	p->skel = pwru_bpf__open_opts(&opts);
	if (!p->skel)
		return -errno;
	p->prog = choose(p->skel, p->entry, p->buffer);
	if (!p->prog)
		return -EOPNOTSUPP;
	bpf_object__for_each_program(other, p->skel->obj)
		bpf_program__set_autoload(other, other == p->prog);
	if (p->entry == PROGRAM_TP_BTF) {
		err = bpf_program__set_attach_target(p->prog, 0, "kfree_skb");
		if (err)
			return err;
	}
	cfg = (struct pwru_config *)&p->skel->rodata->cfg;
	*cfg = *spec->config;
	cfg->cpus = p->cpus;
	cfg->wake_bytes = (uint32_t)(p->shard / 4);
	err = set_up_maps(p, spec);
	return err ? err : pwru_bpf__load(p->skel);
}

static int map_counters(struct program *p)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	p->counters_len = (p->cpus * sizeof(struct pwru_cpu) + page - 1) / page * page;
	p->counters = mmap(NULL, p->counters_len, PROT_READ, MAP_SHARED,
			   bpf_map__fd(p->skel->maps.cpus), 0);
	if (p->counters == MAP_FAILED) {
		p->counters = NULL;
		return -errno;
	}
	return 0;
}

static bool cpu_online(unsigned int cpu)
{
	char path[64], state = '1';
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	f = fopen(path, "re"); /* the first CPU often has no such file: it cannot go offline */
	if (f) {
		state = (char)fgetc(f);
		fclose(f);
	}
	return state != '0';
}

static unsigned int count_online(unsigned int cpus)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < cpus; i++)
		n += cpu_online(i);
	return n;
}

static int make_rings(struct program *p)
{
	int outer = bpf_map__fd(p->skel->maps.rings);

	for (uint32_t i = 0; i < p->cpus; i++) {
		if (!cpu_online(i))
			continue;
		p->rings[i] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "pwru_ring", 0, 0,
					     (uint32_t)p->shard, NULL);
		if (p->rings[i] < 0)
			return -errno;
		if (bpf_map_update_elem(outer, &i, &p->rings[i], BPF_ANY))
			return -errno;
	}
	return 0;
}

int program_open(const struct program_spec *spec, struct program **ret)
{
	struct program *p = calloc(1, sizeof(*p));
	int cpus = libbpf_num_possible_cpus(), err;

	if (!p)
		return -ENOMEM;
	if (cpus < 0) {
		free(p);
		return cpus;
	}
	p->cpus = (unsigned int)cpus;
	p->entry = spec->entry;
	p->buffer = spec->buffer;
	p->shard = shard_size(spec->buffer_size, count_online(p->cpus));
	p->rings = malloc(p->cpus * sizeof(*p->rings));
	if (p->rings)
		memset(p->rings, 0xff, p->cpus * sizeof(*p->rings)); /* -1 */
	err = p->rings ? load(p, spec) : -ENOMEM;
	if (!err)
		err = map_counters(p);
	if (!err && p->buffer == PROGRAM_RING)
		err = make_rings(p);
	if (err) {
		program_close(p);
		return err;
	}
	*ret = p;
	return 0;
}

void program_close(struct program *p)
{
	if (!p)
		return;
	if (p->counters)
		munmap(p->counters, p->counters_len);
	for (unsigned int i = 0; p->rings && i < p->cpus; i++)
		if (p->rings[i] >= 0)
			close(p->rings[i]);
	free(p->rings);
	for (size_t i = 0; i < p->clone_count; i++)
		close(p->clones[i]);
	free(p->clones);
	pwru_bpf__destroy(p->skel);
	free(p);
}

int program_fd(const struct program *p)
{
	return bpf_program__fd(p->prog);
}

enum program_entry program_entry(const struct program *p)
{
	return p->entry;
}

enum program_buffer program_buffer(const struct program *p)
{
	return p->buffer;
}

void program_enable(struct program *p, bool on)
{
	__atomic_store_n(&p->skel->bss->enabled, on, __ATOMIC_SEQ_CST);
}

int program_add_cookie(struct program *p, uint64_t addr, uint64_t cookie)
{
	return bpf_map_update_elem(bpf_map__fd(p->skel->maps.cookies), &addr, &cookie, BPF_ANY)
		       ? -errno
		       : 0;
}

/* Finds the 64-bit constant that stands for the cookie (a load in two instructions). */
static int patch_cookie(struct bpf_insn *insns, size_t n, uint64_t cookie)
{
	int holes = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW) || insns[i].src_reg ||
		    (uint32_t)insns[i].imm != (uint32_t)PWRU_COOKIE_HOLE || insns[i + 1].imm)
			continue;
		insns[i].imm = (int32_t)cookie;
		insns[i + 1].imm = (int32_t)(cookie >> 32);
		holes++;
	}
	return holes == 1 ? 0 : -ENOEXEC;
}

static int keep_clone(struct program *p, int fd)
{
	int *grown = reallocarray(p->clones, p->clone_count + 1, sizeof(*grown));

	if (!grown) {
		close(fd);
		return -ENOMEM;
	}
	p->clones = grown;
	p->clones[p->clone_count++] = fd;
	return fd;
}

int program_clone(struct program *p, uint64_t cookie, uint32_t btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	size_t n = bpf_program__insn_cnt(p->prog);
	struct bpf_insn *copy = calloc(n, sizeof(*copy));
	enum bpf_prog_type type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	int fd;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bpf_program__insns(p->prog), n * sizeof(*copy));
	fd = patch_cookie(copy, n, cookie);
	if (p->entry == PROGRAM_TP_BTF) {
		type = BPF_PROG_TYPE_TRACING;
		opts.expected_attach_type = BPF_TRACE_RAW_TP;
		opts.attach_btf_id = btf_id;
	}
	if (!fd)
		fd = bpf_prog_load(type, "pwru_tp", "GPL", copy, n, &opts);
	if (fd < 0 && fd != -ENOEXEC)
		fd = -errno;
	free(copy);
	return fd < 0 ? fd : keep_clone(p, fd);
}

bool program_forget_clones(struct program *p)
{
	bool any = p->clone_count > 0;

	while (p->clone_count)
		close(p->clones[--p->clone_count]);
	p->clones_gone |= any;
	return any;
}

bool program_forgets(const struct program *p)
{
	return p->clones_gone;
}

int program_misses(const struct program *p, uint64_t *ret)
{
	uint64_t n = 0;

	if (p->clones_gone)
		return -EOPNOTSUPP;
	for (size_t i = 0; i <= p->clone_count; i++) {
		int fd = i < p->clone_count ? p->clones[i] : program_fd(p);
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			return -errno;
		/* The kernel says how much of it it has filled in. */
		if (len < offsetof(struct bpf_prog_info, recursion_misses) +
				  sizeof(info.recursion_misses))
			return -EOPNOTSUPP;
		n += info.recursion_misses;
	}
	*ret = n;
	return 0;
}

uint32_t program_verified(const struct program *p)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(program_fd(p), &info, &len) ? 0 : info.verified_insns;
}

unsigned int program_cpus(const struct program *p)
{
	return p->cpus;
}

const volatile struct pwru_cpu *program_cpu(const struct program *p, unsigned int cpu)
{
	return (const volatile struct pwru_cpu *)p->counters + cpu;
}

int program_ring_fd(const struct program *p, unsigned int cpu)
{
	return p->rings[cpu];
}

int program_perf_fd(const struct program *p)
{
	return bpf_map__fd(p->skel->maps.perf);
}

size_t program_shard_size(const struct program *p)
{
	return p->shard;
}
