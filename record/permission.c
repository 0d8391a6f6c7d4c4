// SPDX-License-Identifier: GPL-2.0-only
/* As README.md has it in its table; found by trial (tests/vm/caps-test.sh). */
#include "record/permission.h"

#include <stdio.h>
#include <sys/resource.h>

#include "common/capability.h"

static int setting(const char *path)
{
	FILE *f = fopen(path, "re");
	int v = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%d", &v) != 1)
		v = 0;
	fclose(f);
	return v;
}

bool permission_perf_restricted(void)
{
	return setting("/proc/sys/kernel/perf_event_paranoid") > 2;
}

static void add(struct buf *b, const char *what)
{
	buf_printf(b, "%s%s", b->len ? " and " : "", what);
}

/* Before 5.11 memory for maps counts as locked. */
static bool memory_limited(void)
{
	struct rlimit r;

	return !getrlimit(RLIMIT_MEMLOCK, &r) && r.rlim_cur != RLIM_INFINITY;
}

void permission_missing(const struct permission *p, struct buf *b)
{
	uint64_t has = capability_effective();
	bool admin = has & CAPABILITY(CAP_SYS_ADMIN), early = !capability_known(CAP_BPF);
	bool restricted = p->perf_events && permission_perf_restricted();

	if (!admin && early)
		add(b, "CAP_SYS_ADMIN");
	if (!admin && !early && !(has & CAPABILITY(CAP_BPF)))
		add(b, "CAP_BPF");
	if (!admin && !early && !(has & CAPABILITY(CAP_PERFMON)))
		add(b, "CAP_PERFMON");
	if (!admin && !early && restricted)
		add(b, "CAP_SYS_ADMIN (sysctl kernel.perf_event_paranoid=2 does as well)");
	if (p->symbols && !(has & CAPABILITY(CAP_SYSLOG)))
		add(b, "CAP_SYSLOG");
	if (!b->len && !(has & CAPABILITY(CAP_SYS_RESOURCE)) && memory_limited())
		add(b, "CAP_SYS_RESOURCE (ulimit -l unlimited does as well)");
}
