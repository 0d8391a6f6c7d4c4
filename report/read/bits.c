// SPDX-License-Identifier: GPL-2.0-only
#include "report/read/bits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int bits_reserve(struct bits *b, uint64_t n)
{
	uint64_t room = b->room ? b->room : 4096;
	uint8_t *bytes;

	if (n / 8 < b->room)
		return 0;
	while (room <= n / 8)
		room *= 2;
	bytes = realloc(b->bytes, room);
	if (!bytes)
		return -ENOMEM;
	memset(bytes + b->room, 0, room - b->room);
	b->bytes = bytes;
	b->room = room;
	return 0;
}

void bits_deinit(struct bits *b)
{
	free(b->bytes);
	*b = (struct bits){};
}
