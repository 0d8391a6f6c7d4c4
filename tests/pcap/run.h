/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PCAP_RUN_H
#define TESTS_PCAP_RUN_H

/* What run.bpf.c and the program that runs it agree on. */

#define RUN_PACKETS 256
#define RUN_BYTES   2048 /* of a packet, readable or not */

/* Which of the four stubs; two filters fit into a program. */
#define RUN_L2	   0
#define RUN_L3	   1
#define RUN_L2_TOO 2
#define RUN_L3_TOO 3

/* The arguments, 64 bits each. */
enum run_arg { RUN_INDEX, RUN_CAPLEN, RUN_WIRELEN, RUN_WHICH, RUN_ADDRESS, RUN_ARGS };

#endif
