// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The required source: every byte that the traced system calls copy. At enter the socket's sequence number is
 * noted, at exit the difference says what was moved, and the payload is taken then, with its true length: an
 * EAGAIN or a partial result is no special case.
 */
#include "maps.h"
#include "mutes.h"
#include "sockets.h"
#include "unix_ends.h"
#include "targets.h"
#include "syscalls.h"
#include "payload.h"
#include "spares.h"
#include "processes.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Finds the socket that the call moves bytes of, and the direction. False: none of ours. */
static __always_inline bool find_socket_of_call(struct call *call, struct pt_regs *regs)
{
	call->direction = call->operation >= OP_WRITE ? DIRECTION_OUT : DIRECTION_IN;
	if (find_socket(call, argument(regs, 0))) {
		if (call->operation == OP_SPLICE)
			call->direction = DIRECTION_IN;
		return true;
	}
	return call->operation == OP_SPLICE && find_socket(call, argument(regs, 2));
}

/* The thread's entry, made anew. A function of its own, as the entry would fill half of the stack that its
 * callers share with those that copy payload. */
static __noinline struct call *new_call(u32 tid)
{
	struct call fresh = {};

	if (bpf_map_update_elem(&calls, &tid, &fresh, BPF_ANY)) {
		count(COUNTER_CALLS_FULL);
		return 0;
	}
	return bpf_map_lookup_elem(&calls, &tid);
}

#define CLOSE_RANGE_CLOEXEC 4

static __always_inline int descriptors_close(struct pt_regs *regs, u8 operation)
{
	u32 first = argument(regs, operation == OP_DUP ? 1 : 0);
	u32 last = operation == OP_CLOSE_RANGE ? argument(regs, 1) : first;

	if (operation == OP_DUP && first == (u32)argument(regs, 0))
		return 0;
	if (operation == OP_CLOSE_RANGE && (argument(regs, 2) & CLOSE_RANGE_CLOEXEC))
		return 0;
	close_descriptors(first, last, CLOSING_NOW);
	return 0;
}

static __always_inline int exec_begins(void)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct call *call;

	if (!unix_seen)
		return 0;
	call = bpf_map_lookup_elem(&calls, &tid);
	if (!call)
		call = new_call(tid);
	if (!call)
		return 0;
	call->doomed = 0;
	close_descriptors(0, -1, CLOSING_ON_EXEC);
	return 0;
}

static __always_inline int call_begins(struct bpf_raw_tracepoint_args *ctx, bool spare)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	u8 operation = operation_of(ctx->args[1]);
	u32 tid = (u32)bpf_get_current_pid_tgid();
	u8 flags = operation == OP_NONE ? 0 : current_target();
	struct connection *connection;
	struct call *call;

	if (!flags || is_compat_task())
		return 0;
	if (operation >= OP_CLOSE)
		return spare ? 0 : operation == OP_EXEC ? exec_begins() : descriptors_close(regs, operation);
	call = bpf_map_lookup_elem(&calls, &tid);
	if (!call)
		call = new_call(tid);
	if (!call)
		return 0;
	if (spare && call->begun && call->watch == (flags & TARGET_WATCH))
		return 0;
	forget_call(call);
	call->begun = 1;
	call->watch = flags & TARGET_WATCH;
	call->sock = 0;
	call->operation = operation;
	call->missing = MISSING_NONE;
	call->connection = 0;
	call->other_known = 0;
	call->entered = 0;
	call->file_offset = OFFSET_UNKNOWN;
	call->pipe = 0;
	if (!find_socket_of_call(call, regs))
		return 0;
	/* The page sources need it during the call; a socket that isn't connected yet gets it at exit. */
	connection = identify_connection(call);
	call->seq = number_of(call, connection);
	call->covered = call->seq;
	if (call->direction == DIRECTION_OUT) {
		call->entered = bpf_ktime_get_ns();
		note_other(call, connection);
	}
	if (operation == OP_SPLICE && connection)
		expect_turn(call, connection);
	if (call->domain == DOMAIN_SUM && connection)
		count_busy(call, connection);
	return 0;
}

