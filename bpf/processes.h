/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Targets follow their children: fork, exec and exit. */
#ifndef TINYTAP_PROCESSES_H
#define TINYTAP_PROCESSES_H

#include "maps.h"
#include "unix_ends.h"

static __always_inline void emit_process(u8 event, u32 pid, u32 parent)
{
	struct process *process = bpf_ringbuf_reserve(&ring, sizeof(*process), 0);

	if (!process) {
		count(COUNTER_RING_FULL);
		return;
	}
	process->head.kind = RECORD_PROCESS;
	process->head.direction = 0;
	process->head.operation = event;
	process->head.flags = 0;
	process->head.pid = pid;
	process->head.time = bpf_ktime_get_ns();
	process->head.connection = 0;
	process->parent = parent;
	process->reserved = 0;
	bpf_get_current_comm(process->name, sizeof(process->name));
	bpf_ringbuf_submit(process, 0);
}

static __always_inline void set_target(u32 pid, u8 flags)
{
	u32 entry = pid / TARGETS_PER_ENTRY;
	struct target_page *page = bpf_map_lookup_elem(&targets, &entry);

	if (page)
		page->flags[pid % TARGETS_PER_ENTRY] = flags;
}

/* The parent is current, whichever of its threads forked; a child of the same thread group is a thread. */
static __always_inline int process_forked(struct task_struct *child, bool spare)
{
	u32 parent = bpf_get_current_pid_tgid() >> 32;
	u8 flags = target_flags(parent);
	u32 pid;

	if (!(flags & TARGET_CHILDREN))
		return 0;
	pid = BPF_CORE_READ(child, tgid);
	if (pid == parent || (spare && target_flags(pid) == flags))
		return 0;
	set_target(pid, flags);
	emit_process(PROCESS_FORK, pid, parent);
	return 0;
}

/* By its thread `tid`. Spares tell it again, which does no harm. */
static __always_inline int process_executed(u32 tid)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!target_flags(pid))
		return 0;
	sockets_closed_by_exec(tid);
	emit_process(PROCESS_EXEC, pid, 0);
	return 0;
}

/* A process ends with its last thread, which need not be its leader. */
static __always_inline int thread_exited(struct task_struct *task)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct call *call;

	/* Target or not: it may have been one, or not be one any more since its process's last thread left.
	 */
	call = bpf_map_lookup_elem(&calls, &tid);
	if (call)
		forget_call(call);
	bpf_map_delete_elem(&calls, &tid);
	if (!target_flags(pid))
		return 0;
	if (BPF_CORE_READ(task, signal, live.counter) == 0) {
		close_descriptors(0, -1, CLOSING_ALL);
		set_target(pid, 0);
		emit_process(PROCESS_EXIT, pid, 0);
	}
	return 0;
}

#endif
