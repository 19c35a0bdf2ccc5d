/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* From a descriptor to a TCP socket, its sequence numbers, and the life of a connection. */
#ifndef TINYTAP_SOCKETS_H
#define TINYTAP_SOCKETS_H

#include "files.h"
#include "maps.h"
#include <bpf/bpf_endian.h>

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10
#define TCP_CLOSING 11
#define SOCK_DONE 1 /* a bit's number in skc_flags */

/* HTTP over AF_UNIX has a server with an address; socketpairs, which Node and others use as pipes, have none.
 */
static __always_inline bool has_unix_address(struct sock *sk)
{
	struct unix_sock *unix_sk = (void *)sk;
	struct unix_sock *peer = (void *)BPF_CORE_READ(unix_sk, peer);

	return BPF_CORE_READ(unix_sk, addr) || BPF_CORE_READ(peer, addr);
}

/* The domain of a socket's numbers; negative: its bytes are none of ours. */
static __always_inline int domain_of(struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	u16 protocol;

	if (BPF_CORE_READ(sk, sk_type) != SOCK_STREAM)
		return -1;
	if (family == AF_UNIX)
		return has_unix_address(sk) ? DOMAIN_SUM : -1;
	if (family != AF_INET && family != AF_INET6)
		return -1;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	/* MPTCP numbers a stream of its own. */
	if (protocol == IPPROTO_MPTCP)
		return DOMAIN_SUM;
	if (protocol != IPPROTO_TCP)
		return -1;
	/* Under a ULP such as kTLS the numbers count ciphertext. */
	return BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops) ? DOMAIN_SUM : DOMAIN_TCP;
}

/* Sets call->sock, inode and domain from a descriptor. False: it is no socket of ours. */
static __always_inline bool find_socket(struct call *call, s32 fd)
{
	struct file *file = file_of(fd);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *socket;
	struct sock *sk;
	int domain;

	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFSOCK)
		return false;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	domain = domain_of(sk);
	if (domain < 0)
		return false;
	call->fd = fd;
	call->sock = (u64)sk;
	call->inode = BPF_CORE_READ(inode, i_ino);
	call->domain = domain;
	return true;
}

static __always_inline u32 sequence_number(u64 sock, u8 direction)
{
	struct tcp_sock *tp = (void *)sock;

	return direction == DIRECTION_OUT ? BPF_CORE_READ(tp, write_seq) : BPF_CORE_READ(tp, copied_seq);
}

/* The number of the next byte that a call on this connection will move. */
static __always_inline u32 number_of(struct call *call, struct connection *connection)
{
	if (call->domain == DOMAIN_TCP)
		return sequence_number(call->sock, call->direction);
	return connection ? connection->numbers[call->direction & 1] : 0;
}

/* Not RCV_SHUTDOWN, which is also set by a reset, and by the program's own close. */
static __always_inline bool fin_came(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_flags) >> SOCK_DONE & 1;
}

/* A FIN that came counts as a byte. */
static __always_inline bool all_was_read(struct sock *sk)
{
	struct tcp_sock *tp = (void *)sk;

	return BPF_CORE_READ(tp, copied_seq) == BPF_CORE_READ(tp, rcv_nxt);
}

static __always_inline bool fin_was_read(u64 sock)
{
	return fin_came((void *)sock) && all_was_read((void *)sock);
}

/* Sets call->other: see struct segment. */
static __always_inline void note_other(struct call *call, struct connection *connection)
{
	u8 direction = !call->direction;
	u64 sock = call->sock;
	u8 state;

	call->other_known = 0;
	if (call->domain == DOMAIN_SUM) {
		if (!connection)
			return;
		call->other = connection->numbers[direction];
		call->other_known = SEGMENT_OTHER;
		return;
	}
	state = BPF_CORE_READ((struct sock *)sock, __sk_common.skc_state);
	/* Before the handshake the peer's numbers are not known, and after the end it isn't known whether
	 * ours count a FIN. */
	if (state == TCP_SYN_SENT || state == TCP_LISTEN || state == TCP_CLOSE)
		return;
	call->other = sequence_number(sock, direction);
	if (direction == DIRECTION_IN)
		call->other -= fin_was_read(sock);
	else if (state != TCP_ESTABLISHED && state != TCP_SYN_RECV && state != TCP_CLOSE_WAIT)
		call->other -= 1; /* the FIN that was sent */
	call->other_known = SEGMENT_OTHER;
}

/* Few programs ever use AF_UNIX; until one does no close is looked at. */
static bool unix_seen;

