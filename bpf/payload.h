/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Payload of a finished call, from user memory into records. The functions with loops are global ones: the
 * verifier proves such a function once, for any arguments, instead of once per turn of each loop around it.
 * It does walk through every turn of a loop, so a loop of 1024 is 32 times one of 32: 64 turns to walk.
 */
#ifndef TINYTAP_PAYLOAD_H
#define TINYTAP_PAYLOAD_H

#include "heads.h"
#include "maps.h"
#include "payload_sizes.h"
#include "syscalls.h"

#define MAX_IOVECS 1024	  /* UIO_MAXIOV */
#define MAX_MESSAGES 1024 /* likewise */
#define FEW 32
#define MAX_RECORDS 800 /* of one buffer: more than three quarters of the largest ring */

struct user_iovec {
	u64 base;
	u64 len;
};

struct user_message {
	u64 name;
	u64 name_len;
	u64 iov;
	u64 iov_len;
	u64 control;
	u64 control_len;
	u64 flags;
};

/* Of control messages the first; with kTLS it is the only one. */
struct user_control {
	u64 len;
	s32 level;
	s32 type;
	u8 record_type;
} __attribute__((packed));

#define SOL_TLS 282
#define TLS_APPLICATION_DATA 23

struct user_messages {
	struct user_message message;
	u64 len;
};

static __always_inline void fill_last(struct segment *segment, struct call *call)
{
	u64 sock = call->sock;
	struct connection *connection = connection_of(sock);
	u8 direction = call->direction & 1;

	segment->head.flags |= SEGMENT_LAST;
	segment->call_seq = call->seq;
	segment->call_len = call->call_len;
	segment->missing = call->missing;
	if (connection && connection->lost[direction]) {
		connection->lost[direction] = 0;
		segment->head.flags |= SEGMENT_AFTER_LOSS;
	}
	call->ended = 1;
}

/* The call's range, without payload. */
static __always_inline void emit_last(struct call *call)
{
	struct segment *segment = bpf_ringbuf_reserve(&ring, sizeof(*segment), 0);

	if (!segment) {
		record_lost(call);
		return;
	}
	fill_segment(segment, call, call->position, 0);
	fill_last(segment, call);
	bpf_ringbuf_submit(segment, 0);
}

#define RING_FULL 0
#define FAULT -1

/* One record of up to SIZE bytes from user memory. Gives the bytes taken, RING_FULL or FAULT. */
#define DEFINE_EMIT(SIZE)                                                                                    \
	static __always_inline int emit_##SIZE(struct call *call, u64 from, u64 len)                         \
	{                                                                                                    \
		struct {                                                                                     \
			struct segment segment;                                                              \
			u8 data[SIZE];                                                                       \
		} *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);                                  \
                                                                                                             \
		if (!record)                                                                                 \
			return RING_FULL;                                                                    \
		AT_MOST(len, SIZE);                                                                          \
		if (bpf_probe_read_user(record->data, len, (void *)from)) {                                  \
			bpf_ringbuf_discard(record, 0);                                                      \
			return FAULT;                                                                        \
		}                                                                                            \
		fill_segment(&record->segment, call, call->position, len);                                   \
		if (head_bytes(call, call->position))                                                        \
			record->segment.head.flags |= SEGMENT_HEAD;                                          \
		if (len == call->left && !call->rest)                                                        \
			fill_last(&record->segment, call);                                                   \
		bpf_ringbuf_submit(record, 0);                                                               \
		return len;                                                                                  \
	}
EACH_SMALL_SIZE(DEFINE_EMIT)
EACH_LARGE_SIZE(DEFINE_EMIT)

#define EMIT_IF_HOLDS(SIZE)                                                                                  \
	if (len <= SIZE)                                                                                     \
		return emit_##SIZE(call, from, len);

/* One record of `len` bytes at `from`. */
__noinline int emit_user(u64 from, u32 len)
{
	struct call *call = call_of_thread();

	if (!call)
		return RING_FULL;
	EACH_SMALL_SIZE(EMIT_IF_HOLDS)
	EACH_LARGE_SIZE(EMIT_IF_HOLDS)
	return RING_FULL; /* can't happen: nobody asks for more than LARGEST */
}

