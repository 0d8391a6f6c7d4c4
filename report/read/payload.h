/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_PAYLOAD_H
#define REPORT_PAYLOAD_H

/* What is ours among the options of a block. */

#include "common/cursor.h"

struct pcapng_option;

/* The next payload (common/event_codec.h), whose value is o's: borrowed. Its kind; 0: no more. */
int payload_next(struct cursor *options, struct pcapng_option *o);

#endif
