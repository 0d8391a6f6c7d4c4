/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_DEBUGINFO_TEXT_H
#define REPORT_DEBUGINFO_TEXT_H

/* Source lines as people read them. */

#include <stdint.h>

#include "report/read/capture.h"
#include "report/symbol/debuginfo.h"
#include "report/render/sink.h"

/*
 * Of a return address " net/ipv4/ip_output.c:126", where the call itself was inlined
 * " net/ipv4/ip_output.c:126 > dst_output include/net/dst.h:456"; " (unverified)" behind it when
 * the debug information is of another build. Nothing when the line is not known.
 */
void debuginfo_text(struct sink *s, struct capture *c, uint64_t addr);

/* What there is of a module: its name, its build-id, and "FILE (debug-dir, verified)" or why there
 * is none. */
void debuginfo_text_object(struct sink *s, const char *module, const struct debuginfo_object *o);

#endif
