/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TESTS_PCAP_EXPRESSION_H
#define TESTS_PCAP_EXPRESSION_H

/*
 * Expressions of pcap-filter(7), made up. Most compile; some libpcap refuses (a division by a
 * constant 0, ports of a protocol without any), which is for the caller to find out.
 */

#include <stddef.h>

#include "tests/pcap/dice.h"

#define EXPRESSION_MOST 2048

void expression_make(struct dice *d, char *text); /* EXPRESSION_MOST bytes */

#endif
