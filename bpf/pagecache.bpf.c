// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The optional fallback for what sendfile and splice send, where the send path can't be probed, shows
 * ciphertext (kTLS), or is not passed through (MPTCP, AF_UNIX): it needs nothing but the two tracepoints.
 * sendfile's pages are looked up in the file's page cache when the call has ended and it is known which were
 * sent. A pipe's pages are gone by then: they are read when splice begins. And the one source for what splice
 * receives: that lies in the pipe when the call has ended.
 *
 * It fills only what the send path left. At exit it must run before the required source, at enter after it.
 */
#include "files.h"
#include "maps.h"
#include "spares.h"
#include "syscalls.h"
#include "targets.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define S_IFIFO 0010000
#define MAX_PIPE_BUFFERS 256 /* of a pipe of 1 MiB: the most without privilege */
#define FEW 32		     /* see payload.h */
#define MAX_DEPTH 8	     /* of an xarray: 11 would hold any index, 8 a file of an exabyte */

struct ovl_file {
	struct file *realfile;
} __attribute__((preserve_access_index));

#define OVL_UPPERDATA 3 /* a bit's number in struct ovl_inode's flags */

/* include/linux/page-flags.h; the value is the kernel's at hand. */
enum pageflags { PG_uptodate = 2 };

struct folio {
	struct address_space *mapping;
	unsigned long index;
} __attribute__((preserve_access_index));

/* Before 5.16 there was no folio, and a page said this itself. */
struct page___mapped {
	struct address_space *mapping;
	unsigned long index;
} __attribute__((preserve_access_index));

static __always_inline u64 mapping_of(u64 folio)
{
	if (bpf_core_type_exists(struct folio))
		return (u64)BPF_CORE_READ((struct folio *)folio, mapping);
	return (u64)BPF_CORE_READ((struct page___mapped *)folio, mapping);
}

static __always_inline u64 index_of(u64 folio)
{
	if (bpf_core_type_exists(struct folio))
		return BPF_CORE_READ((struct folio *)folio, index);
	return BPF_CORE_READ((struct page___mapped *)folio, index);
}

/* lib/xarray.c: an entry ending in binary 10 is internal: above 4096 a node, below 256 a sibling's slot. */
#define XA_INTERNAL 2
#define XA_IS_INTERNAL(entry) (((entry)&3) == XA_INTERNAL)
#define XA_IS_NODE(entry) (XA_IS_INTERNAL(entry) && (entry) > 4096)
#define XA_IS_SIBLING(entry) (XA_IS_INTERNAL(entry) && (entry) < 256)
#define XA_IS_VALUE(entry) ((entry)&1)

/* The folio that holds page `index` of the mapping; 0: it isn't resident. Global: see payload.h. */
__noinline u64 find_folio(u64 mapping, u64 index)
{
	u64 entry = (u64)BPF_CORE_READ((struct address_space *)mapping, i_pages.xa_head);

	/* As xas_start(): an index beyond the tree's is in none of its slots, and would be taken for
	 * another's. */
	if (!XA_IS_NODE(entry) ? index
			       : index >> BPF_CORE_READ((struct xa_node *)(entry - XA_INTERNAL), shift) > 63)
		return 0;
	for (int i = 0; i < MAX_DEPTH && XA_IS_NODE(entry); i++) {
		struct xa_node *node = (void *)(entry - XA_INTERNAL);
		u64 slots = (u64)node + bpf_core_field_offset(node->slots);
		u64 slot = (index >> BPF_CORE_READ(node, shift)) & 63;

		bpf_probe_read_kernel(&entry, sizeof(entry), (void *)(slots + slot * sizeof(entry)));
		if (XA_IS_SIBLING(entry))
			bpf_probe_read_kernel(&entry, sizeof(entry),
					      (void *)(slots + (entry >> 2) * sizeof(entry)));
	}
	return XA_IS_INTERNAL(entry) || XA_IS_VALUE(entry) ? 0 : entry;
}

/* A page that is still being read in holds what was there before. The flags come first in a page, at all
 * times. */
static __always_inline bool is_up_to_date(u64 folio)
{
	u64 flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)folio);
	return flags >> bpf_core_enum_value(enum pageflags, PG_uptodate) & 1;
}

/* A run is one page of the file. */
static __always_inline bool next_run(struct call *call)
{
	u64 index = call->file_offset / PAGE_SIZE;
	u64 folio;

	if (!call->mapping)
		return false;
	folio = find_folio(call->mapping, index);
	if (!folio || mapping_of(folio) != call->mapping || !is_up_to_date(folio)) {
		count(COUNTER_UNREADABLE);
		call->missing = MISSING_UNREADABLE;
		return false;
	}
	call->folio = folio;
	call->page = folio + (index - index_of(folio)) * bpf_core_type_size(struct page);
	call->page_offset = call->file_offset % PAGE_SIZE;
	call->page_left = PAGE_SIZE - call->page_offset;
	call->file_offset += call->page_left;
	return true;
}

/* A page can be given to another file while it is read, or be split off: then its bytes are none of ours. A
 * pipe holds its pages until somebody reads it; first it takes the buffer's `ops` away. */
