// SPDX-License-Identifier: GPL-2.0-only
/*
 * diff [-s SEED] [-e EXPRESSIONS] [-p PROGRAMS] [-r RECORDING]: the kernel's verdicts against those
 * of libpcap's own interpreter, on made-up expressions and on classic programs that no expression
 * leads to. Prints totals; the last line is "same" or "different". Root.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "record/pcap_filter.h"
#include "tests/pcap/classic.h"
#include "tests/pcap/expression.h"
#include "tests/pcap/kernel.h"
#include "tests/pcap/packets.h"
#include "tests/support/said.h"

#define SNAPLEN		262144
#define MOST_MISMATCHES 10

/* One expression or program: what libpcap made of it and what we did. */
struct subject {
	char text[EXPRESSION_MOST];
	struct bpf_program theirs[2]; /* on Ethernet; on bare IP */
	struct pcap_filter ours;
	unsigned int matched[2];
	unsigned int tried[2];
};

struct totals {
	unsigned long subjects, verdicts, matches;
	unsigned long telling; /* subjects that match some packets and not others */
	unsigned long never_l3, mismatches;
	unsigned long negative, loops, undefined, no_expression; /* left out */
};

struct diff {
	struct dice dice;
	struct packets packets;
	struct kernel kernel;
	struct totals t;
};

static void forget(struct subject *s)
{
	pcap_freecode(&s->theirs[0]);
	pcap_freecode(&s->theirs[1]);
	pcap_filter_deinit(&s->ours);
}

static void show(const struct subject *s, const struct packet *p, int theirs, int ours)
{
	printf("mismatch: %s\n  %s of %u bytes, %u readable:", s->text,
	       p->l3 ? "bare packet" : "frame", p->wirelen, p->caplen);
	for (uint32_t i = 0; i < p->caplen; i++)
		printf("%s%02x", i % 32 ? "" : "\n  ", p->bytes[i]);
	printf("\n  libpcap %d, kernel %d\n", theirs, ours);
	for (u_int i = 0; strstr(s->text, "(program)") && i < s->theirs[0].bf_len; i++)
		printf("  %s\n", bpf_image(&s->theirs[0].bf_insns[i], (int)i));
}

/* What libpcap cannot compile for bare packets matches none. */
static int their_verdict(const struct subject *s, const struct packet *p)
{
	const struct bpf_program *code = &s->theirs[p->l3];

	return code->bf_len && bpf_filter(code->bf_insns, p->bytes, p->wirelen, p->caplen) != 0;
}

static void compare(struct diff *d, struct subject *s, uint32_t which)
{
	for (uint32_t i = 0; i < d->packets.count; i++) {
		const struct packet *p = &d->packets.p[i];
		int theirs = their_verdict(s, p);
		int ours = kernel_verdict(&d->kernel, which + p->l3, i, p->caplen, p->wirelen, 0);

		d->t.verdicts++;
		s->tried[p->l3]++;
		s->matched[p->l3] += (unsigned int)theirs;
		if (ours == theirs)
			continue;
		if (d->t.mismatches++ < MOST_MISMATCHES)
			show(s, p, theirs, ours);
	}
	/* Memory that cannot be read is like bytes that are not there. */
	for (uint32_t l3 = 0; l3 < 2; l3++) {
		const struct packet nothing = {.l3 = l3, .wirelen = 60};
		int theirs = their_verdict(s, &nothing);

		d->t.verdicts++;
		if (kernel_verdict(&d->kernel, which + l3, 0, 60, 60, 0xffffcafe00000000) == theirs)
			continue;
		if (d->t.mismatches++ < MOST_MISMATCHES)
			show(s, &nothing, theirs, !theirs);
	}
	d->t.matches += s->matched[0] + s->matched[1];
	if (s->matched[0] + s->matched[1] &&
	    s->matched[0] + s->matched[1] < s->tried[0] + s->tried[1])
		d->t.telling++;
	d->t.subjects++;
}

