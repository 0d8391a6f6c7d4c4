// SPDX-License-Identifier: GPL-2.0-only
#include "common/capability.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct set {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

static int set_read(struct set *s)
{
	memset(s, 0, sizeof(*s));
	s->header.version = _LINUX_CAPABILITY_VERSION_3;
	return syscall(SYS_capget, &s->header, s->data) ? -errno : 0;
}

static int set_write(struct set *s)
{
	return syscall(SYS_capset, &s->header, s->data) ? -errno : 0;
}

uint64_t capability_effective(void)
{
	struct set s;

	return set_read(&s) ? 0 : s.data[0].effective | (uint64_t)s.data[1].effective << 32;
}

bool capability_known(int nr)
{
	return prctl(PR_CAPBSET_READ, nr, 0, 0, 0) >= 0;
}

int capability_effect(uint64_t keep)
{
	struct set s;
	int err = set_read(&s);

	if (err)
		return err;
	for (int i = 0; i < 2; i++)
		s.data[i].effective = s.data[i].permitted & (uint32_t)(keep >> 32 * i);
	return set_write(&s);
}

void capability_unbound(void)
{
	for (int nr = 0; capability_known(nr); nr++)
		if (prctl(PR_CAPBSET_DROP, nr, 0, 0, 0))
			break;
}

int capability_drop(uint64_t keep)
{
	struct set s;
	int err = set_read(&s);

	if (err)
		return err;
	capability_unbound();
	/* Unknown before 4.3, which has no ambient ones. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (int i = 0; i < 2; i++) {
		s.data[i].permitted &= (uint32_t)(keep >> 32 * i);
		s.data[i].effective = s.data[i].permitted;
		s.data[i].inheritable = 0;
	}
	err = set_write(&s);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	return err;
}
