// SPDX-License-Identifier: GPL-2.0-only
#include "report/filter/pcap_match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "common/log.h"

#define SNAPLEN 262144

struct pcap_match {
	struct bpf_program code;
};

int pcap_match_create(const char *expression, struct pcap_match **ret)
{
	struct pcap_match *m = calloc(1, sizeof(*m));
	pcap_t *p = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	int err = m && p ? 0 : -ENOMEM;

	if (!err && pcap_compile(p, &m->code, expression, 1, PCAP_NETMASK_UNKNOWN)) {
		log_error("--filter: %s (got \"%s\")", pcap_geterr(p), expression);
		err = -EINVAL;
	}
	if (p)
		pcap_close(p);
	if (err)
		free(m);
	else
		*ret = m;
	return err;
}

void pcap_match_destroy(struct pcap_match *m)
{
	if (!m)
		return;
	pcap_freecode(&m->code);
	free(m);
}

bool pcap_match_hit(const struct pcap_match *m, const struct hit *h)
{
	struct pcap_pkthdr header = {.caplen = h->caplen, .len = h->origlen};

	return pcap_offline_filter(&m->code, &header, h->bytes);
}
