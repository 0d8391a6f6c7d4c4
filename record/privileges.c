// SPDX-License-Identifier: GPL-2.0-only
#include "record/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/capability.h"
#include "common/log.h"
#include "record/program.h"

/* ---- who ---- */

static int plan_user(const char *user, struct identity *id)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(user);
	if (!pw) {
		log_error("--user: no such user: %s", user);
		return -EINVAL;
	}
	if (pw->pw_uid == geteuid())
		return 0;
	if (geteuid()) {
		log_error("--user: only root can become %s", user);
		return -EINVAL;
	}
	return identity_init(id, user, pw->pw_uid, pw->pw_gid);
}

int privileges_plan(const char *user, struct privileges *ret)
{
	struct privileges p = {};
	int err = identity_of_caller(&p.caller);

	if (!err && user)
		err = plan_user(user, &p.user);
	else if (!err && p.caller.is_other)
		err = identity_init(&p.user, p.caller.name, p.caller.uid, p.caller.gid);
	if (err) {
		if (err == -ENOMEM)
			log_error("out of memory");
		privileges_deinit(&p);
		return err;
	}
	*ret = p;
	return 0;
}

void privileges_deinit(struct privileges *p)
{
	identity_deinit(&p->caller);
	identity_deinit(&p->user);
	free(p->groups);
	p->groups = NULL;
}

/* ---- for a while ---- */

static int cannot_become(const struct identity *id, int err)
{
	log_error("cannot become %s: %s (--user root stays root)", id->name, strerror(err));
	return -err;
}

static int keep_groups(struct privileges *p)
{
	p->n_groups = getgroups(0, NULL);
	p->groups = calloc((size_t)p->n_groups + 1, sizeof(*p->groups));
	if (!p->groups)
		return -ENOMEM;
	return getgroups(p->n_groups, p->groups) < 0 ? -errno : 0;
}

static int be_root(const struct privileges *p)
{
	if (seteuid(0) || setegid(getgid()) || setgroups((size_t)p->n_groups, p->groups))
		return -errno;
	return 0;
}

int privileges_lend(struct privileges *p)
{
	const struct identity *id = &p->user;
	int err;

	if (!id->is_other || p->lent || p->dropped)
		return 0;
	err = p->groups ? 0 : keep_groups(p);
	if (err)
		return cannot_become(id, -err);
	if (!setgroups((size_t)id->n_groups, id->groups) && !setegid(id->gid) &&
	    !seteuid(id->uid)) {
		p->lent = true;
		return 0;
	}
	err = errno;
	be_root(p);
	return cannot_become(id, err);
}

void privileges_return(struct privileges *p)
{
	if (p->lent && be_root(p))
		log_error("cannot become root again");
	p->lent = false;
}

/* ---- the output ---- */

/* "dir/file" -> "dir", "file" -> ".", "/file" -> "/". */
static void directory_of(const char *path, char *to, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(to, size, ".");
	else
		snprintf(to, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

static bool forbidden(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) && errno == EACCES;
}

int privileges_check_output(struct privileges *p, const char *path, bool more)
{
	char dir[PATH_MAX];
	bool exists, bad;
	struct stat st;

	if (!strcmp(path, "-"))
		return 0;
	directory_of(path, dir, sizeof(dir));
	/* As it will be then: root without capabilities may not write everywhere. */
	if (more)
		capability_effect(0);
	exists = !lstat(path, &st);
	bad = exists && !S_ISLNK(st.st_mode) && forbidden(path, W_OK);
	if (!exists || more)
		bad |= forbidden(dir, W_OK | X_OK);
	if (more)
		capability_effect(p->lent ? 0 : ~0ull);
	if (!bad)
		return 0;
	if (p->lent)
		log_error(
			"%s: %s, who is to own it, may not write there (another directory, or --user root)",
			path, p->user.name);
	else
		log_error("%s: may not be written once privileges are given up (another directory)",
			  path);
	return -EACCES;
}

/* ---- for good ---- */

uint64_t privileges_needed(const struct program *p)
{
	uint64_t misses;
	bool refused;

	if (program_misses(p, &misses) || capability_effect(0))
		return 0;
	refused = program_misses(p, &misses) == -EPERM;
	capability_effect(~0ull);
	return refused ? CAPABILITY(CAP_BPF) : 0;
}

/* kill(2) asks for the real or the effective user: of another's command, the real one is theirs. */
static uid_t real_user(const struct privileges *p, bool command)
{
	return command && p->caller.is_other ? p->caller.uid
	       : p->user.is_other	     ? p->user.uid
					     : getuid();
}

static int become(const struct privileges *p, uid_t real)
{
	const struct identity *id = &p->user;
	uid_t uid = id->is_other ? id->uid : geteuid();

	if (id->is_other &&
	    (setgroups((size_t)id->n_groups, id->groups) || setresgid(id->gid, id->gid, id->gid)))
		return -errno;
	return setresuid(real, uid, uid) ? -errno : 0;
}

int privileges_drop(struct privileges *p, uint64_t keep, bool command)
{
	int err;

	capability_unbound();
	if (keep)
		prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	err = become(p, real_user(p, command));
	if (err)
		return cannot_become(&p->user, -err);
	err = capability_drop(keep);
	if (err)
		log_error("cannot give up privileges: %s", strerror(-err));
	p->dropped = !err;
	return err;
}
