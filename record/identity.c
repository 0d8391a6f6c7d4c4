// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups are looked up once, at the start: afterwards there may be no sockets to look them up with.
 */
#include "record/identity.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

int identity_init(struct identity *id, const char *name, uid_t uid, gid_t gid)
{
	int n = 32, room;

	id->uid = uid;
	id->gid = gid;
	id->name = strdup(name);
	do {
		room = n;
		free(id->groups);
		id->groups = calloc((size_t)room, sizeof(*id->groups));
		if (!id->name || !id->groups)
			return -ENOMEM;
	} while (getgrouplist(name, gid, id->groups, &n) < 0 && n > room);
	id->n_groups = n < room ? n : room;
	id->is_other = true;
	return 0;
}

void identity_deinit(struct identity *id)
{
	free(id->groups);
	free(id->name);
	memset(id, 0, sizeof(*id));
}

static int number(const char *name, const char *text, unsigned int *ret)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v >= UINT_MAX) {
		log_error("%s is not a number (\"%s\")", name, text);
		return -EINVAL;
	}
	*ret = (unsigned int)v;
	return 0;
}

/* Sudo's word is taken only by root: anybody else gains nothing and loses nothing by it. */
int identity_of_caller(struct identity *id)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID"),
		   *name = getenv("SUDO_USER");
	unsigned int u, g;
	int err;

	if (geteuid() || !uid || !gid || !name)
		return 0;
	err = number("SUDO_UID", uid, &u);
	if (!err)
		err = number("SUDO_GID", gid, &g);
	if (err || !u)
		return err;
	return identity_init(id, name, u, g);
}

int identity_become(const struct identity *id)
{
	if (!id->is_other)
		return 0;
	if (setgroups((size_t)id->n_groups, id->groups) || setgid(id->gid) || setuid(id->uid))
		return -errno;
	return 0;
}
