/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_SSH_H
#define RECORD_SSH_H

#include <stdbool.h>

#include "bpf/pwru_abi.h"

/*
 * Recording the ssh connection that the recorder's own output goes over would record itself in a
 * loop. Finds that connection in SSH_CONNECTION of this process or, since sudo takes it away, of an
 * ancestor (sshd(8) sets it: client address and port, server address and port). False when there is
 * none.
 */
bool ssh_connection(struct pwru_tuple *ret);

/* The same from such a string; false if it is none. */
bool ssh_parse(const char *value, struct pwru_tuple *ret);

#endif