/* TCP's number of the first byte of a call that has just moved `result`; the last read counts the FIN too. */
static __always_inline u32 number_before(struct call *call, u32 result)
{
	u32 fin = call->direction == DIRECTION_IN && fin_was_read(call->sock);

	return sequence_number(call->sock, call->direction) - result - fin;
}

/* The call was blocked before there was a probe at its enter, or before the process was watched: what it was
 * is still in its registers. */
static __always_inline struct call *late_call(struct pt_regs *regs, u32 tid, u8 operation, u32 result,
					      u8 flags)
{
	struct call *call = new_call(tid);
	struct connection *connection;

	if (!call)
		return 0;
	call->watch = flags & TARGET_WATCH;
	call->operation = operation;
	if (!find_socket_of_call(call, regs))
		return call;
	connection = identify_connection(call);
	if (call->domain == DOMAIN_TCP) {
		call->seq = number_before(call, result);
	} else {
		call->seq = number_of(call, connection);
		if (connection)
			count_busy(call, connection);
	}
	call->covered = call->seq;
	return call;
}

/* How far the call moved TCP's number. */
static __always_inline u32 moved_by_number(struct call *call, u32 result)
{
	u32 moved = sequence_number(call->sock, call->direction) - call->seq;

	/* The read that drains the data also counts the FIN. */
	if (call->direction == DIRECTION_IN && moved == result + 1 && fin_was_read(call->sock))
		moved -= 1;
	return moved;
}

/* Adds the call to the running sum, and gives what it moved. */
static __always_inline u32 moved_by_sum(struct call *call, struct connection *connection,
					struct pt_regs *regs, u32 result)
{
	u8 direction = call->direction & 1;

	/* Another call began or ended meanwhile: their order, and so the places of their bytes, are unknown.
	 */
	if (connection->busy[direction] > 1 || connection->numbers[direction] != call->seq)
		call->missing = MISSING_CONCURRENT;
	uncount_busy(call, connection);
	if (!result ||
	    (call->direction == DIRECTION_IN && (flags_of_call(regs, call->operation) & NOT_CONSUMED)))
		return 0;
	if ((call->operation == OP_SENDMSG || call->operation == OP_RECVMSG) &&
	    is_tls_control(argument(regs, 1)))
		return 0;
	call->seq = connection->numbers[direction];
	__sync_fetch_and_add(&connection->numbers[direction], result);
	return result;
}

/* No more will come: TCP knows it by the FIN, the others by the empty result of a read that had room. */
static __always_inline bool saw_end(struct call *call, struct pt_regs *regs, u32 result)
{
	if (call->direction != DIRECTION_IN)
		return false;
	if (call->domain == DOMAIN_TCP)
		return fin_was_read(call->sock);
	return !result && (call->operation == OP_READ || call->operation == OP_RECVFROM) && argument(regs, 2);
}

static __always_inline int call_ends(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	s64 result = ctx->args[1];
	u8 operation = operation_of(system_call_number(regs));
	u32 tid = (u32)bpf_get_current_pid_tgid();
	struct connection *connection;
	struct call *call;
	bool failed = result < 0;
	u64 known;
	u8 flags;
	u32 moved;

	if (operation == OP_NONE || operation >= OP_CLOSE)
		return 0;
	flags = current_target();
	if (!flags)
		return 0;
	call = bpf_map_lookup_elem(&calls, &tid);
	if (call)
		call->begun = 0;
	if (call && call->watch != (flags & TARGET_WATCH)) {
		forget_call(call);
		call = 0;
	}
	if (call && !call->sock)
		return 0;
	if (result > 0 && is_multiple(operation))
		result = bytes_of_messages(argument(regs, 1), result);
	if (!call) {
		if (result <= 0 || is_compat_task())
			return 0;
		call = late_call(regs, tid, operation, result, flags);
		if (!call)
			return 0;
	}
	if (!call->sock)
		return 0;
	if (failed) {
		/* The common EAGAIN; but the sum keeps books of failed calls, and offered pages are to be
		 * taken back. */
		if (call->domain == DOMAIN_TCP && call->covered == call->seq) {
			call->sock = 0;
			return 0;
		}
		result = 0;
	}
	known = call->connection;
	connection = identify_connection(call);
	if (!connection) {
		call->sock = 0;
		return 0;
	}
	/* The call itself connected (TCP fast open): its first byte's number is only known now. */
	if (call->connection != known && call->domain == DOMAIN_TCP)
		call->seq = call->covered = number_before(call, result);
	moved = call->domain == DOMAIN_TCP ? moved_by_number(call, result)
					   : moved_by_sum(call, connection, regs, result);
	if (moved || call->covered != call->seq) {
		call->position = call->seq;
		call->left = moved;
		call->rest = 0;
		call->call_len = moved;
		call->ended = 0;
		if (moved)
			note_turn(call, connection);
		if (call->direction == DIRECTION_IN)
			note_other(call, connection);
		if (call->domain == DOMAIN_TCP)
			connection->numbers[call->direction & 1] = call->seq + moved;
		/* Two calls at once, or a redirect: whose bytes are whose can't be told. */
		if (moved != (u32)result)
			call->missing = MISSING_CONCURRENT;
		call->wanted = wanted_bytes(call, call->seq + moved);
		if (call->missing == MISSING_CONCURRENT)
			count(COUNTER_CONCURRENT);
		else if (!call->wanted)
			call->missing = MISSING_MUTED;
		else if (moved)
			copy_payload(regs, call);
		if (!call->ended)
			emit_last(call);
	}
	if (!failed && saw_end(call, regs, result))
		receiving_ended(connection, call->sock);
	if (call->domain == DOMAIN_SUM)
		close_after_call(call->sock);
	call->sock = 0;
	return 0;
}