static __always_inline bool run_is_intact(struct call *call)
{
	struct pipe_buffer *buffer = (void *)call->buffer;

	if (!call->mapping)
		return BPF_CORE_READ(buffer, ops) && (u64)BPF_CORE_READ(buffer, page) == call->page;
	return mapping_of(call->folio) == call->mapping &&
	       find_folio(call->mapping, (call->file_offset - 1) / PAGE_SIZE) == call->folio;
}

#include "page_records.h"

/* The sendfile or splice of a socket of ours that this thread is in. */
static __always_inline struct call *call_at_hand(u8 operation)
{
	u8 flags = current_target();
	struct call *call;

	if (!flags || (flags & TARGET_NO_PAGECACHE))
		return 0;
	call = watched_call(flags);
	if (!call || !call->sock || !call->connection || call->operation != operation || call->missing)
		return 0;
	return call;
}

/* The send path gives a pipe's bytes later, and only those that are really sent. */
static __always_inline bool sendpath_will(struct call *call)
{
	return call->domain == DOMAIN_TCP &&
	       !(target_flags(bpf_get_current_pid_tgid() >> 32) & TARGET_NO_SENDPATH);
}

/* A descriptor opened for writing only, or with O_PATH, gives no right to the file's bytes. */
static __always_inline bool is_readable(struct file *file)
{
	return BPF_CORE_READ(file, f_mode) & FMODE_READ;
}

/*
 * The pages of an overlayfs file that was copied up since it was opened; 0: it wasn't, or not its data. A
 * kernel names struct ovl_inode only once overlayfs is loaded, and before 5.11 never; but from 5.10 to 7.x
 * it has `flags`, `struct inode vfs_inode` and `struct dentry *__upperdentry` side by side.
 */
static __always_inline struct address_space *upper_mapping(struct inode *inode)
{
	u64 flags = 0, upper = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), (void *)((u64)inode - sizeof(flags)));
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)((u64)inode + bpf_core_type_size(struct inode)));
	if (!upper || !(flags >> OVL_UPPERDATA & 1))
		return 0;
	return BPF_CORE_READ((struct dentry *)upper, d_inode, i_mapping);
}

/* The file's pages; 0: they can't be told. overlayfs has none of its own: the file above or below has them.
 */
static __always_inline struct address_space *mapping_of_file(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct address_space *mapping;
	u64 below;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_SUPER_MAGIC)
		return BPF_CORE_READ(file, f_mapping);
	mapping = upper_mapping(inode);
	if (mapping)
		return mapping;
	below = (u64)BPF_CORE_READ(file, private_data);
	/* From 6.13 on ("ovl: allocate a container struct ovl_file for ovl private context"). */
	if (bpf_core_type_exists(struct ovl_file))
		below = (u64)BPF_CORE_READ((struct ovl_file *)below, realfile);
	else if (has_file_ref())
		return 0; /* so recent, but overlayfs was not loaded yet when we were */
	return BPF_CORE_READ((struct file *)below, f_mapping);
}

/* Notes where in the file the call begins: by its exit others may have moved the file's position, or written
 * to the caller's offset. */
static __always_inline int sendfile_begins(struct pt_regs *regs)
{
	struct call *call = call_at_hand(OP_SENDFILE);
	u64 offset_pointer = argument(regs, 2);
	u64 offset = OFFSET_UNKNOWN;

	if (!call)
		return 0;
	if (offset_pointer)
		bpf_probe_read_user(&offset, sizeof(offset), (void *)offset_pointer);
	else
		offset = BPF_CORE_READ(file_of(argument(regs, 1)), f_pos);
	call->file_offset = offset;
	return 0;
}

static __always_inline int sendfile_ends(struct pt_regs *regs, s64 result)
{
	struct call *call;
	struct file *file;
	u32 covered;

	call = call_at_hand(OP_SENDFILE);
	if (!call)
		return 0;
	covered = call->covered - call->seq;
	file = file_of(argument(regs, 1));
	if (covered >= result || !is_readable(file) || call->file_offset == OFFSET_UNKNOWN)
		return 0;
	call->file_offset += covered;
	call->mapping = (u64)mapping_of_file(file);
	if (!call->mapping) {
		count(COUNTER_UNREADABLE);
		call->missing = MISSING_UNREADABLE;
		return 0;
	}
	call->offered = result - covered;
	call->page_left = 0;
	return emit_offer();
}

