/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_DEBUGFILE_ELF_H
#define REPORT_DEBUGFILE_ELF_H

/* What of an ELF file tells whether it is the right one. */

#include <stdbool.h>
#include <stddef.h>

#include "report/symbol/debugfile.h"

struct debugfile_elf {
	char build_id[DEBUGFILE_ID]; /* "" none */
	bool has_debug;		     /* information, not only names */
	char alt_id[DEBUGFILE_ID];   /* of the file dwz has moved a part to; "" none */
	char alt_name[4096];	     /* where that was when it did */
};

/* fd stays the caller's. -EBADMSG: no ELF file. */
int debugfile_elf_read(int fd, struct debugfile_elf *ret);

#endif
