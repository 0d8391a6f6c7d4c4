/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_PRIVILEGES_H
#define RECORD_PRIVILEGES_H

/*
 * Who records. Attaching needs privileges; draining and writing needs none, and under sudo it is
 * done by the user who called sudo: the output is theirs, and is opened with their permissions.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/identity.h"

struct program;

struct privileges {
	struct identity caller; /* of sudo: the command runs as they */
	struct identity user;	/* to become */
	bool lent;		/* between privileges_lend() and privileges_return() */
	bool dropped;
	gid_t *groups; /* of who runs this; heap */
	int n_groups;
};

/*
 * From SUDO_UID, SUDO_GID and SUDO_USER, and from --user (NULL: not given). -EINVAL after one line
 * when there is no such user, or only root could become it. privileges_deinit().
 */
int privileges_plan(const char *user, struct privileges *ret);
void privileges_deinit(struct privileges *p);

/*
 * In between, files are opened and removed as the user to become; does nothing when it already has
 * been. -errno after one line: then nothing has changed.
 */
int privileges_lend(struct privileges *p);
void privileges_return(struct privileges *p);

/*
 * May the file be written, or made, by who runs this now? more: it, or others beside it, will be
 * made later, without any capability. -EACCES after one line that names the cure; what else may be
 * wrong with it is told by opening it.
 */
int privileges_check_output(struct privileges *p, const char *path, bool more);

/* The capability without which this kernel does not count hits that were nested; 0: none. */
uint64_t privileges_needed(const struct program *p);

/*
 * For good, once everything is open: becomes the user, and gives up all capabilities but keep.
 * command: one of the caller's is running, and must be told to end. -errno after one line; then
 * nothing may be written.
 */
int privileges_drop(struct privileges *p, uint64_t keep, bool command);

#endif
