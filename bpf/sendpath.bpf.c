// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The optional source for what sendfile and splice send: the pages handed to TCP. The three programs are the
 * same source in three ages of the kernel; the loader attaches the first that it can.
 *
 * Bytes are only offered here. What TCP accepted is told by the call's exit, in the required source.
 */
#include "maps.h"
#include "pages.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define MAX_BIO_VECS 17 /* splice_to_socket() hands over 16 at a time */
#define MAX_RECORDS 16	/* of one offer */

/* As in the kernel since 5.1; read whole, as each field by itself would cost three reads per page. */
struct bio_vec_layout {
	u64 page;
	u32 len;
	u32 offset;
};

/* Makes the next bio_vec of the walk the one at hand. False: there is none. */
static __always_inline bool next_bio_vec(struct call *call)
{
	struct bio_vec_layout vec = {};

	if (!call->bvec)
		return false;
	if (bpf_probe_read_kernel(&vec, sizeof(vec), (void *)call->bvec))
		return false;
	call->bvec += sizeof(vec);
	call->page = vec.page;
	call->page_offset = vec.offset;
	call->page_left = vec.len;
	return true;
}

/* Finds the next bytes that lie in one page: call->piece of them at call->piece_address. 0: there are none.
 */
__noinline int next_piece(void)
{
	struct call *call = call_of_thread();
	u64 page;
	u32 offset, len;

	if (!call || !call->offered || (!call->page_left && !next_bio_vec(call)))
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

#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))

/*
 * One record of SIZE bytes, or of all that is left. 0: nothing more can be read.
 *
 * For the verifier: the page behind `data`, as it knows that `filled` is below SIZE and a piece at most a
 * page, but not that their sum stays within SIZE; and `filled` and `piece` kept in the map and read anew, as
 * it would follow local ones through every combination of turns of the loop.
 */
#define DEFINE_EMIT_PAGES(SIZE)                                                                              \
	__noinline int emit_pages_##SIZE(void)                                                               \
	{                                                                                                    \
		struct {                                                                                     \
			struct segment segment;                                                              \
			u8 data[SIZE + PAGE_SIZE];                                                           \
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
			if (filled >= SIZE || len > PAGE_SIZE)                                               \
				break;                                                                       \
			if (bpf_probe_read_kernel(record->data + filled, len,                                \
						  (void *)call->piece_address)) {                            \
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
DEFINE_EMIT_PAGES(4096)
DEFINE_EMIT_PAGES(8192)
DEFINE_EMIT_PAGES(16384)
DEFINE_EMIT_PAGES(32768)
DEFINE_EMIT_PAGES(65536)

static __always_inline int emit_pages(u32 len)
{
	if (FITS(len, 65536))
		return emit_pages_65536();
	if (FITS(len, 32768))
		return emit_pages_32768();
	if (FITS(len, 16384))
		return emit_pages_16384();
	if (FITS(len, 8192))
		return emit_pages_8192();
	return emit_pages_4096();
}

/* The call that is sending pages on this socket now, in this thread; else 0. */
static __always_inline struct call *sending_call(u64 sock)
{
	struct call *call;

	if (!target_flags(bpf_get_current_pid_tgid() >> 32))
		return 0;
	call = call_of_thread();
	if (!call || call->sock != sock || !call->connection)
		return 0;
	if (call->operation != OP_SENDFILE && call->operation != OP_SPLICE)
		return 0;
	return call;
}

static __always_inline int emit_offer(struct call *call)
{
	if (payload_budget() != BUDGET_ALL) {
		count(COUNTER_SHED);
		call->missing = MISSING_SHED;
		return 0;
	}
	for (int i = 0; i < MAX_RECORDS; i++)
		if (!emit_pages(call->offered))
			return 0;
	count(COUNTER_CALL_LIMIT);
	call->missing = MISSING_CALL_LIMIT;
	return 0;
}

/*
 * What the iterator still offers begins at the socket's write_seq. The raw tracepoint fires once per skb,
 * each time with all that is left, so what an earlier firing emitted is skipped.
 */
static __always_inline int send_iterator(u64 sock, struct msghdr *msg)
{
	struct call *call = sending_call(sock);
	u32 write_seq, skip = 0;
	u64 offered;

	if (!call || !(BPF_CORE_READ(msg, msg_flags) & MSG_SPLICE_PAGES) ||
	    BPF_CORE_READ(msg, msg_iter.iter_type) != bpf_core_enum_value(enum iter_type, ITER_BVEC))
		return 0;
	write_seq = BPF_CORE_READ((struct tcp_sock *)sock, write_seq);
	offered = BPF_CORE_READ(msg, msg_iter.count);
	if ((s32)(call->covered - write_seq) > 0)
		skip = call->covered - write_seq;
	else
		call->covered = write_seq;
	if (skip >= offered)
		return 0;
	call->offered = offered - skip;
	call->bvec = (u64)BPF_CORE_READ(msg, msg_iter.bvec);
	call->page_left = 0;
	skip += BPF_CORE_READ(msg, msg_iter.iov_offset);
	for (int i = 0; i < MAX_BIO_VECS; i++) {
		if (!next_bio_vec(call))
			return 0;
		if (skip < call->page_left)
			break;
		skip -= call->page_left;
	}
	call->page_offset += skip;
	call->page_left -= skip;
	return emit_offer(call);
}

/* 6.16 and later ("trace: tcp: Add tracepoint for tcp_sendmsg_locked()") */
SEC("raw_tp/tcp_sendmsg_locked")
int tinytap_sendmsg_raw_tp(struct bpf_raw_tracepoint_args *ctx)
{
	return send_iterator(ctx->args[0], (struct msghdr *)ctx->args[1]);
}

/* 6.5 and later: MSG_SPLICE_PAGES */
SEC("kprobe/tcp_sendmsg_locked")
int tinytap_sendmsg_kprobe(struct pt_regs *ctx)
{
	return send_iterator(PT_REGS_PARM1(ctx), (struct msghdr *)PT_REGS_PARM2(ctx));
}

/* To 6.4: (sk, page, offset, size, flags) */
SEC("kprobe/do_tcp_sendpages")
int tinytap_sendpages_kprobe(struct pt_regs *ctx)
{
	u64 sock = PT_REGS_PARM1(ctx);
	struct call *call = sending_call(sock);

	if (!call)
		return 0;
	call->covered = BPF_CORE_READ((struct tcp_sock *)sock, write_seq);
	call->bvec = 0;
	call->page = PT_REGS_PARM2(ctx);
	call->page_offset = PT_REGS_PARM3(ctx);
	call->page_left = PT_REGS_PARM4(ctx);
	call->offered = call->page_left;
	return emit_offer(call);
}
