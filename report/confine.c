// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is forbidden is listed, not what is allowed: the report reads and writes files, has threads
 * and maps memory as it likes.
 */
#include "report/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/capability.h"
#include "common/log.h"

static const int network[] = {
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind),
	SCMP_SYS(listen), SCMP_SYS(accept),	SCMP_SYS(accept4),
};

static const int forbidden[] = {
	/* Programs. A thread is a clone too. */
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	/* What goes around these rules. */
	SCMP_SYS(io_uring_setup),
	/* Other processes. */
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(process_madvise),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	/* The kernel. */
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	/* Mounts and namespaces. */
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig),
	SCMP_SYS(fsmount),
	SCMP_SYS(fspick),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
};

static int refuse_all(scmp_filter_ctx ctx, const int *calls, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		if (calls[i] >= 0)
			err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
	return err;
}

static int add_rules(scmp_filter_ctx ctx, bool may_connect)
{
	struct scmp_arg_cmp process = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
	struct scmp_arg_cmp other = SCMP_CMP(0, SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
	/* The terminal's input queue: as if its user had typed. */
	struct scmp_arg_cmp typing = SCMP_CMP(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, 0x5412);
	uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	int err = refuse_all(ctx, forbidden, sizeof(forbidden) / sizeof(forbidden[0]));

	if (!err && !may_connect)
		err = refuse_all(ctx, network, sizeof(network) / sizeof(network[0]));
	if (!err)
		err = seccomp_rule_add_array(ctx, refuse, SCMP_SYS(clone), 1, &process);
	/* Its flags are in memory, where no filter can see them: libc then takes clone(2). */
	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (!err)
		err = seccomp_rule_add_array(ctx, refuse, SCMP_SYS(tgkill), 1, &other);
	if (!err)
		err = seccomp_rule_add_array(ctx, refuse, SCMP_SYS(ioctl), 1, &typing);
	return err;
}

static int load_filter(bool may_connect)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int err;

	if (!ctx)
		return -ENOMEM;
	/* Of another architecture nothing is allowed. */
	err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
	if (!err)
		err = add_rules(ctx, may_connect);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

/* Root reads and writes anybody's files with a capability: it is kept when one of these needs that.
 * Where a file is to be made is not worth finding out. */
static uint64_t needed(char *const *files, size_t n, const char *out)
{
	bool refused = false;

	if (capability_effect(0))
		return 0;
	for (size_t i = 0; i < n; i++)
		refused |= strcmp(files[i], "-") &&
			   faccessat(AT_FDCWD, files[i], R_OK, AT_EACCESS) && errno == EACCES;
	capability_effect(~0ull);
	return (refused ? CAPABILITY(CAP_DAC_READ_SEARCH) : 0) |
	       (out && strcmp(out, "-") ? CAPABILITY(CAP_DAC_OVERRIDE) : 0);
}

static void confine(uint64_t keep, bool may_connect)
{
	int err = capability_drop(keep);

	if (err)
		log_debug("privileges are not given up: %s", strerror(-err));
	err = load_filter(may_connect);
	if (err)
		log_debug("system calls are not confined: %s", strerror(-err));
}

void confine_report(char *const *files, size_t n, const char *out)
{
	confine(needed(files, n, out), false);
}

void confine_helper(void)
{
	confine(0, true);
}
