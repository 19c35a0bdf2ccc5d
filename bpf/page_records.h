/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Pages into records. The source that includes this says where the pages come from:
 *   next_run(call)       sets page, page_offset and page_left to the next run; false: there is none
 *   run_is_intact(call)  whether the run still is what it was, after its bytes were read
 */
#ifndef TINYTAP_PAGE_RECORDS_H
#define TINYTAP_PAGE_RECORDS_H

#include "heads.h"
#include "linear_map.h"
#include "maps.h"
#include "mutes.h"
#include "payload_sizes.h"

#define MAX_PAGE_RECORDS 800 /* of one walk: see MAX_RECORDS */

/* Finds the next bytes that lie in one page: call->piece of them at call->piece_address. 0: there are none.
 */
__noinline int next_piece(void)
{
	struct call *call = call_of_thread();
	u64 page;
	u32 offset, len;

	if (!call || !call->offered || (!call->page_left && !next_run(call)))
		return 0;
	/* A bio_vec can span pages of a folio: their struct pages are neighbours. */
	page = call->page + (u64)(call->page_offset / PAGE_SIZE) * bpf_core_type_size(struct page);
	offset = call->page_offset % PAGE_SIZE;
	len = PAGE_SIZE - offset;
	if (len > call->page_left)
		len = call->page_left;
	if (len > call->offered)
		len = call->offered;
	call->piece = len;
	call->piece_address = page_address(page) + offset;
	return 1;
}

static __always_inline void advance(struct call *call, u32 len)
{
	call->page_offset += len;
	call->page_left -= len;
	call->offered -= len;
	call->covered += len;
}

/* A proxy splices heads too; what sendfile sends is no head. */
static __always_inline u32 page_head_bytes(struct call *call)
{
	return call->operation == OP_SPLICE ? head_bytes(call, call->covered) : 0;
}

#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))

/* One record of up to SIZE bytes, from one page. 0: it can't be read. */
#define DEFINE_EMIT_PIECE(SIZE)                                                                              \
	static __always_inline int emit_piece_##SIZE(struct call *call, u64 len)                             \
	{                                                                                                    \
		struct {                                                                                     \
			struct segment segment;                                                              \
			u8 data[SIZE];                                                                       \
		} *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);                                  \
                                                                                                             \
		if (!record) {                                                                               \
			record_lost(call);                                                                   \
			return 0;                                                                            \
		}                                                                                            \
		AT_MOST(len, SIZE);                                                                          \
		if (bpf_probe_read_kernel(record->data, len, (void *)call->piece_address) ||                 \
		    !run_is_intact(call)) {                                                                  \
			bpf_ringbuf_discard(record, 0);                                                      \
			count(COUNTER_UNREADABLE);                                                           \
			call->missing = MISSING_UNREADABLE;                                                  \
			return 0;                                                                            \
		}                                                                                            \
		fill_segment(&record->segment, call, call->covered, len);                                    \
		if (page_head_bytes(call))                                                                   \
			record->segment.head.flags |= SEGMENT_HEAD;                                          \
		bpf_ringbuf_submit(record, 0);                                                               \
		advance(call, len);                                                                          \
		return call->offered != 0;                                                                   \
	}
EACH_SMALL_SIZE(DEFINE_EMIT_PIECE)

#define EMIT_PIECE_IF_HOLDS(SIZE)                                                                            \
	if (len <= SIZE)                                                                                     \
		return emit_piece_##SIZE(call, len);

/* The next piece alone: to 6.4 the send path offers page by page. */
__noinline int emit_piece(void)
{
	struct call *call = call_of_thread();
	u32 len;

	if (!call || !next_piece())
		return 0;
	len = READ_ONCE(call->piece);
	EACH_SMALL_SIZE(EMIT_PIECE_IF_HOLDS)
	return 0; /* can't happen: a piece is a page at most */
}

/*
 * One record of SIZE bytes, or of all that is left. 0: nothing more can be read.
 *
 * For the verifier: a piece is taken only where a whole page has room, as it knows that a piece is at most a
 * page, but not that it is no larger than the room that is left. And `filled` and `piece` are kept in the map
 * and read anew, as it would follow local ones through every combination of turns of the loop.
 */
#define DEFINE_EMIT_PAGES(SIZE)                                                                              \
	__noinline int emit_pages_##SIZE(void)                                                               \
	{                                                                                                    \
		struct {                                                                                     \
			struct segment segment;                                                              \
			u8 data[SIZE];                                                                       \
		} * record;                                                                                  \
		struct call *call = call_of_thread();                                                        \
		u32 filled, len;                                                                             \
                                                                                                             \
		if (!call)                                                                                   \
			return 0;                                                                            \
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);                                     \
		if (!record) {                                                                               \
			record_lost(call);                                                                   \
			return 0;                                                                            \
		}                                                                                            \
		fill_segment(&record->segment, call, call->covered, 0);                                      \
		call->filled = 0;                                                                            \
		for (int i = 0; i < SIZE / PAGE_SIZE * 2 + 2 && next_piece(); i++) {                         \
			filled = READ_ONCE(call->filled);                                                    \
			len = READ_ONCE(call->piece);                                                        \
			if (filled > SIZE - PAGE_SIZE || len > PAGE_SIZE)                                    \
				break;                                                                       \
			if (bpf_probe_read_kernel(record->data + filled, len,                                \
						  (void *)call->piece_address) ||                            \
			    !run_is_intact(call)) {                                                          \
				count(COUNTER_UNREADABLE);                                                   \
				call->missing = MISSING_UNREADABLE;                                          \
				break;                                                                       \
			}                                                                                    \
			READ_ONCE(call->filled) = filled + len;                                              \
			advance(call, len);                                                                  \
		}                                                                                            \
		record->segment.len = call->filled;                                                          \
		bpf_ringbuf_submit(record, 0);                                                               \
		return call->filled && call->offered;                                                        \
	}
EACH_LARGE_SIZE(DEFINE_EMIT_PAGES)

#define EMIT_PAGES_IF_HOLDS(SIZE)                                                                            \
	if (len <= SIZE)                                                                                     \
		return emit_pages_##SIZE();

/* The next record, of the size that suits what is left. 0: there are to be no more. */
__noinline int emit_pages(void)
{
	struct call *call = call_of_thread();
	u32 len = call ? call->offered : 0;
	bool head;

	if (!len)
		return 0;
	head = page_head_bytes(call);
	if (!has_room(len < LARGEST ? len : LARGEST, head ? head_limit() : body_limit())) {
		shed(call, len);
		return 0;
	}
	if (len <= PAGE_SIZE || head)
		return emit_piece();
	EACH_LARGE_SIZE(EMIT_PAGES_IF_HOLDS)
	return emit_pages_65536();
}

static __always_inline void emit_all_pages(struct call *call)
{
	for (int i = 0; i < MAX_PAGE_RECORDS; i++)
		if (!emit_pages())
			return;
	count(COUNTER_CALL_LIMIT);
	call->missing = MISSING_CALL_LIMIT;
}

/* Emits `call->offered` bytes, the first of which has the number `call->covered`. */
__noinline int emit_offer(void)
{
	struct call *call = call_of_thread();
	u32 end;

	if (!call)
		return 0;
	end = call->covered + call->offered;
	if (wanted_bytes(call, end) == WANTED_ALL)
		emit_all_pages(call);
	else
		call->missing = MISSING_MUTED;
	/* What was given up is not offered again. */
	if (call->missing)
		call->covered = end;
	return 0;
}

#endif
