/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SRCLINE_UNIT_H
#define REPORT_SRCLINE_UNIT_H

/* One compile unit's DWARF -> its table (linetable.h). */

#include <elfutils/libdw.h>

#include "common/buf.h"
#include "report/symbol/srcline_map.h"

/* ranges (struct srcline_range, here) are those of the unit. Appends to table. What libdw cannot
 * read is left out. -ENOMEM. */
int srcline_unit_read(Dwarf_Die *unit, const struct srcline_map *map, const struct buf *ranges,
		      struct buf *table);

#endif