/* Two at a time: four stubs are filled. */
static int run(struct diff *d, struct subject pair[2])
{
	int err = kernel_load(&d->kernel, &pair[0].ours, &pair[1].ours);

	if (err) {
		printf("mismatch: not loaded (%s): %s\n           nor: %s\n", strerror(-err),
		       pair[0].text, pair[1].text);
		d->t.mismatches++;
	} else {
		compare(d, &pair[0], RUN_L2);
		compare(d, &pair[1], RUN_L2_TOO);
	}
	forget(&pair[0]);
	forget(&pair[1]);
	return err;
}

/* ---- expressions ---- */

static bool compile(const char *expression, int linktype, struct bpf_program *ret)
{
	pcap_t *p = pcap_open_dead(linktype, SNAPLEN);
	bool ok = p && !pcap_compile(p, ret, expression, 1, PCAP_NETMASK_UNKNOWN);

	if (!ok)
		memset(ret, 0, sizeof(*ret));
	if (p)
		pcap_close(p);
	return ok;
}

static bool has_negative_offset(const struct bpf_program *code)
{
	for (u_int i = 0; i < code->bf_len; i++) {
		const struct bpf_insn *in = &code->bf_insns[i];

		if ((BPF_CLASS(in->code) == BPF_LD || BPF_CLASS(in->code) == BPF_LDX) &&
		    (BPF_MODE(in->code) == BPF_ABS || BPF_MODE(in->code) == BPF_IND ||
		     BPF_MODE(in->code) == BPF_MSH) &&
		    in->k > INT_MAX)
			return true;
	}
	return false;
}

static bool undefined(const struct bpf_program *code)
{
	return classic_undefined((const struct cbpf_insn *)code->bf_insns, code->bf_len);
}

static bool refused_rightly(struct diff *d, const struct subject *s, const struct said *err)
{
	if (strstr(err->text, "a negative offset") &&
	    (has_negative_offset(&s->theirs[0]) || has_negative_offset(&s->theirs[1]))) {
		d->t.negative++;
		return true;
	}
	if (strstr(err->text, "a loop") && strstr(s->text, "protochain")) {
		d->t.loops++;
		return true;
	}
	return false;
}

/* The next expression that both understand. False: ours answered otherwise than it should. */
static bool next_expression(struct diff *d, struct subject *s)
{
	for (;;) {
		bool valid;
		struct said err;
		int rc;

		memset(s, 0, sizeof(*s));
		expression_make(&d->dice, s->text);
		valid = compile(s->text, DLT_EN10MB, &s->theirs[0]);
		compile(s->text, DLT_RAW, &s->theirs[1]);
		err = said_begin(STDERR_FILENO);
		rc = pcap_filter_create("pcap-filter", s->text, &s->ours);
		said_end(&err);
		if (!rc && (undefined(&s->theirs[0]) || undefined(&s->theirs[1]))) {
			d->t.undefined++;
			forget(s);
			continue;
		}
		if (!rc && (valid || !s->ours.l2.insns)) {
			d->t.never_l3 += !s->ours.l3.insns;
			if (!s->ours.l3.insns != !s->theirs[1].bf_len)
				break;
			return true;
		}
		if (!rc || rc != -EINVAL || err.lines != 1 ||
		    (valid && !refused_rightly(d, s, &err)))
			break;
		d->t.no_expression += !valid;
		forget(s);
	}
	printf("mismatch: whether it can be compiled: %s\n", s->text);
	d->t.mismatches++;
	return false;
}