static __always_inline u32 to_page_end(u64 address)
{
	return PAGE_SIZE - (address & (PAGE_SIZE - 1));
}

/* One record of a buffer of the call. Gives how many bytes it takes care of; 0: there are to be no more. */
__noinline int copy_record(u64 from, u64 size)
{
	struct call *call = call_of_thread();
	u32 len = size;
	u32 head;
	int taken;

	if (!call)
		return 0;
	if (!call->wanted) {
		call->missing = MISSING_MUTED;
		return 0;
	}
	if (len > call->wanted)
		len = call->wanted;
	head = head_bytes(call, call->position);
	if (head && len > head)
		len = head;
	/* So a page that can't be read costs a search of one record's pages, not of all that follow. */
	if (len > LARGEST)
		len = LARGEST;
	if (from < call->searched && len > to_page_end(from))
		len = to_page_end(from);
	if (!has_room(len, head ? head_limit() : body_limit())) {
		shed(call, call->call_len);
		return 0;
	}
	taken = emit_user(from, len);
	if (taken == FAULT && len > to_page_end(from)) {
		call->searched = from + len;
		len = to_page_end(from);
		taken = emit_user(from, len);
	}
	if (taken == RING_FULL) {
		record_lost(call);
		return 0;
	}
	if (taken == FAULT) {
		/* Its bytes stay a gap; what comes after it doesn't. */
		count(COUNTER_UNREADABLE);
		call->missing = MISSING_UNREADABLE;
		taken = len;
	}
	call->position += taken;
	call->left -= taken;
	call->wanted -= taken;
	return taken;
}

/* All of one buffer, or of what is left of the call. 1: the call has no more, or may have no more. */
__noinline int copy_buffer(u64 from, u64 size)
{
	struct call *call = call_of_thread();

	if (!call)
		return 1;
	if (size > call->left)
		size = call->left;
	call->searched = 0;
	for (int i = 0; i < MAX_RECORDS && size; i++) {
		u32 taken = copy_record(from, size);

		if (!taken)
			return 1;
		from += taken;
		size -= taken;
	}
	if (size) {
		count(COUNTER_CALL_LIMIT);
		call->missing = MISSING_CALL_LIMIT;
		return 1;
	}
	return call->left == 0;
}

/* What says where the bytes of the call lie can't be read. */
static __always_inline void unreadable(void)
{
	struct call *call = call_of_thread();

	count(COUNTER_UNREADABLE);
	if (call)
		call->missing = MISSING_UNREADABLE;
}

/* Up to FEW of the call's buffers. 1: as above. */
__noinline int copy_few_buffers(u64 iov, u64 count_of)
{
	struct user_iovec vec;

	for (u32 i = 0; i < FEW && i < count_of; i++) {
		if (bpf_probe_read_user(&vec, sizeof(vec), (void *)(iov + i * sizeof(vec)))) {
			unreadable();
			return 1;
		}
		if (vec.len && copy_buffer(vec.base, vec.len))
			return 1;
	}
	return 0;
}

__noinline int copy_vector(u64 iov, u64 count_of)
{
	for (u32 i = 0; i < MAX_IOVECS && i < count_of; i += FEW)
		if (copy_few_buffers(iov + i * sizeof(struct user_iovec), count_of - i))
			return 1;
	return 0;
}

static __always_inline int copy_message(u64 from)
{
	struct user_message message = {};

	if (bpf_probe_read_user(&message, sizeof(message), (void *)from)) {
		unreadable();
		return 1;
	}
	return copy_vector(message.iov, message.iov_len);
}