/* 0: it is no pipe. */
static __always_inline struct pipe_inode_info *pipe_of(struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	return (BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFIFO ? BPF_CORE_READ(inode, i_pipe) : 0;
}

/* Buffers are numbered as `head` and `tail` count them. */
static __always_inline struct pipe_buffer *pipe_buffer_at(struct pipe_inode_info *pipe, u32 number)
{
	u32 mask = BPF_CORE_READ(pipe, ring_size) - 1;
	u64 buffers = (u64)BPF_CORE_READ(pipe, bufs);

	return (void *)(buffers + (number & mask) * bpf_core_type_size(struct pipe_buffer));
}

/* Offers up to FEW buffers. Gives how many of the `wanted` bytes are still wanted. */
__noinline u64 emit_few_buffers(u64 address, u32 from, u64 wanted)
{
	struct pipe_inode_info *pipe = (void *)address;
	struct call *call = call_of_thread();
	u32 head = BPF_CORE_READ(pipe, head);

	if (!call)
		return 0;
	for (u32 i = 0; i < FEW && (s32)(head - from - i) > 0 && wanted; i++) {
		struct pipe_buffer *buffer = pipe_buffer_at(pipe, from + i);
		u32 len = BPF_CORE_READ(buffer, len);

		if (len > wanted)
			len = wanted;
		wanted -= len;
		call->buffer = (u64)buffer;
		call->page = (u64)BPF_CORE_READ(buffer, page);
		call->page_offset = BPF_CORE_READ(buffer, offset);
		call->page_left = len;
		call->offered = len;
		emit_offer();
		if (call->missing)
			return 0;
	}
	return wanted;
}

static __always_inline void emit_buffers(struct call *call, struct pipe_inode_info *pipe, u32 from,
					 u64 wanted)
{
	call->mapping = 0;
	for (u32 i = 0; i < MAX_PIPE_BUFFERS && wanted; i += FEW)
		wanted = emit_few_buffers((u64)pipe, from + i, wanted);
}

__noinline u64 bytes_of_few_buffers(u64 address, u32 from, u32 count_of)
{
	struct pipe_inode_info *pipe = (void *)address;
	u64 bytes = 0;

	for (u32 i = 0; i < FEW && i < count_of; i++) {
		struct pipe_buffer *buffer = pipe_buffer_at(pipe, from + i);

		bytes += BPF_CORE_READ(buffer, len);
	}
	return bytes;
}

/* Of what goes out, what lies in the pipe is offered; the exit tells how much of it was sent. */
static __always_inline int splice_begins(struct pt_regs *regs)
{
	struct call *call = call_at_hand(OP_SPLICE);
	struct pipe_inode_info *pipe;
	struct file *file;

	if (!call || call->covered != call->seq)
		return 0;
	if (call->direction == DIRECTION_IN) {
		pipe = pipe_of(file_of(argument(regs, 2)));
		call->pipe = (u64)pipe;
		call->pipe_head = BPF_CORE_READ(pipe, head);
		return 0;
	}
	file = file_of(argument(regs, 0));
	pipe = pipe_of(file);
	if (pipe && is_readable(file) && !sendpath_will(call))
		emit_buffers(call, pipe, BPF_CORE_READ(pipe, tail), argument(regs, 4));
	return 0;
}

/*
 * What came in lies in the buffers that are new since the enter. Should they hold less or more than the call
 * moved, others have read the pipe or written to it, and whose bytes are whose can't be told.
 */
static __always_inline int splice_ends(struct pt_regs *regs, s64 result)
{
	struct call *call = call_at_hand(OP_SPLICE);
	struct pipe_inode_info *pipe;
	u32 from, fresh;
	u64 bytes = 0;

	if (!call || call->direction != DIRECTION_IN || call->covered != call->seq)
		return 0;
	pipe = pipe_of(file_of(argument(regs, 2)));
	if (!pipe || (u64)pipe != call->pipe)
		return 0;
	from = call->pipe_head;
	fresh = BPF_CORE_READ(pipe, head) - from;
	if (fresh > MAX_PIPE_BUFFERS || (s32)(from - BPF_CORE_READ(pipe, tail)) < 0)
		return 0;
	for (u32 i = 0; i < MAX_PIPE_BUFFERS && i < fresh; i += FEW)
		bytes += bytes_of_few_buffers((u64)pipe, from + i, fresh - i);
	if (bytes == (u64)result)
		emit_buffers(call, pipe, from, result);
	return 0;
}

static __always_inline int call_begins(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];

	switch (operation_of(ctx->args[1])) {
	case OP_SENDFILE:
		return sendfile_begins(regs);
	case OP_SPLICE:
		return splice_begins(regs);
	default:
		return 0;
	}
}

static __always_inline int call_ends(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	s64 result = ctx->args[1];

	if (result <= 0)
		return 0;
	switch (operation_of(system_call_number(regs))) {
	case OP_SENDFILE:
		return sendfile_ends(regs, result);
	case OP_SPLICE:
		return splice_ends(regs, result);
	default:
		return 0;
	}
}

DEFINE_PROGRAM("sys_enter", tinytap_pagecache_enter, call_begins(ctx))
DEFINE_PROGRAM("sys_enter", tinytap_pagecache_enter_spare_1, call_begins(ctx))
DEFINE_PROGRAM("sys_enter", tinytap_pagecache_enter_spare_2, call_begins(ctx))
DEFINE_PROGRAM("sys_exit", tinytap_pagecache_exit, call_ends(ctx))
DEFINE_PROGRAM("sys_exit", tinytap_pagecache_exit_spare_1, call_ends(ctx))
DEFINE_PROGRAM("sys_exit", tinytap_pagecache_exit_spare_2, call_ends(ctx))
