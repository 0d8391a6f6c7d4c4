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
struct pcap_filter;

/* What backends are chosen by and made with. */
struct backend_spec {
	const struct options *options;
	const struct pwru_config *config;
	struct btf *btf;
	const struct kallsyms *kallsyms;  /* NULL: addresses are hidden */
	const struct pcap_filter *pcap;	  /* NULL: none */
	const struct pcap_filter *tunnel; /* NULL: none */
};

struct backend {
	const struct probe_ops *ops;
	struct program *program;
	struct target_set targets;
	struct probe_links links;
	bool inferred; /* frees are not all seen */
};

/* -errno after one line on stderr. On success backend_close(). */
int backend_open(const struct backend_spec *spec, struct backend *ret);
/* The same without a word: for trying. */
int backend_try(const struct backend_spec *spec, struct backend *ret);
void backend_close(struct backend *b);

/* Prints every target of the backend asked for with what would become of it, on stdout. -errno
 * after one line. */
int backend_list(const struct backend_spec *spec);

#endif
