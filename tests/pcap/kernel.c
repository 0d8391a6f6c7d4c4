// SPDX-License-Identifier: GPL-2.0-only
#include "tests/pcap/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "bpf/pwru_abi.h"
#include "record/pcap_filter.h"
#include "record/splice.h"
#include "tests/pcap/run.h"
#include "pcap_run.skel.h"

static const struct pcap_filter *filters[2]; /* libbpf hands the callback nothing but a number */

static void splice_filter(struct splice s[2], const struct pcap_filter *f, uint64_t l2, uint64_t l3)
{
	s[0] = (struct splice){l2, f ? f->l2.insns : NULL, f ? f->l2.count : 0};
	s[1] = (struct splice){l3, f ? f->l3.insns : NULL, f ? f->l3.count : 0};
}

static int before_load(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct splice s[4];

	(void)cookie;
	splice_filter(s, filters[0], PWRU_HOLE_PCAP_L2, PWRU_HOLE_PCAP_L3);
	splice_filter(s + 2, filters[1], PWRU_HOLE_TUNNEL_L2, PWRU_HOLE_TUNNEL_L3);
	return splice_all(prog, opts, s, 4);
}

int kernel_open(struct kernel *k)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = before_load);
	int err =
		libbpf_register_prog_handler("pcap.raw_tp", BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &opts);

	memset(k, 0, sizeof(*k));
	k->fd = -1;
	if (err < 0)
		return err;
	k->maps = pcap_run__open_and_load();
	return k->maps ? 0 : -errno;
}

void kernel_close(struct kernel *k)
{
	pcap_run__destroy(k->now);
	pcap_run__destroy(k->maps);
	k->now = k->maps = NULL;
}

int kernel_put(struct kernel *k, uint32_t index, const uint8_t *bytes)
{
	return bpf_map_update_elem(bpf_map__fd(k->maps->maps.packets), &index, bytes, BPF_ANY)
		       ? -errno
		       : 0;
}

int kernel_load(struct kernel *k, const struct pcap_filter *first, const struct pcap_filter *second)
{
	struct pcap_run *fresh = pcap_run__open();
	int err = fresh ? 0 : -errno;

	pcap_run__destroy(k->now);
	k->now = NULL;
	if (!err)
		err = bpf_map__reuse_fd(fresh->maps.packets, bpf_map__fd(k->maps->maps.packets));
	if (!err)
		err = bpf_map__reuse_fd(fresh->maps.address, bpf_map__fd(k->maps->maps.address));
	filters[0] = first;
	filters[1] = second;
	if (!err)
		err = pcap_run__load(fresh);
	filters[0] = filters[1] = NULL;
	if (err) {
		pcap_run__destroy(fresh);
		return err;
	}
	k->now = fresh;
	k->fd = bpf_program__fd(fresh->progs.run);
	return 0;
}

int kernel_verdict(const struct kernel *k, uint32_t which, uint32_t index, uint32_t caplen,
		   uint32_t wirelen, uint64_t address)
{
	uint64_t args[RUN_ARGS] = {[RUN_INDEX] = index,
				   [RUN_CAPLEN] = caplen,
				   [RUN_WIRELEN] = wirelen,
				   [RUN_WHICH] = which,
				   [RUN_ADDRESS] = address};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	int err = bpf_prog_test_run_opts(k->fd, &opts);

	return err ? err : (int)opts.retval;
}
