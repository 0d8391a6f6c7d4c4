// SPDX-License-Identifier: GPL-2.0-only
#include "record/pcap_filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "common/log.h"

/* Link types are numbered in pcap/dlt.h. */
#define ETHERNET 1
#define RAW_IP	 12
#define SNAPLEN	 262144

_Static_assert(sizeof(struct bpf_insn) == sizeof(struct cbpf_insn), "the same layout");

/* NEVER: it can be true of no packet of that link type; WRONG: libpcap refuses it; REFUSED: we do.
 */
enum outcome { COMPILED, NEVER, WRONG, REFUSED };

/* Translates what libpcap compiled. why: PCAP_ERRBUF_SIZE bytes. */
static int compile(const char *expression, int linktype, struct cbpf_code *ret,
		   enum outcome *outcome, char *why)
{
	pcap_t *p = pcap_open_dead(linktype, SNAPLEN);
	struct bpf_program code = {};
	const char *reason = NULL;
	int err;

	if (!p)
		return -ENOMEM;
	if (pcap_compile(p, &code, expression, 1, PCAP_NETMASK_UNKNOWN)) {
		snprintf(why, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(p));
		*outcome = strstr(why, "rejects all packets") ? NEVER : WRONG;
		pcap_close(p);
		return 0;
	}
	err = cbpf_translate((const struct cbpf_insn *)code.bf_insns, code.bf_len, ret, &reason);
	if (err && err != -ENOMEM)
		snprintf(why, PCAP_ERRBUF_SIZE, "%s", reason);
	*outcome = err ? REFUSED : COMPILED;
	pcap_freecode(&code);
	pcap_close(p);
	return err == -ENOMEM ? err : 0;
}

int pcap_filter_create(const char *option, const char *expression, struct pcap_filter *ret)
{
	char why[PCAP_ERRBUF_SIZE], why_l3[PCAP_ERRBUF_SIZE];
	struct pcap_filter f = {};
	enum outcome l2, l3 = NEVER;
	int err = compile(expression, ETHERNET, &f.l2, &l2, why);

	if (!err)
		err = compile(expression, RAW_IP, &f.l3, &l3, why_l3);
	/* What cannot be said of a bare IP packet, `ether host …`, never matches one. */
	if (!err && (l2 == WRONG || l2 == REFUSED || l3 == REFUSED)) {
		log_error("%s \"%s\": %s", option, expression,
			  l2 == WRONG || l2 == REFUSED ? why : why_l3);
		err = -EINVAL;
	}
	if (err) {
		pcap_filter_deinit(&f);
		return err;
	}
	*ret = f;
	return 0;
}

void pcap_filter_deinit(struct pcap_filter *f)
{
	free(f->l2.insns);
	free(f->l3.insns);
	memset(f, 0, sizeof(*f));
}
