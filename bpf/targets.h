/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Who is watched. The owner is fixed before the load, by root: no later order of the helper can widen it. */
#ifndef TINYTAP_TARGETS_H
#define TINYTAP_TARGETS_H

#include "maps.h"

const volatile u32 owner_uid = 0xffffffff;
const volatile u32 owner_gid = 0xffffffff;
const volatile bool any_user = false;
/* Inode number of the owner's user namespace. */
const volatile u32 owner_namespace = 0;
/* The helper's own process, which nobody may trace, and which is watched for its self-test. */
const volatile u32 helper_pid = 0;

#define SUID_DUMP_USER 1
#define MMF_DUMPABLE_MASK 3

/* As they lie in struct cred, from `uid` on. */
struct user_ids {
	u32 uid, gid, suid, sgid, euid, egid;
};

struct mm_struct___word {
	unsigned long flags;
} __attribute__((preserve_access_index));

/* From 6.18 on ("mm: introduce bitmap mm_flags_t"); its first word has the same bits. */
struct mm_flags {
	unsigned long first;
};
struct mm_struct___bitmap {
	struct mm_flags flags;
} __attribute__((preserve_access_index));

static __always_inline bool is_dumpable(struct task_struct *task)
{
	u64 mm = (u64)BPF_CORE_READ(task, mm);
	struct mm_struct___word *word = (void *)mm;
	struct mm_struct___bitmap *bitmap = (void *)mm;
	u64 flags = 0;

	if (bpf_core_field_exists(word->flags))
		mm += bpf_core_field_offset(word->flags);
	else
		mm += bpf_core_field_offset(bitmap->flags);
	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)mm);
	return (flags & MMF_DUMPABLE_MASK) == SUID_DUMP_USER;
}

/* Privileges in a user namespace of the owner's own, as in a rootless container, are less than the owner's.
 */
static __always_inline bool is_privileged(const struct cred *cred)
{
	u64 capabilities = 0;

	bpf_probe_read_kernel(&capabilities, sizeof(capabilities), &cred->cap_permitted);
	if (!capabilities)
		return false;
	return BPF_CORE_READ(cred, user_ns, ns.inum) == owner_namespace ||
	       BPF_CORE_READ(cred, user_ns, owner.val) != owner_uid;
}

/* The owner's, as ptrace(2) has it: a program that runs with other ids or privileges than its user's, or that
 * made itself undumpable, is none of the owner's business. */
static __always_inline bool current_is_owned(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	const struct cred *cred;
	struct user_ids ids = {};

	if (any_user)
		return true;
	cred = BPF_CORE_READ(task, cred);
	bpf_probe_read_kernel(&ids, sizeof(ids), &cred->uid);
	if (ids.uid != owner_uid || ids.suid != owner_uid || ids.euid != owner_uid || ids.gid != owner_gid ||
	    ids.sgid != owner_gid || ids.egid != owner_gid || is_privileged(cred))
		return false;
	return is_dumpable(task) || bpf_get_current_pid_tgid() >> 32 == helper_pid;
}

/* The flags of the current process, 0 where it is no target. Cheapest first: for most it costs one look-up.
 */
static __always_inline u8 current_target(void)
{
	u8 flags = target_flags(bpf_get_current_pid_tgid() >> 32);

	return flags && current_is_owned() ? flags : 0;
}

#endif
