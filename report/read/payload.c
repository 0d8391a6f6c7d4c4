// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/payload.h"

#include "common/event_codec.h"
#include "common/pcapng_reader.h"

int payload_next(struct cursor *options, struct pcapng_option *o)
{
	int kind;

	while (pcapng_option_next(options, o) == 1) {
		if (o->code != PCAPNG_OPT_CUSTOM && o->code != PCAPNG_OPT_CUSTOM_NOCOPY)
			continue;
		kind = payload_kind(o->value, o->len);
		if (kind)
			return kind;
	}
	return 0;
}
