/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The end of an AF_UNIX connection, which no tracepoint tells: it comes when the last reference to its file
 * goes. So whatever closes descriptors is looked at: close and its like before they do it, the end of a
 * process, and execve, which closes some if it succeeds. The functions with loops are global: see payload.h.
 */
#ifndef TINYTAP_UNIX_ENDS_H
#define TINYTAP_UNIX_ENDS_H

#include "sockets.h"

enum closing {
	CLOSING_NOW = 0, /* this descriptor, no other */
	CLOSING_ALL,	 /* all of a process: duplicates too */
	CLOSING_ON_EXEC, /* those with FD_CLOEXEC, perhaps */
};

/* Nobody holds the socket's file any more, if it even has one. */
static __always_inline bool is_let_go(u64 sock)
{
	struct file *file = BPF_CORE_READ((struct sock *)sock, sk_socket, file);

	return !file || references_to(file) <= 0;
}

/* Whether all that hold the file are descriptors which the walk has met by now. */
static __always_inline bool all_were_met(struct connection *connection, struct file *file, u64 walk)
{
	if (connection->walk != walk) {
		connection->walk = walk;
		connection->held = 0;
	}
	connection->held += 1;
	return connection->held >= references_to(file);
}

/* For sockets_closed_by_exec: with one that is in the list already the list would never end. */
static __always_inline void doom(struct connection *connection, u64 sock, u64 walk)
{
	struct call *call = call_of_thread();

	if (!call || connection->walk == walk)
		return;
	connection->walk = walk;
	connection->next_doomed = call->doomed;
	call->doomed = sock;
}

/* `walk`: when it began, in nanoseconds. */
__noinline int close_descriptor(u32 fd, u32 closing, u64 walk)
{
	struct file *file = file_of(fd);
	struct connection *connection;
	struct call call = {};

	if (!find_socket(&call, fd) || !is_unix((void *)call.sock))
		return 0;
	connection = connection_of(call.sock);
	if (!connection || connection->id != call.inode)
		return 0;
	if (closing == CLOSING_ON_EXEC)
		doom(connection, call.sock, walk);
	else if (closing == CLOSING_ALL ? all_were_met(connection, file, walk) : references_to(file) == 1)
		connection_closed(call.sock);
	return 0;
}

#define DESCRIPTORS_OF_WORD 64

/* Those of the open descriptors in one word of the table's bitmaps that are to close. */
__noinline int close_descriptors_of_word(u32 word, u32 closing, u64 range, u64 walk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	unsigned long *bitmap =
	    closing == CLOSING_ON_EXEC ? BPF_CORE_READ(table, close_on_exec) : BPF_CORE_READ(table, open_fds);
	u64 open = 0;

	bpf_probe_read_kernel(&open, sizeof(open), bitmap + word);
	for (u32 i = 0; i < DESCRIPTORS_OF_WORD && open; i++, open >>= 1) {
		u32 fd = word * DESCRIPTORS_OF_WORD + i;

		if ((open & 1) && fd >= (u32)range && fd <= range >> 32)
			close_descriptor(fd, closing, walk);
	}
	return 0;
}

#define FEW_WORDS 128

__noinline int close_descriptors_of_words(u32 first, u32 closing, u64 range, u64 walk)
{
	for (u32 i = 0; i < FEW_WORDS && first + i <= (range >> 32) / DESCRIPTORS_OF_WORD; i++)
		close_descriptors_of_word(first + i, closing, range, walk);
	return 0;
}

#define MAX_WORDS 16384 /* 2^20 descriptors: fs.nr_open, unless somebody raised it */

/* `first` to `last` of the current process's descriptors. */
static __always_inline void close_descriptors(u32 first, u32 last, u32 closing)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	u32 end = BPF_CORE_READ(task, files, fdt, max_fds);
	u32 word = first / DESCRIPTORS_OF_WORD;
	u64 walk = bpf_ktime_get_ns();

	if (!unix_seen || first >= end)
		return;
	if (last >= end)
		last = end - 1;
	for (u32 i = 0; i < MAX_WORDS / FEW_WORDS && word <= last / DESCRIPTORS_OF_WORD; i++) {
		close_descriptors_of_words(word, closing, (u64)last << 32 | first, walk);
		word += FEW_WORDS;
	}
}

/* Gives the next in the list. */
__noinline u64 close_doomed(u64 sock)
{
	struct connection *connection = connection_of(sock);
	u64 next;

	if (!connection)
		return 0;
	next = connection->next_doomed;
	if (is_let_go(sock))
		connection_closed(sock);
	return next;
}

#define MAX_DOOMED 1024

/* After an execve that succeeded, in the thread `tid`: as the only one it has the leader's id now. */
static __always_inline void sockets_closed_by_exec(u32 tid)
{
	struct call *call = bpf_map_lookup_elem(&calls, &tid);
	u64 sock;

	if (!call)
		return;
	sock = call->doomed;
	call->doomed = 0;
	for (u32 i = 0; i < MAX_DOOMED && sock; i++)
		sock = close_doomed(sock);
}

/* The descriptor was closed during the call, which was then the last to hold the socket. */
static __always_inline void close_after_call(u64 sock)
{
	if (is_unix((void *)sock) && is_let_go(sock))
		connection_closed(sock);
}

#endif
