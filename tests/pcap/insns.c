// SPDX-License-Identifier: GPL-2.0-only
/*
 * insns: how many instructions the verifier looks at in each program that this kernel can load,
 * with everything switched on; without a filter and with large ones. One line each: NAME FILTER
 * COUNT. The kernel's limit is 1,000,000; exit 1 when one is above a quarter of that. Root.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "record/pcap_filter.h"
#include "record/program.h"

#define LIMIT 250000

static const struct {
	const char *name;
	enum program_entry entry;
	enum program_buffer buffer;
} programs[] = {
	{"kprobe.multi/ring", PROGRAM_MULTI, PROGRAM_RING},
	{"kprobe/ring", PROGRAM_KPROBE, PROGRAM_RING},
	{"kprobe-by-ip/ring", PROGRAM_KPROBE_IP, PROGRAM_RING},
	{"kprobe-by-ip/perf", PROGRAM_KPROBE_IP, PROGRAM_PERF},
	{"raw_tp/ring", PROGRAM_RAW_TP, PROGRAM_RING},
	{"raw_tp/perf", PROGRAM_RAW_TP, PROGRAM_PERF},
	{"tp_btf/ring", PROGRAM_TP_BTF, PROGRAM_RING},
};

/* All positions given: the second argument a socket and a location, the third a reason. */
#define ALL_OF_IT                                                         \
	(2ULL << PWRU_COOKIE_LOC_SHIFT | 2ULL << PWRU_COOKIE_SOCK_SHIFT | \
	 3ULL << PWRU_COOKIE_REASON_SHIFT | 3ULL << PWRU_COOKIE_ROLES_SHIFT)

static const struct pwru_config everything = {
	.snaplen = PWRU_DATA_LARGE,
	.mark = 1,
	.mark_mask = 0xff,
	.pid = 1,
	.netns = 1,
	.stack_depth = PWRU_STACK_MAX,
	.skb_size = PWRU_SKB_MAX,
	.keep_cb = 1,
	.extra = 1,
	.has_ifname = 1,
	.want_dev = 1,
	.ifname = "eth0",
	.vmemmap = 1,
	.page_offset = 1,
	.track = 1,
	.inferred = 1,
	.want_tuple = 1,
	.has_mark = 1,
	.has_proto = 1,
	.has_sport = 1,
	.has_dport = 1,
	.src_family = 6,
	.dst_family = 6,
	.proto = 6,
	.exclude = 1,
};

static uint32_t verified(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.verified_insns;
}

/* Instructions, or a negative errno. */
static long count(size_t which, const struct pcap_filter *f)
{
	struct pwru_config config = everything;
	struct program_spec spec = {.entry = programs[which].entry,
				    .buffer = programs[which].buffer,
				    .buffer_size = 1 << 20,
				    .max_cookies = 16,
				    .config = &config,
				    .pcap = f,
				    .tunnel = f};
	struct program *p;
	long n, clone;
	int err, fd;

	config.has_pcap = config.has_tunnel = f != NULL;
	err = program_open(&spec, &p);
	if (err)
		return err;
	n = program_verified(p);
	if (spec.entry == PROGRAM_RAW_TP) {
		fd = program_clone(p, ALL_OF_IT, 0);
		clone = fd < 0 ? fd : (long)verified(fd);
		n = clone < 0 || clone > n ? clone : n;
		if (fd >= 0)
			close(fd);
	}
	program_close(p);
	return n;
}

/* Each program with this filter; false if one is over the limit or is refused only with it. */
static bool count_all(const char *name, const struct pcap_filter *f, bool loads[])
{
	bool good = true;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		long n = count(i, f);

		if (!f)
			loads[i] = n > 0;
		if (n < 0)
			printf("%-18s %-26s %s\n", programs[i].name, name, strerror((int)-n));
		else
			printf("%-18s %-26s %7ld%s\n", programs[i].name, name, n,
			       n > LIMIT ? " too many" : "");
		good = good && n <= LIMIT && (n > 0 || !loads[i]);
	}
	return good;
}

static void many(char *text, size_t size, const char *format, int n)
{
	size_t at = 0;

	*text = 0;
	for (int i = 0; i < n && at < size; i++) {
		at += (size_t)snprintf(text + at, size - at, i ? " or " : "");
		at += (size_t)snprintf(text + at, size - at, format, i % 250, i % 60000);
	}
}

int main(void)
{
	static char hosts[65536], loads_text[65536];
	bool loads[sizeof(programs) / sizeof(programs[0])];
	struct {
		const char *name, *text;
	} filters[] = {
		{"small", "tcp port 80 or udp portrange 1000-2000"},
		{"50 hosts and ports", hosts},
		{"60 computed loads", loads_text},
	};
	bool good = count_all("none", NULL, loads);

	many(hosts, sizeof(hosts), "(host 10.0.0.%d and not port %d)", 50);
	many(loads_text, sizeof(loads_text),
	     "tcp[((tcp[12:1] & 0xf0) >> 2) + %d:4] / (ip[8] & 7) = %d", 60);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct pcap_filter f;
		char name[64];

		if (pcap_filter_create("insns", filters[i].text, &f))
			return 1;
		snprintf(name, sizeof(name), "%s (%zu)", filters[i].name, f.l2.count + f.l3.count);
		good = count_all(name, &f, loads) && good;
		pcap_filter_deinit(&f);
	}
	return !good;
}