/* Ports stay 0, and addresses empty, where the family has none. */
static __always_inline void read_addresses(struct opened *opened, struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	opened->family = family;
	opened->local_port = 0;
	opened->remote_port = 0;
	__builtin_memset(opened->local, 0, sizeof(opened->local));
	__builtin_memset(opened->remote, 0, sizeof(opened->remote));
	opened->netns = 0;
	if (family == AF_UNIX) {
		unix_seen = true;
		return;
	}
	opened->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	opened->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	opened->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (family == AF_INET) {
		BPF_CORE_READ_INTO((u32 *)opened->local, sk, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((u32 *)opened->remote, sk, __sk_common.skc_daddr);
	} else {
		BPF_CORE_READ_INTO((struct in6_bytes *)opened->local, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_bytes *)opened->remote, sk, __sk_common.skc_v6_daddr);
	}
}

static __always_inline bool is_unix(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_family) == AF_UNIX;
}

static __always_inline long remember_connection(u64 sock, struct connection *connection)
{
	if (is_unix((void *)sock))
		return bpf_map_update_elem(&unix_connections, &sock, connection, BPF_ANY);
	return bpf_map_update_elem(&connections, &sock, connection, BPF_ANY);
}

/*
 * Also of connections that were there before: when TCP makes the socket that will be accepted, it notes in it
 * the interface that the handshake came by (tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock). Programs can set
 * these fields for multicast, but not on a stream: elsewhere they are 0.
 */
static __always_inline u16 opener_of(struct sock *sk)
{
	struct inet_sock *inet = (void *)sk;

	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return OPENER_UNKNOWN;
	if (BPF_CORE_READ(inet, mc_index))
		return OPENER_PEER;
	/* A kernel without IPv6 has no such field. */
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET6 && bpf_core_field_exists(inet->pinet6) &&
	    BPF_CORE_READ(inet, pinet6, mcast_oif))
		return OPENER_PEER;
	return OPENER_PROGRAM;
}

/*
 * Both counts include what isn't a byte of the program's: what was received a FIN, as the number beside it
 * does; what was acknowledged also the SYN of who connected.
 */
static __always_inline void read_first_numbers(struct opened *opened, struct sock *sk)
{
	struct tcp_sock *tp = (void *)sk;

	opened->first[DIRECTION_IN] = 0;
	opened->first[DIRECTION_OUT] = 0;
	if (!opened->own_numbers)
		return;
	opened->first[DIRECTION_IN] = BPF_CORE_READ(tp, rcv_nxt) - (u32)BPF_CORE_READ(tp, bytes_received);
	opened->first[DIRECTION_OUT] = BPF_CORE_READ(tp, snd_una) - (u32)BPF_CORE_READ(tp, bytes_acked) +
				       (opened->opener == OPENER_PROGRAM);
}

static __always_inline bool is_connected(struct sock *sk)
{
	return is_unix(sk) || BPF_CORE_READ(sk, __sk_common.skc_dport);
}

static __always_inline bool emit_opened(struct call *call, u64 id)
{
	struct opened *opened = bpf_ringbuf_reserve(&ring, sizeof(*opened), 0);

	if (!opened) {
		count(COUNTER_RING_FULL);
		return false;
	}
	call->connection = id;
	fill_record(&opened->head, RECORD_OPENED, call);
	opened->opener = opener_of((void *)call->sock);
	opened->own_numbers = call->domain == DOMAIN_TCP;
	read_first_numbers(opened, (void *)call->sock);
	read_addresses(opened, (void *)call->sock);
	bpf_ringbuf_submit(opened, 0);
	return true;
}

/*
 * A process is watched again. Of what it moved meanwhile TCP's numbers tell, but not the running sum, which
 * would join "half of a resp" to "TP/1.1 200 OK": there the connection is told anew, and begins in its
 * middle.
 */
static __always_inline struct connection *watched_again(struct call *call, struct connection *connection)
{
	if (call->domain == DOMAIN_SUM) {
		if (!emit_opened(call, connection->id))
			return 0;
		connection->domain = DOMAIN_SUM;
		connection->moved = 0;
		connection->lost[DIRECTION_IN] = 0;
		connection->lost[DIRECTION_OUT] = 0;
	}
	connection->watch = call->watch;
	return connection;
}

/*
 * Sets call->connection: the one known for this socket, or a new one, told to user space with its addresses.
 * It stays 0 for a socket that isn't connected, and where there was no room; the next call tries again.
 */
static __always_inline struct connection *identify_connection(struct call *call)
{
	u64 sock = call->sock;
	struct sock *sk = (void *)sock;
	struct connection *known = connection_of(sock);
	struct connection fresh = {};

	fresh.id = call->inode;
	if (known && (u32)known->id == (u32)call->inode) {
		if (!known->over) {
			if (known->watch != call->watch && !watched_again(call, known))
				return 0;
			call->connection = known->id;
			return known;
		}
		fresh.id = known->id;
	}
	if (!is_connected(sk))
		return 0;
	fresh.domain = call->domain;
	fresh.watch = call->watch;
	if (remember_connection(sock, &fresh)) {
		count(COUNTER_CONNECTIONS_FULL);
		return 0;
	}
	if (!emit_opened(call, fresh.id)) {
		forget_connection(sock);
		return 0;
	}
	return connection_of(sock);
}

