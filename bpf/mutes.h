/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Payload that nobody keeps is not copied: user space says which, a word per connection and direction. */
#ifndef TINYTAP_MUTES_H
#define TINYTAP_MUTES_H

#include "maps.h"

/* Shared as those of maps.h are. User space writes it with plain stores: before 5.19 it may not call bpf(2).
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MUTE_SLOTS * 2);
	__type(key, u32);
	__type(value, u64);
} mutes SEC(".maps");

#define WANTED_ALL 0xffffffff

/* How many bytes of payload are wanted of a call that ends at number `end`, or of pages that do. */
static __always_inline u32 wanted_bytes(struct call *call, u32 end)
{
	u64 id = call->connection;
	u32 slot = id % MUTE_SLOTS * 2 + (call->direction & 1);
	u64 *word = bpf_map_lookup_elem(&mutes, &slot);
	u64 mute = word ? *word : 0;
	struct connection *connection;
	u64 sock = call->sock;

	if (!mute || mute >> MUTE_OWNER_SHIFT != id / MUTE_SLOTS)
		return WANTED_ALL;
	/* Below kTLS it was about ciphertext. */
	connection = connection_of(sock);
	if (!connection || connection->domain != call->domain)
		return WANTED_ALL;
	switch (mute >> MUTE_KIND_SHIFT & 3) {
	case MUTE_UNTIL:
		return (s32)((u32)mute - end) >= 0 ? 0 : WANTED_ALL;
	case MUTE_OTHER:
		return MUTE_OTHER_BYTES;
	case MUTE_ALL:
		return 0;
	default:
		return WANTED_ALL;
	}
}

#endif
