/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RECORD_IDENTITY_H
#define RECORD_IDENTITY_H

/* A user to become: the one who called sudo, or another. */

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* heap */
	int n_groups;
	char *name;    /* heap */
	bool is_other; /* than who runs this; else nothing above is set */
};

/* *id is all zeros before. -ENOMEM; identity_deinit() in any case. */
int identity_init(struct identity *id, const char *name, uid_t uid, gid_t gid);
void identity_deinit(struct identity *id);

/*
 * From SUDO_UID, SUDO_GID and SUDO_USER; is_other stays false without them, and when not root runs
 * this. -EINVAL after one line when they are no numbers; -ENOMEM. identity_deinit() in any case.
 */
int identity_of_caller(struct identity *id);

/* In a child, for good. -errno: then it must not go on. */
int identity_become(const struct identity *id);

#endif