static __always_inline void emit_ending(u8 kind, u8 direction, struct connection *connection)
{
	struct ending *ending = bpf_ringbuf_reserve(&ring, sizeof(*ending), 0);

	if (!ending) {
		count(COUNTER_RING_FULL);
		return;
	}
	ending->head.kind = kind;
	ending->head.direction = direction;
	ending->head.operation = OP_NONE;
	ending->head.flags = kind == RECORD_CLOSED ? connection->closed : 0;
	ending->head.pid = 0; /* a state can change in an interrupt, on anybody's time */
	ending->head.time = bpf_ktime_get_ns();
	ending->head.connection = connection->id;
	ending->numbers[DIRECTION_IN] = connection->numbers[DIRECTION_IN];
	ending->numbers[DIRECTION_OUT] = connection->numbers[DIRECTION_OUT];
	bpf_ringbuf_submit(ending, 0);
}

/*
 * Takes TCP's numbers, which also count what went past the traced calls. Before a change of state: write_seq
 * counts a FIN from then on, and the change to TCP_CLOSE can skip what was never read (tcp_disconnect).
 */
static __always_inline void note_numbers(struct connection *connection, u64 sock)
{
	struct sock *sk = (void *)sock;
	u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);

	if (domain_of(sk) != DOMAIN_TCP || state == TCP_CLOSE)
		return;
	if (state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT)
		connection->numbers[DIRECTION_OUT] = sequence_number(sock, DIRECTION_OUT);
	connection->numbers[DIRECTION_IN] = sequence_number(sock, DIRECTION_IN) - fin_was_read(sock);
}

/* No more will be received. */
static __always_inline void receiving_ended(struct connection *connection, u64 sock)
{
	note_numbers(connection, sock);
	emit_ending(RECORD_ENDED, DIRECTION_IN, connection);
}

/* The true end of a TCP socket: after TCP_CLOSE it can still be read, but not after this. */
static __always_inline int connection_closed(u64 sock)
{
	struct connection *connection = connection_of(sock);

	if (!connection)
		return 0;
	/* By SO_LINGER with no time: tcp_disconnect sets it after the state. */
	if (connection->closed && BPF_CORE_READ((struct sock *)sock, sk_err))
		connection->closed = CLOSED_RESET;
	emit_ending(RECORD_CLOSED, DIRECTION_IN, connection);
	forget_connection(sock);
	return 0;
}

/* After connect(AF_UNSPEC), which the change to TCP_CLOSE doesn't tell from other ends: those can still be
 * read. */
static __always_inline int connected_again(struct connection *connection)
{
	if (!connection->over)
		emit_ending(RECORD_CLOSED, DIRECTION_IN, connection);
	connection->over = 1;
	connection->id = (connection->id + CONNECTED_AGAIN) & CONNECTION_ID_MASK;
	return 0;
}

/*
 * How a TCP socket comes to TCP_CLOSE, before it does. A RST that was received and a timeout leave an error,
 * and one that is sent takes a way of its own: an orderly end comes to LAST_ACK, to CLOSING, or to FIN_WAIT2,
 * from where another socket of the kernel's goes on as TIME_WAIT: because the peer's FIN came, or because the
 * program closed, having read all that came; else close() sends a RST.
 */
static __always_inline u8 how_closed(struct sock *sk)
{
	u8 state = BPF_CORE_READ(sk, __sk_common.skc_state);
	bool orderly = state == TCP_LAST_ACK || state == TCP_CLOSING ||
		       (state == TCP_FIN_WAIT2 && (fin_came(sk) || all_was_read(sk)));

	return orderly && !BPF_CORE_READ(sk, sk_err) ? CLOSED_ORDERLY : CLOSED_RESET;
}

static __always_inline int state_changed(u64 sock, u32 state)
{
	struct sock *sk = (void *)sock;
	struct connection *connection = connection_of(sock);

	if (!connection)
		return 0;
	if (state == TCP_SYN_SENT)
		return connected_again(connection);
	note_numbers(connection, sock);
	if ((state == TCP_FIN_WAIT1 || state == TCP_LAST_ACK) && !connection->finished) {
		connection->finished = 1;
		emit_ending(RECORD_ENDED, DIRECTION_OUT, connection);
	}
	if (state != TCP_CLOSE)
		return 0;
	/* MPTCP has no other end that could be seen. */
	if (BPF_CORE_READ(sk, sk_protocol) == IPPROTO_MPTCP)
		return connection_closed(sock);
	connection->closed = how_closed(sk);
	return 0;
}

#endif
