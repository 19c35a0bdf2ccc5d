/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Who is watched. The owner is fixed before the load, by root: no later order of the helper can widen it. */
#ifndef TINYTAP_TARGETS_H
#define TINYTAP_TARGETS_H

#include "maps.h"

const volatile u32 owner_uid = 0xffffffff;
const volatile bool any_user = false;

/* Both of its users: a set-user-id program keeps the owner's real one, but is none of the owner's business.
 */
static __always_inline bool current_is_owned(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return any_user || ((u32)bpf_get_current_uid_gid() == owner_uid &&
			    BPF_CORE_READ(task, cred, euid.val) == owner_uid);
}

/* The flags of the current process, 0 where it is no target. Cheapest first: for most it costs one look-up.
 */
static __always_inline u8 current_target(void)
{
	u8 flags = target_flags(bpf_get_current_pid_tgid() >> 32);

	return flags && current_is_owned() ? flags : 0;
}

#endif