/* Up to FEW messages, each of which may have moved less than its buffers hold. */
__noinline int copy_few_messages(u64 from, u64 count_of)
{
	struct call *call = call_of_thread();

	if (!call)
		return 1;
	for (u32 i = 0; i < FEW && i < count_of; i++) {
		u64 message = from + i * sizeof(struct user_messages);
		u32 len = 0;

		bpf_probe_read_user(&len, sizeof(len), &((struct user_messages *)message)->len);
		if (len > call->rest)
			len = call->rest;
		call->rest -= len;
		call->left = len;
		copy_message(message);
		if (call->left)
			return 1;
	}
	return 0;
}

__noinline int copy_messages(u64 from, u64 count_of)
{
	struct call *call = call_of_thread();

	if (!call)
		return 1;
	call->rest = call->left;
	for (u32 i = 0; i < MAX_MESSAGES && i < count_of; i += FEW)
		if (copy_few_messages(from + i * sizeof(struct user_messages), count_of - i))
			return 1;
	return 0;
}

__noinline u64 bytes_of_few_messages(u64 from, u64 count_of)
{
	u64 bytes = 0;

	for (u32 i = 0; i < FEW && i < count_of; i++) {
		struct user_messages *messages = (void *)from;
		u32 len = 0;

		bpf_probe_read_user(&len, sizeof(len), &messages[i].len);
		bytes += len;
	}
	return bytes;
}

/* What recvmmsg and sendmmsg return is a number of messages. */
__noinline u64 bytes_of_messages(u64 from, u64 count_of)
{
	u64 bytes = 0;

	for (u32 i = 0; i < MAX_MESSAGES && i < count_of; i += FEW)
		bytes += bytes_of_few_messages(from + i * sizeof(struct user_messages), count_of - i);
	return bytes;
}

/* Whether kTLS moved a record that is the protocol's own, not the program's: a ticket, an alert. */
__noinline bool is_tls_control(u64 from)
{
	struct user_message message = {};
	struct user_control control = {};

	bpf_probe_read_user(&message, sizeof(message), (void *)from);
	if (message.control_len < sizeof(control))
		return false;
	bpf_probe_read_user(&control, sizeof(control), (void *)message.control);
	return control.level == SOL_TLS && control.record_type != TLS_APPLICATION_DATA;
}

/* The flags argument, where the call has one. */
static __always_inline u32 flags_of_call(struct pt_regs *regs, u8 operation)
{
	switch (operation) {
	case OP_RECVFROM:
	case OP_RECVMMSG:
		return argument(regs, 3);
	case OP_RECVMSG:
		return argument(regs, 2);
	default:
		return 0;
	}
}

/* With these a receiving call takes nothing out of the stream. */
#define NOT_CONSUMED (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE)

/* Emits the payload of the call that just moved `call->left` bytes. */
static __always_inline void copy_payload(struct pt_regs *regs, struct call *call)
{
	u8 operation = call->operation;

	switch (operation) {
	case OP_SENDFILE:
		if (!call->missing)
			call->missing = MISSING_NO_SOURCE;
		return;
	case OP_SPLICE:
		/* What was received into a pipe has its pages by now, or never. */
		if (call->direction == DIRECTION_IN && call->covered == call->seq + call->call_len)
			return;
		if (!call->missing)
			call->missing = call->direction == DIRECTION_IN ? MISSING_SPLICED : MISSING_NO_SOURCE;
		return;
	}
	/* With MSG_TRUNC the numbers move, but nothing is written to the buffer. */
	if (flags_of_call(regs, operation) & MSG_TRUNC) {
		call->missing = MISSING_DISCARDED;
		return;
	}
	switch (operation) {
	case OP_READ:
	case OP_RECVFROM:
	case OP_WRITE:
	case OP_SENDTO:
		copy_buffer(argument(regs, 1), call->left);
		return;
	case OP_READV:
	case OP_WRITEV:
		copy_vector(argument(regs, 1), argument(regs, 2));
		return;
	case OP_RECVMSG:
	case OP_SENDMSG:
		copy_message(argument(regs, 1));
		return;
	case OP_RECVMMSG:
	case OP_SENDMMSG:
		copy_messages(argument(regs, 1), argument(regs, 2));
		return;
	}
}

#endif
