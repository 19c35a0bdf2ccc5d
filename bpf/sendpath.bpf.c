// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The optional source for what sendfile and splice send: the pages handed to TCP. The three programs are the
 * same source in three ages of the kernel; the loader attaches the first that it can.
 *
 * Bytes are only offered here. What TCP accepted is told by the call's exit, in the required source.
 */
#include "maps.h"
#include "spares.h"
#include "targets.h"
#include <asm/ptrace.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define MAX_BIO_VECS 17 /* splice_to_socket() hands over 16 at a time */

/* As in the kernel since 5.1; read whole, as each field by itself would cost three reads per page. */
struct bio_vec_layout {
	u64 page;
	u32 len;
	u32 offset;
};

/* A bio_vec is a run: it can span the pages of a folio. */
static __always_inline bool next_run(struct call *call)
{
	struct bio_vec_layout vec = {};

	if (!call->next_bio_vec)
		return false;
	if (bpf_probe_read_kernel(&vec, sizeof(vec), (void *)call->next_bio_vec))
		return false;
	call->next_bio_vec += sizeof(vec);
	call->page = vec.page;
	call->page_offset = vec.offset;
	call->page_left = vec.len;
	return true;
}

/* TCP holds the pages while it is given them. */
static __always_inline bool run_is_intact(struct call *call)
{
	return true;
}

#include "page_records.h"

/* The call that is sending pages on this socket now, in this thread; else 0. */
static __always_inline struct call *sending_call(u64 sock)
{
	struct call *call;
	u8 flags = current_target();

	if (!flags || (flags & TARGET_NO_SENDPATH))
		return 0;
	call = watched_call(flags);
	if (!call || call->sock != sock || !call->connection || call->domain != DOMAIN_TCP)
		return 0;
	if (call->operation != OP_SENDFILE && call->operation != OP_SPLICE)
		return 0;
	return call;
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
	call->next_bio_vec = (u64)BPF_CORE_READ(msg, msg_iter.bvec);
	call->page_left = 0;
	skip += BPF_CORE_READ(msg, msg_iter.iov_offset);
	for (int i = 0; i < MAX_BIO_VECS; i++) {
		if (!next_run(call))
			return 0;
		if (skip < call->page_left)
			break;
		skip -= call->page_left;
	}
	call->page_offset += skip;
	call->page_left -= skip;
	return emit_offer();
}

/* 6.16 and later ("trace: tcp: Add tracepoint for tcp_sendmsg_locked()") */
#define SEND_ITERATOR send_iterator(ctx->args[0], (struct msghdr *)ctx->args[1])
DEFINE_PROGRAM("tcp_sendmsg_locked", tinytap_sendmsg_raw_tp, SEND_ITERATOR)
DEFINE_PROGRAM("tcp_sendmsg_locked", tinytap_sendmsg_raw_tp_spare_1, SEND_ITERATOR)
DEFINE_PROGRAM("tcp_sendmsg_locked", tinytap_sendmsg_raw_tp_spare_2, SEND_ITERATOR)

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
	call->next_bio_vec = 0;
	call->page = PT_REGS_PARM2(ctx);
	call->page_offset = PT_REGS_PARM3(ctx);
	call->page_left = PT_REGS_PARM4(ctx);
	call->offered = call->page_left;
	return emit_offer();
}
