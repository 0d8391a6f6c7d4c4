/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_SHAPES_RENDER_H
#define REPORT_SHAPES_RENDER_H

/* --group: one shape, in three forms. */

#include "report/views/paths.h"
#include "report/views/shapes.h"

/* A tree of blocks, as the paths view prints its example, with percentiles in place of delays. */
void shapes_text(struct paths *v, struct shape *shape);
/* A line: report/schema/shapes.json. */
void shapes_json(struct paths *v, struct shape *shape);
/* A line a hop, after a header line. group: 1 first. */
void shapes_csv_head(struct sink *s);
void shapes_csv(struct paths *v, struct shape *shape, uint64_t group);

#endif
