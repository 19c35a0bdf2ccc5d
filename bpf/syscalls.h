/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* System calls as the architecture has them: numbers, arguments, and which ones move bytes. */
#ifndef TINYTAP_SYSCALLS_H
#define TINYTAP_SYSCALLS_H

#include "kernel.h"
#include "records.h"
#include <asm/ptrace.h>
#include <asm/unistd.h>

static __always_inline u8 operation_of(u64 number)
{
	switch (number) {
	case __NR_read:
		return OP_READ;
	case __NR_readv:
	case __NR_preadv2:
		return OP_READV;
	case __NR_recvfrom:
		return OP_RECVFROM;
	case __NR_recvmsg:
		return OP_RECVMSG;
	case __NR_recvmmsg:
		return OP_RECVMMSG;
	case __NR_write:
		return OP_WRITE;
	case __NR_writev:
	case __NR_pwritev2:
		return OP_WRITEV;
	case __NR_sendto:
		return OP_SENDTO;
	case __NR_sendmsg:
		return OP_SENDMSG;
	case __NR_sendmmsg:
		return OP_SENDMMSG;
	case __NR_sendfile:
		return OP_SENDFILE;
	case __NR_splice:
		return OP_SPLICE;
	case __NR_close:
		return OP_CLOSE;
	case __NR_dup2:
	case __NR_dup3:
		return OP_DUP;
	case __NR_close_range:
		return OP_CLOSE_RANGE;
	case __NR_execve:
	case __NR_execveat:
		return OP_EXEC;
	default:
		return OP_NONE;
	}
}

static __always_inline bool is_multiple(u8 operation)
{
	return operation == OP_RECVMMSG || operation == OP_SENDMMSG;
}

/* The registers' layout is ABI, so no CO-RE is needed; a raw tracepoint hands them over as an address only.
 */
#if defined(__TARGET_ARCH_x86)

static __always_inline u64 argument(struct pt_regs *regs, u32 index)
{
	u64 value = 0;
	void *from = index == 0	  ? &regs->rdi
		     : index == 1 ? &regs->rsi
		     : index == 2 ? &regs->rdx
		     : index == 3 ? &regs->r10
				  : &regs->r8;

	bpf_probe_read_kernel(&value, sizeof(value), from);
	return value;
}

static __always_inline u64 system_call_number(struct pt_regs *regs)
{
	u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), &regs->orig_rax);
	return value;
}

#define TS_COMPAT 2

/* A 32-bit call's numbers mean other things; such programs are not captured. */
static __always_inline bool is_compat_task(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

#else
#error "this architecture's registers are not described yet"
#endif

#endif
