// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The required source: every byte that the traced system calls copy. At enter the socket's sequence number is
 * noted, at exit the difference says what was moved, and the payload is taken then, with its true length: an
 * EAGAIN or a partial result is no special case.
 */
#include "maps.h"
#include "sockets.h"
#include "syscalls.h"
#include "payload.h"
#include "processes.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Fixed before the load, by root: no later order of the helper can widen it. */
const volatile u32 owner_uid = 0xffffffff;
const volatile bool any_user = false;

/* Cheapest first: a process that is no target costs one look-up. */
static __always_inline bool current_is_target(void)
{
	return target_flags(bpf_get_current_pid_tgid() >> 32) &&
	       (any_user || (u32)bpf_get_current_uid_gid() == owner_uid);
}

/* Finds the socket that the call moves bytes of, and its direction. 0: none of ours. */
static __always_inline u64 socket_of_call(struct pt_regs *regs, u8 operation, u8 *direction, s32 *fd)
{
	u64 sock;

	*direction = operation >= OP_WRITE ? DIRECTION_OUT : DIRECTION_IN;
	*fd = argument(regs, 0);
	sock = tcp_socket(*fd);
	if (operation != OP_SPLICE)
		return sock;
	if (sock) {
		*direction = DIRECTION_IN;
		return sock;
	}
	*fd = argument(regs, 2);
	return tcp_socket(*fd);
}

SEC("raw_tp/sys_enter")
int tinytap_sys_enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	u8 operation = operation_of(ctx->args[1]);
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct call *call;

	if (operation == OP_NONE || !current_is_target() || is_compat_task())
		return 0;
	call = bpf_map_lookup_elem(&calls, &tid);
	if (!call) {
		struct call fresh = {};

		if (bpf_map_update_elem(&calls, &tid, &fresh, BPF_ANY)) {
			count(COUNTER_CALLS_FULL);
			return 0;
		}
		call = bpf_map_lookup_elem(&calls, &tid);
		if (!call)
			return 0;
	}
	call->operation = operation;
	call->missing = MISSING_NONE;
	call->connection = 0;
	call->sock = socket_of_call(regs, operation, &call->direction, &call->fd);
	if (!call->sock)
		return 0;
	call->seq = sequence_number(call->sock, call->direction);
	call->covered = call->seq;
	/* sendpath needs the connection during the call; one that isn't connected yet gets it at exit. */
	identify_connection(call);
	return 0;
}

/* The call was blocked before there was a probe at its enter: what it was is still in its registers. */
static __always_inline struct call *late_call(struct pt_regs *regs, u32 tid, u8 operation, u32 moved)
{
	struct call fresh = {};

	fresh.operation = operation;
	fresh.sock = socket_of_call(regs, operation, &fresh.direction, &fresh.fd);
	if (fresh.sock) {
		fresh.seq = sequence_number(fresh.sock, fresh.direction) - moved;
		if (fresh.direction == DIRECTION_IN && fin_was_read(fresh.sock))
			fresh.seq -= 1;
		fresh.covered = fresh.seq;
	}
	if (bpf_map_update_elem(&calls, &tid, &fresh, BPF_ANY)) {
		count(COUNTER_CALLS_FULL);
		return 0;
	}
	return bpf_map_lookup_elem(&calls, &tid);
}

SEC("raw_tp/sys_exit")
int tinytap_sys_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	s64 result = ctx->args[1];
	u8 operation = operation_of(system_call_number(regs));
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct call *call;
	u32 moved;

	if (operation == OP_NONE || !current_is_target() || is_compat_task())
		return 0;
	if (result > 0 && is_multiple(operation))
		result = bytes_of_messages(argument(regs, 1), result);
	call = bpf_map_lookup_elem(&calls, &tid);
	if (!call) {
		if (result <= 0)
			return 0;
		call = late_call(regs, tid, operation, result);
		if (!call)
			return 0;
	}
	if (!call->sock)
		return 0;
	if (result > 0 && !call->connection)
		identify_connection(call);
	if (result < 0 || !call->connection) {
		call->sock = 0;
		return 0;
	}

	moved = sequence_number(call->sock, call->direction) - call->seq;
	if (call->direction == DIRECTION_IN && moved == (u32)result + 1 && fin_was_read(call->sock))
		moved -= 1; /* the read that drains the data also counts the FIN */
	if (moved) {
		call->position = call->seq;
		call->left = moved;
		call->call_len = moved;
		call->ended = 0;
		call->budget = payload_budget();
		if (moved != (u32)result) {
			/* Two calls at once, or a redirect: whose bytes are whose can't be told. */
			count(COUNTER_CONCURRENT);
			call->missing = MISSING_CONCURRENT;
		} else {
			copy_payload(regs, call);
		}
		if (!call->ended)
			emit_last(call);
	}
	if (call->direction == DIRECTION_IN && fin_was_read(call->sock))
		emit_ended(call);
	call->sock = 0;
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int tinytap_set_state(struct bpf_raw_tracepoint_args *ctx)
{
	return sending_ended(ctx->args[0], ctx->args[2]);
}

SEC("raw_tp/tcp_destroy_sock")
int tinytap_destroy_sock(struct bpf_raw_tracepoint_args *ctx)
{
	return connection_closed(ctx->args[0]);
}

SEC("raw_tp/sched_process_fork")
int tinytap_fork(struct bpf_raw_tracepoint_args *ctx)
{
	return process_forked((struct task_struct *)ctx->args[1]);
}

SEC("raw_tp/sched_process_exec")
int tinytap_exec(void *ctx)
{
	return process_executed();
}

SEC("raw_tp/sched_process_exit")
int tinytap_exit(struct bpf_raw_tracepoint_args *ctx)
{
	return thread_exited((struct task_struct *)ctx->args[0]);
}