DEFINE_PROGRAM("sys_enter", tinytap_sys_enter, call_begins(ctx, false))
DEFINE_PROGRAM("sys_enter", tinytap_sys_enter_spare_1, call_begins(ctx, true))
DEFINE_PROGRAM("sys_enter", tinytap_sys_enter_spare_2, call_begins(ctx, true))
DEFINE_PROGRAM("sys_exit", tinytap_sys_exit, call_ends(ctx))
DEFINE_PROGRAM("sys_exit", tinytap_sys_exit_spare_1, call_ends(ctx))
DEFINE_PROGRAM("sys_exit", tinytap_sys_exit_spare_2, call_ends(ctx))
DEFINE_PROGRAM("sys_exit", tinytap_sys_exit_spare_3, call_ends(ctx))

#define SET_STATE state_changed(ctx->args[0], ctx->args[2])
DEFINE_PROGRAM("inet_sock_set_state", tinytap_set_state, SET_STATE)
DEFINE_PROGRAM("inet_sock_set_state", tinytap_set_state_spare_1, SET_STATE)
DEFINE_PROGRAM("inet_sock_set_state", tinytap_set_state_spare_2, SET_STATE)

#define DESTROY_SOCK connection_closed(ctx->args[0])
DEFINE_PROGRAM("tcp_destroy_sock", tinytap_destroy_sock, DESTROY_SOCK)
DEFINE_PROGRAM("tcp_destroy_sock", tinytap_destroy_sock_spare_1, DESTROY_SOCK)
DEFINE_PROGRAM("tcp_destroy_sock", tinytap_destroy_sock_spare_2, DESTROY_SOCK)

#define FORK(spare) process_forked((struct task_struct *)ctx->args[1], spare)
DEFINE_PROGRAM("sched_process_fork", tinytap_fork, FORK(false))
DEFINE_PROGRAM("sched_process_fork", tinytap_fork_spare_1, FORK(true))
DEFINE_PROGRAM("sched_process_fork", tinytap_fork_spare_2, FORK(true))

DEFINE_PROGRAM("sched_process_exec", tinytap_exec, process_executed(ctx->args[1]))
DEFINE_PROGRAM("sched_process_exec", tinytap_exec_spare_1, process_executed(ctx->args[1]))
DEFINE_PROGRAM("sched_process_exec", tinytap_exec_spare_2, process_executed(ctx->args[1]))

#define EXIT thread_exited((struct task_struct *)ctx->args[0])
DEFINE_PROGRAM("sched_process_exit", tinytap_exit, EXIT)
DEFINE_PROGRAM("sched_process_exit", tinytap_exit_spare_1, EXIT)
DEFINE_PROGRAM("sched_process_exit", tinytap_exit_spare_2, EXIT)
