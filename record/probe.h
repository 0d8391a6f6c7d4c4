/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_PROBE_H
#define RECORD_PROBE_H

/*
 * Attaching targets: three ways behind one table of operations. Which works is found by trying.
 */

#include <stdint.h>

#include "record/program.h"
#include "record/target.h"

struct kallsyms;
struct btf;

struct probe_links {
	int *fds; /* links, perf events and cloned programs; closing them detaches */
	size_t count;
	size_t cap;
};

struct probe_ops {
	const char *name; /* as --backend has it */
	uint8_t how;	  /* enum func_how */
	enum program_entry entry;
	/*
	 * Attaches every wanted target; sets each one's status. 0 when at least one is attached;
	 * -EOPNOTSUPP, -EPERM or what the kernel said when nothing can be: then another backend may
	 * be tried. Says nothing but progress.
	 */
	int (*attach)(struct program *p, struct target_set *set, struct probe_links *links);
};

extern const struct probe_ops probe_multi;
extern const struct probe_ops probe_kprobe;    /* with cookies, from 5.15 */
extern const struct probe_ops probe_kprobe_ip; /* by address */
extern const struct probe_ops probe_raw_tp;
extern const struct probe_ops probe_tp_btf;

/* Takes fd over, also on -ENOMEM (then it is closed). */
int probe_links_add(struct probe_links *l, int fd);
/* Detaches: in parallel, since each kprobe costs the kernel a grace period. */
void probe_links_close(struct probe_links *l);

/* "attaching 120/1900", on a terminal rewritten in place, else each ten seconds. done == total ends
 * it. */
void probe_progress(size_t done, size_t total);

#endif
