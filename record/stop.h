/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_STOP_H
#define RECORD_STOP_H

#include <stdbool.h>

/* SIGINT, SIGTERM and SIGHUP end the recording in order; SIGUSR1 asks for the next file; SIGPIPE is
 * ignored. Sleeping calls return early. */
void stop_install(void);
bool stop_requested(void);
const char *stop_reason(void); /* "SIGINT" … */
bool stop_next_file(void);     /* SIGUSR1 came since the last call */

#endif
