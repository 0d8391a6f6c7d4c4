// SPDX-License-Identifier: GPL-2.0-only
/*
 * One perf event for each function. Each costs the kernel a grace period, which several threads can
 * wait for at once. By address, so that duplicate names are no trouble.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/event.h"
#include "common/log.h"
#include "record/probe.h"
#include "record/stop.h"

#define THREADS 16

struct work {
	struct program *program;
	struct target_set *set;
	struct probe_links *links;
	pthread_mutex_t lock; /* links and the counts */
	size_t *index;
	size_t count;
	size_t next;
	size_t done;
	size_t attached;
	uint32_t pmu;
	bool cookies;
	int returns; /* without cookies: one probe at a return is attached */
	int err;     /* the last failure */
};

/* The number of the kprobe PMU. -EOPNOTSUPP: this kernel has none. */
static int read_pmu(uint32_t *ret)
{
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int n;

	if (!f)
		return -EOPNOTSUPP;
	n = fscanf(f, "%u", ret);
	fclose(f);
	return n == 1 ? 0 : -EOPNOTSUPP;
}

/* Bit 0 of config: at the return (/sys/bus/event_source/devices/kprobe/format/retprobe). */
static int open_event(uint32_t pmu, const struct target *t)
{
	struct perf_event_attr attr = {.size = sizeof(attr),
				       .type = pmu,
				       .config = t->skb_arg == FUNC_ARG_RETURN,
				       .config2 = t->addr};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/*
 * A BPF link carries the cookie. Without links to perf events (before 5.15) the program is set on
 * the event itself and finds its cookie by the address it was called at: the instruction after the
 * probe's first byte, and behind an ENDBR four on. All returns go through one trampoline, so there
 * only one function's can be told.
 */
static int connect_event(struct work *w, int event, size_t index, int *link)
{
	struct target *t = &w->set->all[index];
	uint64_t cookie = target_cookie(w->set, index);
	LIBBPF_OPTS(bpf_link_create_opts, opts, .perf_event.bpf_cookie = cookie);
	static const uint64_t at[] = {0, 1, 4, 5};
	int err;

	*link = -1;
	if (w->cookies) {
		*link = bpf_link_create(program_fd(w->program), event, BPF_PERF_EVENT, &opts);
		return *link < 0 ? -errno : 0;
	}
	if (t->skb_arg == FUNC_ARG_RETURN) {
		if (!w->set->trampoline || __atomic_exchange_n(&w->returns, 1, __ATOMIC_RELAXED))
			return -EBUSY;
		err = program_add_cookie(w->program, w->set->trampoline, cookie);
		if (err)
			return err;
	}
	for (size_t i = 0; t->skb_arg != FUNC_ARG_RETURN && i < sizeof(at) / sizeof(at[0]); i++) {
		err = program_add_cookie(w->program, t->addr + at[i], cookie);
		if (err)
			return err;
	}
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program_fd(w->program)) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
}

static void attach_one(struct work *w, size_t index)
{
	struct target *t = &w->set->all[index];
	int event = open_event(w->pmu, t), link = -1, err = event < 0 ? event : 0;

	if (!err)
		err = connect_event(w, event, index, &link);
	pthread_mutex_lock(&w->lock);
	if (!err && link >= 0)
		err = probe_links_add(w->links, link);
	if (!err)
		err = probe_links_add(w->links, steal_fd(&event));
	t->status = err ? TARGET_FAILED : TARGET_ATTACHED;
	t->err = -err;
	if (err)
		w->err = err;
	w->attached += !err;
	probe_progress(++w->done, w->count);
	pthread_mutex_unlock(&w->lock);
	if (event >= 0)
		close(event);
}

static void *run(void *arg)
{
	struct work *w = arg;
	size_t i;

	while (!stop_requested() &&
	       (i = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED)) < w->count)
		attach_one(w, w->index[i]);
	return NULL;
}

/* Two descriptors a function. */
static void raise_fd_limit(size_t functions)
{
	rlim_t need = functions * 2 + 256;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= need)
		return;
	if (r.rlim_max < need)
		r.rlim_max = need;
	r.rlim_cur = need;
	if (!setrlimit(RLIMIT_NOFILE, &r))
		return;
	/* As many as there may be; what does not fit is told after attaching. */
	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

static void run_all(struct work *w)
{
	pthread_t threads[THREADS];
	int n = 0;

	/* The first one alone: if there is no such thing as a kprobe here, once is enough. */
	attach_one(w, w->index[w->next++]);
	if (!w->attached && (w->err == -EOPNOTSUPP || w->err == -EPERM || w->err == -EACCES))
		return;
	while (n < THREADS && !pthread_create(&threads[n], NULL, run, w))
		n++;
	run(w);
	while (n > 0)
		pthread_join(threads[--n], NULL);
}

static int attach_all(struct program *p, struct target_set *set, struct probe_links *links,
		      bool cookies)
{
	struct work w = {.program = p, .set = set, .links = links, .cookies = cookies};
	int err = read_pmu(&w.pmu);

	if (err)
		return err;
	w.index = calloc(target_count(set, TARGET_WANTED) + 1, sizeof(*w.index));
	if (!w.index)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		if (set->all[i].status == TARGET_WANTED)
			w.index[w.count++] = i;
	raise_fd_limit(w.count);
	pthread_mutex_init(&w.lock, NULL);
	if (w.count)
		run_all(&w);
	probe_progress(w.count, w.count);
	pthread_mutex_destroy(&w.lock);
	free(w.index);
	return w.attached ? 0 : w.err ? w.err : -ENOENT;
}

static int attach_cookies(struct program *p, struct target_set *set, struct probe_links *links)
{
	return attach_all(p, set, links, true);
}

static int attach_ip(struct program *p, struct target_set *set, struct probe_links *links)
{
	return attach_all(p, set, links, false);
}

const struct probe_ops probe_kprobe = {
	.name = "kprobe",
	.how = FUNC_KPROBE,
	.entry = PROGRAM_KPROBE,
	.attach = attach_cookies,
};

const struct probe_ops probe_kprobe_ip = {
	.name = "kprobe",
	.how = FUNC_KPROBE,
	.entry = PROGRAM_KPROBE_IP,
	.attach = attach_ip,
};
