/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_BACKEND_H
#define RECORD_BACKEND_H

/* Choosing a way to attach, by trying from the best down, and attaching. */

#include "record/options.h"
#include "record/probe.h"
#include "record/program.h"
#include "record/target.h"

struct btf;
struct kallsyms;

struct backend {
	const struct probe_ops *ops;
	struct program *program;
	struct target_set targets;
	struct probe_links links;
	bool inferred; /* frees are not all seen */
};

/* kallsyms NULL: addresses are hidden. -errno after one line on stderr. On success backend_close().
 */
int backend_open(const struct options *o, const struct pwru_config *config, const struct btf *btf,
		 const struct kallsyms *k, struct backend *ret);
void backend_close(struct backend *b);

/* Prints every target of the chosen backend with what would become of it, on stdout. -errno after
 * one line. */
int backend_list(const struct options *o, const struct btf *btf, const struct kallsyms *k);

#endif
