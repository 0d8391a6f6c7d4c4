/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_DEBUGINFO_JSON_H
#define REPORT_DEBUGINFO_JSON_H

/* Source lines as programs read them. */

#include <stdint.h>

#include "report/read/capture.h"
#include "report/symbol/debuginfo.h"
#include "report/render/sink.h"

/* Of a return address the keys file, line, inlined and verified, each after prefix, "" none; all
 * null when the line is not known, or addr is 0. */
void debuginfo_json(struct sink *s, const char *prefix, struct capture *c, uint64_t addr);

/* What is inlined there, as a value without its key: func, file and line of each call, the
 * outermost first; an empty array: nothing is. null: not known. */
void debuginfo_json_inlined(struct sink *s, struct capture *c, uint64_t addr);

/* What there is of a module: the keys module, build_id, file, place, verified and why. */
void debuginfo_json_object(struct sink *s, const char *module, const struct debuginfo_object *o);

#endif
