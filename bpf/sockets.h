/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* From a descriptor to a TCP socket, its sequence numbers, and the life of a connection. */
#ifndef TINYTAP_SOCKETS_H
#define TINYTAP_SOCKETS_H

#include "maps.h"
#include <bpf/bpf_endian.h>

#define TCP_FIN_WAIT1 4
#define TCP_LAST_ACK 9

/* The `struct sock` behind a descriptor of the current process, if its sequence numbers count the bytes
 * moved; else 0. */
static __always_inline u64 tcp_socket(u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots;
	struct file *file = 0;
	struct socket *socket;
	struct sock *sk;
	u16 family;

	if (fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	slots = BPF_CORE_READ(table, fd);
	bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if ((family != AF_INET && family != AF_INET6) || BPF_CORE_READ(sk, sk_type) != SOCK_STREAM)
		return 0;
	/* MPTCP numbers its own stream; under a ULP such as kTLS the numbers count ciphertext. */
	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP ||
	    BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops)) {
		count(COUNTER_UNTRUSTED);
		return 0;
	}
	return (u64)sk;
}

static __always_inline u32 sequence_number(u64 sock, u8 direction)
{
	struct tcp_sock *tp = (void *)sock;

	return direction == DIRECTION_OUT ? BPF_CORE_READ(tp, write_seq) : BPF_CORE_READ(tp, copied_seq);
}

/* RCV_SHUTDOWN tells that the FIN came; that everything was read tells that it was read too. */
static __always_inline bool fin_was_read(u64 sock)
{
	struct tcp_sock *tp = (void *)sock;

	return (BPF_CORE_READ((struct sock *)sock, sk_shutdown) & RCV_SHUTDOWN) &&
	       BPF_CORE_READ(tp, copied_seq) == BPF_CORE_READ(tp, rcv_nxt);
}

/* Numbers connections: per CPU, so that no atomic result is needed (those came with 5.12). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} born SEC(".maps");

#define CPUS 4096

/* Unique, and below 2^53 so that a JavaScript number holds it. Not the address: that would tell of the
 * kernel. */
static __always_inline u64 new_connection_id(void)
{
	u32 zero = 0;
	u64 *serial = bpf_map_lookup_elem(&born, &zero);

	return serial ? ++*serial * CPUS + bpf_get_smp_processor_id() % CPUS : 0;
}

static __always_inline void read_addresses(struct opened *opened, struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	opened->family = family;
	__builtin_memset(opened->local, 0, sizeof(opened->local));
	__builtin_memset(opened->remote, 0, sizeof(opened->remote));
	if (family == AF_INET) {
		BPF_CORE_READ_INTO((u32 *)opened->local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((u32 *)opened->remote, sk, __sk_common.skc_daddr);
	} else {
		BPF_CORE_READ_INTO((struct in6_bytes *)opened->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_bytes *)opened->remote, sk, __sk_common.skc_v6_daddr);
	}
}

/*
 * Sets call->connection: the one known for this socket, or a new one, told to user space with its addresses.
 * It stays 0 for a socket that isn't connected, and where there was no room; the next call tries again.
 */
static __always_inline void identify_connection(struct call *call)
{
	u64 sock = call->sock;
	struct sock *sk = (void *)sock;
	u16 remote_port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	u16 local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	struct connection *known = bpf_map_lookup_elem(&connections, &sock);
	struct connection fresh = {};
	struct opened *opened;

	/* A closed socket has local port 0, and can still be read. */
	if (known && known->remote_port == remote_port && (known->local_port == local_port || !local_port)) {
		call->connection = known->id;
		return;
	}
	if (!remote_port)
		return;
	fresh.id = new_connection_id();
	fresh.local_port = local_port;
	fresh.remote_port = remote_port;
	if (bpf_map_update_elem(&connections, &sock, &fresh, BPF_ANY)) {
		count(COUNTER_CONNECTIONS_FULL);
		return;
	}
	opened = bpf_ringbuf_reserve(&ring, sizeof(*opened), 0);
	if (!opened) {
		count(COUNTER_RING_FULL);
		bpf_map_delete_elem(&connections, &sock);
		return;
	}
	call->connection = fresh.id;
	fill_record(&opened->head, RECORD_OPENED, call);
	opened->local_port = local_port;
	opened->remote_port = bpf_ntohs(remote_port);
	opened->reserved = 0;
	read_addresses(opened, sk);
	bpf_ringbuf_submit(opened, 0);
}

static __always_inline void emit_state(u8 kind, u8 direction, u64 id)
{
	struct record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count(COUNTER_RING_FULL);
		return;
	}
	record->kind = kind;
	record->direction = direction;
	record->operation = OP_NONE;
	record->flags = 0;
	record->pid = 0; /* a state can change in an interrupt, on anybody's time */
	record->time = bpf_ktime_get_ns();
	record->connection = id;
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void emit_ended(struct call *call)
{
	emit_state(RECORD_ENDED, DIRECTION_IN, call->connection);
}

static __always_inline int sending_ended(u64 sock, u32 state)
{
	struct connection *connection;

	if (state != TCP_FIN_WAIT1 && state != TCP_LAST_ACK)
		return 0;
	connection = bpf_map_lookup_elem(&connections, &sock);
	if (connection)
		emit_state(RECORD_ENDED, DIRECTION_OUT, connection->id);
	return 0;
}

/* The one true end: after TCP_CLOSE a socket can still be read, but not after this. */
static __always_inline int connection_closed(u64 sock)
{
	struct connection *connection = bpf_map_lookup_elem(&connections, &sock);

	if (connection) {
		emit_state(RECORD_CLOSED, DIRECTION_IN, connection->id);
		bpf_map_delete_elem(&connections, &sock);
	}
	return 0;
}

#endif