static void expressions(struct diff *d, unsigned long n)
{
	static struct subject pair[2];

	while (d->t.subjects < n && d->t.mismatches < 100) {
		if (!next_expression(d, &pair[0]))
			continue;
		if (!next_expression(d, &pair[1])) {
			forget(&pair[0]);
			continue;
		}
		run(d, pair);
	}
	printf("%lu expressions, %lu verdicts, %lu matches, %lu mismatches; %lu match some and not others, "
	       "%lu never match a bare packet\n",
	       d->t.subjects, d->t.verdicts, d->t.matches, d->t.mismatches, d->t.telling,
	       d->t.never_l3);
	printf("  left out: %lu that libpcap refuses, %lu in which it reads memory it has not written, "
	       "%lu refused for a negative offset\n",
	       d->t.no_expression, d->t.undefined, d->t.negative);
}

/* ---- programs ---- */

static bool next_program(struct diff *d, struct subject *s)
{
	struct cbpf_insn in[CLASSIC_MOST];
	size_t n = classic_make(&d->dice, in);
	const char *why = "";
	int err;

	memset(s, 0, sizeof(*s));
	snprintf(s->text, sizeof(s->text), "(program) of %zu instructions", n);
	if (!bpf_validate((const struct bpf_insn *)in, (int)n)) {
		printf("mismatch: not a valid program\n");
		d->t.mismatches++;
		return false;
	}
	for (int i = 0; i < 2; i++) {
		s->theirs[i].bf_len = (u_int)n;
		s->theirs[i].bf_insns = malloc(n * sizeof(*in));
		if (s->theirs[i].bf_insns)
			memcpy(s->theirs[i].bf_insns, in, n * sizeof(*in));
	}
	err = cbpf_translate(in, n, &s->ours.l2, &why);
	if (!err)
		err = cbpf_translate(in, n, &s->ours.l3, &why);
	if (err) {
		printf("mismatch: valid, but refused: %s\n", why);
		d->t.mismatches++;
		forget(s);
	}
	return !err;
}

static void programs(struct diff *d, unsigned long n)
{
	static struct subject pair[2];

	while (d->t.subjects < n && d->t.mismatches < 100) {
		if (!next_program(d, &pair[0]))
			continue;
		if (!next_program(d, &pair[1])) {
			forget(&pair[0]);
			continue;
		}
		run(d, pair);
	}
	printf("%lu classic programs, %lu verdicts, %lu matches, %lu mismatches; %lu match some and not others\n",
	       d->t.subjects, d->t.verdicts, d->t.matches, d->t.mismatches, d->t.telling);
}

static int start(struct diff *d, const char *recording)
{
	int err = packets_make(&d->packets, &d->dice, recording);
	size_t l3 = 0;

	if (!err)
		err = kernel_open(&d->kernel);
	for (uint32_t i = 0; !err && i < d->packets.count; i++) {
		err = kernel_put(&d->kernel, i, d->packets.p[i].bytes);
		l3 += d->packets.p[i].l3;
	}
	if (err)
		fprintf(stderr, "pcap/diff: cannot start: %s\n", strerror(-err));
	else
		printf("%zu frames (%zu recorded), %zu bare packets\n", d->packets.count - l3,
		       d->packets.real, l3);
	return err;
}

int main(int argc, char **argv)
{
	static struct diff d;
	unsigned long seed = 20240917, n_expressions = 3000, n_programs = 2000, mismatches;
	const char *recording = NULL;

	for (int opt; (opt = getopt(argc, argv, "s:e:p:r:")) != -1;) {
		if (opt == 's')
			seed = strtoul(optarg, NULL, 0);
		else if (opt == 'e')
			n_expressions = strtoul(optarg, NULL, 0);
		else if (opt == 'p')
			n_programs = strtoul(optarg, NULL, 0);
		else if (opt == 'r')
			recording = optarg;
		else
			return 2;
	}
	printf("seed %lu; ", seed);
	d.dice.state = seed;
	if (start(&d, recording))
		return 1;
	expressions(&d, n_expressions);
	mismatches = d.t.mismatches;
	d.t = (struct totals){};
	programs(&d, n_programs);
	mismatches += d.t.mismatches;
	kernel_close(&d.kernel);
	puts(mismatches ? "different" : "same");
	return mismatches != 0;
}
