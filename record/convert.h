/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_CONVERT_H
#define RECORD_CONVERT_H

/* Raw event -> the event model and an Ethernet frame: the only place where the kernel's layout and
 * the file's meet. */

#include <stddef.h>
#include <stdint.h>

#include "bpf/pwru_abi.h"
#include "common/event.h"

#define CONVERT_FRAME_MAX (14 + PWRU_DATA_LARGE)

struct convert_frame {
	uint8_t data[CONVERT_FRAME_MAX];
	uint32_t caplen;
	uint32_t origlen;
};

/*
 * size: of raw and its data. addr and inferred are the recorder's knowledge. Everything of *e but
 * tag is set; it borrows nothing. -EBADMSG when raw is inconsistent (which would be a bug in the
 * programs).
 */
int convert(const struct pwru_event *raw, size_t size, uint64_t addr, int inferred, struct event *e,
	    struct convert_frame *f);

/* Does raw carry what is behind the data area (cfg.extra)? size is then that of a whole such
 * record. */
#define CONVERT_EXTRA_SIZE (sizeof(struct pwru_event) + PWRU_DATA_LARGE + sizeof(struct pwru_extra))

#endif
