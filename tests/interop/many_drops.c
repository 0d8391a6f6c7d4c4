// SPDX-License-Identifier: GPL-2.0-only
/*
 * many_drops PACKETS PLACES FUNCTIONS: a capture with more of all than a view tells apart: each
 * packet is of its own flow, passes three functions and is dropped at one of so many places.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/capture_builder.h"

enum { END = 1 << 0, BEGIN = 1 << 1, MATCHED = 1 << 2, REASON = 1 << 3 };
enum { ROLE_FREE = 1, ROLE_RELEASE = 4, ROLE_REASON = 8 };

static uint64_t addr(uint64_t f)
{
	return 0xffffffff81000000 + 0x1000 * f;
}

int main(int argc, char **argv)
{
	uint64_t packets = argc > 3 ? strtoul(argv[1], NULL, 10) : 0, now = 1000000;
	uint64_t places = argc > 3 ? strtoul(argv[2], NULL, 10) : 1;
	uint64_t functions = argc > 3 ? strtoul(argv[3], NULL, 10) : 1, drop = functions;
	struct builder_hit h = {.netns = 1, .ifindex = 2, .ifname = "eth0", .comm = "x"};
	struct builder b;
	uint8_t syn[96];
	char name[32];

	builder_init(&b, 0xaa);
	builder_shb(&b, 0);
	builder_text_record(&b, 1, "release=6.12.0-test\nhostname=box\ncpus=1\n");
	builder_text_record(&b, 5, "0 SKB_NOT_DROPPED_YET\n8 SKB_DROP_REASON_NETFILTER_DROP\n");
	builder_meta(&b);
	for (uint64_t f = 0; f < functions; f++) {
		snprintf(name, sizeof(name), "function_%u", (unsigned int)f);
		builder_func(&b, addr(f), name, "", 0);
	}
	builder_func(&b, addr(drop), "kfree_skb_reason", "", ROLE_REASON);
	builder_func(&b, addr(drop + 1), "kfree_skbmem", "", ROLE_FREE | ROLE_RELEASE);
	builder_other(&b);
	for (uint64_t i = 0; i < packets; i++) {
		const uint64_t way[] = {i % functions, i / functions % functions,
					i * 7919 % functions, drop, drop + 1};

		for (unsigned int n = 0; n < 5; n++) {
			h.packet = i + 1;
			h.func = addr(way[n]);
			h.ktime = now += 100 + i % 1000 * n;
			h.flags = MATCHED | (n ? 0 : BEGIN) | (n == 3 ? REASON : 0) |
				  (n == 4 ? END : 0);
			h.reason = n == 3 ? 8 : 0;
			h.caller = n == 3 ? 0xffffffffc0000000 + i % places : 0;
			h.data = syn;
			h.data_len = builder_tcp4(syn, 0x0a000000 + (uint32_t)i, (uint16_t)i,
						  0x0a010001, 81, 2);
			builder_hit(&b, &h);
		}
	}
	builder_close(&b, now, "end=interrupted\n");
	fwrite(b.data, 1, b.len, stdout);
	builder_deinit(&b);
	return 0;
}
