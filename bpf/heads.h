/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Where heads of messages may lie (HEAD_BYTES), and the room in the ring that is kept for them. */
#ifndef TINYTAP_HEADS_H
#define TINYTAP_HEADS_H

#include "maps.h"

/* For the pages of a call that has only begun: should it move nothing, then it is no turn of direction. */
static __always_inline void expect_turn(struct call *call, struct connection *connection)
{
	u8 direction = call->direction & 1;
	bool turns = connection->moved != direction + 1;

	call->head_end = (turns ? call->seq : connection->turn[direction]) + HEAD_BYTES;
}

static __always_inline void note_turn(struct call *call, struct connection *connection)
{
	u8 direction = call->direction & 1;

	if (connection->moved != direction + 1) {
		connection->moved = direction + 1;
		connection->turn[direction] = call->seq;
	}
	call->head_end = connection->turn[direction] + HEAD_BYTES;
}

/* How many of the bytes from that number on may be of a head. */
static __always_inline u32 head_bytes(struct call *call, u32 number)
{
	u32 bytes = call->head_end - number;

	return bytes <= HEAD_BYTES ? bytes : 0;
}

/* Bytes of the ring that payload leaves to records without. */
const volatile u32 ring_reserve = 0;

/* Bodies are shed before heads, which may fill the ring up to the reserve. */
static __always_inline u32 head_limit(void)
{
	return bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) - ring_reserve;
}

#endif
