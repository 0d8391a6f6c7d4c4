/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_PROGRAM_H
#define RECORD_PROGRAM_H

/*
 * The BPF object, loaded: one program and the maps around it. Which program depends on how probes
 * attach and which buffer the kernel has; the others are not loaded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/pwru_abi.h"

struct pcap_filter;

enum program_entry {
	PROGRAM_MULTI,	   /* kprobe.multi, cookies */
	PROGRAM_KPROBE,	   /* kprobe, cookies: from 5.15 */
	PROGRAM_KPROBE_IP, /* kprobe, a table by address */
	PROGRAM_RAW_TP,
	PROGRAM_TP_BTF, /* no probe reads */
};

enum program_buffer { PROGRAM_RING, PROGRAM_PERF };

struct program_spec {
	enum program_entry entry;
	enum program_buffer buffer;
	uint64_t buffer_size; /* bytes, of all CPUs together */
	size_t max_cookies;   /* PROGRAM_KPROBE_IP: room in the table */
	const struct pwru_config *config;
	const char *btf_path;		  /* of the kernel; NULL: its own */
	const struct pcap_filter *pcap;	  /* NULL: none; of the packet */
	const struct pcap_filter *tunnel; /* NULL: none; of what is inside a tunnel */
};

struct program; /* opaque */

/* libbpf says nothing by itself from here on, but for debugging. Once, before anything else of
 * libbpf. */
void program_silence(void);

/*
 * -EOPNOTSUPP when that entry does not exist with that buffer; else the kernel's answer: -EPERM,
 * -EINVAL (unknown to this kernel), -ENOMEM … Says nothing unless debugging. On success the caller
 * owns *ret; program_close().
 */
int program_open(const struct program_spec *spec, struct program **ret);
void program_close(struct program *p);

int program_fd(const struct program *p);
enum program_entry program_entry(const struct program *p);
enum program_buffer program_buffer(const struct program *p);

/* Nothing is recorded before program_enable(p, true). No system call: works without privileges. */
void program_enable(struct program *p, bool on);

/* PROGRAM_KPROBE_IP: the cookie of the probe at addr. */
int program_add_cookie(struct program *p, uint64_t addr, uint64_t cookie);

/*
 * PROGRAM_RAW_TP and PROGRAM_TP_BTF: a copy of the program with its own cookie, as a file
 * descriptor that stays p's. btf_id: of the tracepoint's typedef, for PROGRAM_TP_BTF.
 */
int program_clone(struct program *p, uint64_t cookie, uint32_t btf_id);

/* Gives the descriptors of all copies back, where there is no room for them: they go on, but
 * program_misses() is not known then. False: there were none. */
bool program_forget_clones(struct program *p);
bool program_forgets(const struct program *p); /* that was done */

/* Instructions the verifier looked at when it loaded the program; 0 where the kernel does not tell
 * (before 5.16). */
uint32_t program_verified(const struct program *p);

/*
 * Runs of the program and its copies that the kernel skipped because one was running already.
 * -EOPNOTSUPP: it does not count them (before 5.12), or copies were forgotten; -EPERM: it tells
 * only who has CAP_BPF.
 */
int program_misses(const struct program *p, uint64_t *ret);

/* Possible CPUs, and each one's counters, which the kernel writes. */
unsigned int program_cpus(const struct program *p);
const volatile struct pwru_cpu *program_cpu(const struct program *p, unsigned int cpu);

/* The ring of a CPU, or -1 if that CPU has none (it was offline); the perf map. */
int program_ring_fd(const struct program *p, unsigned int cpu);
int program_perf_fd(const struct program *p);
size_t program_shard_size(const struct program *p); /* bytes of one CPU's buffer */

#endif
