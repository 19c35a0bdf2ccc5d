/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The maps that all objects share: the loader makes them with the first object and hands them to the others.
 * Nothing here is per-CPU scratch: a program can be interrupted, and from 7.x on preempted, by another.
 */
#ifndef TINYTAP_MAPS_H
#define TINYTAP_MAPS_H

#include "kernel.h"
#include "records.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define OFFSET_UNKNOWN (~0ULL)

/* The loader sets its size. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024);
} ring SEC(".maps");

/* A byte per process id. Only an ARRAY can be memory-mapped, and its elements are 8-byte aligned: hence
 * pages. */
struct target_page {
	u8 flags[TARGETS_PER_ENTRY];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TARGETS_ENTRIES);
	__type(key, u32);
	__type(value, struct target_page);
} targets SEC(".maps");

struct counter_page {
	u64 values[COUNTERS];
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counter_page);
} counters SEC(".maps");

/*
 * What each thread of a target is doing. The entry stays as long as the thread: that an exit finds none tells
 * that the call was already blocked when the capture began.
 */
struct call {
	u64 sock;	/* 0: the call at hand moves no bytes of ours */
	u64 connection; /* 0: not known yet */
	u64 inode;	/* of the socket */
	u64 entered;	/* ktime; 0: as with segment.took */
	s32 fd;
	u32 seq;      /* the socket's number at enter */
	u32 covered;  /* pages up to this number were emitted, or given up */
	u32 position; /* exit: number of the next byte to emit */
	u32 left;     /* exit: bytes from `position` to the end of the call, or of its message at hand */
	u32 rest;     /* exit: bytes of the messages after that */
	u32 head_end; /* numbers below this one may be of a message's head */
	u32 wanted;   /* bytes of payload that somebody wants */
	u32 call_len;
	u32 other;    /* as in struct segment */
	u64 searched; /* up to here a buffer goes page by page, to find the one that can't be read */
	u8 operation;
	u8 direction;
	u8 domain;	/* enum domain */
	u8 missing;	/* the reason for what gets no payload */
	u8 begun;	/* seen at enter, and not yet at exit */
	u8 watch;	/* TARGET_WATCH at that time */
	u8 counted;	/* in the connection's `busy` */
	u8 ended;	/* the last record went out */
	u8 other_known; /* SEGMENT_OTHER, or 0 */
	/* the walk over pages (page_records.h) */
	u64 page;	 /* the run at hand: its first `struct page`, */
	u32 page_offset; /* where in it the next byte lies, which can be pages further on, */
	u32 page_left;	 /* and the bytes from there to its end */
	u32 offered;	 /* bytes of the walk not emitted yet */
	u32 piece;	 /* of these, what lies in one page */
	u64 piece_address;
	u32 filled; /* bytes in the record at hand */
	/* where the next run comes from */
	u64 next_bio_vec; /* sendpath */
	u64 file_offset;  /* pagecache: at first where in the file the call begins, noted at enter */
	u64 mapping;
	u64 folio;
	u64 buffer;    /* pagecache: the pipe's at hand */
	u64 pipe;      /* pagecache: into which the call splices, noted at enter */
	u32 pipe_head; /* pagecache: where its buffers ended then */
	u64 doomed;    /* the first socket whose descriptors close if the thread's execve succeeds */
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct call);
} calls SEC(".maps");

/*
 * What a connection's sequence numbers are: TCP's own, or, where those don't count the program's bytes
 * (MPTCP, kTLS) or there are none (AF_UNIX), the running sum of the calls' results.
 */
enum domain {
	DOMAIN_TCP = 0,
	DOMAIN_SUM = 1,
};

/* Connections by `struct sock`; as an address can come back for another socket, each gets an id of its own.
 */
struct connection {
	/* The socket's inode number, and above it how often it was connected again: unique, and no address,
	 * which would tell of the kernel. */
	u64 id;
	/* By direction: of the byte after the last that was moved. In DOMAIN_SUM this is the running sum,
	 * which goes on from TCP's number where a connection came to kTLS. */
	u32 numbers[2];
	u32 busy[2]; /* DOMAIN_SUM, by direction: calls under way; with two at once nobody knows whose bytes
			are whose */
	u32 turn[2]; /* by direction: number of the first byte since one was moved in the other */
	u8 lost[2];  /* by direction: records were lost since the last one that went out */
	u8 moved;    /* enum direction of the last byte, plus 1 */
	u8 domain;   /* of its first call: kTLS begins later */
	u8 finished; /* the end of its direction out was told */
	u8 watch;    /* TARGET_WATCH at its last call */
	u8 over;     /* its end was told; the socket has another connection */
	u8 closed;   /* enum closed_flags, once TCP has come to TCP_CLOSE */
	/* AF_UNIX: descriptors seen by the walk over an ending process's, which began at `walk` (ns) */
	u32 held;
	u64 walk;
	u64 next_doomed; /* AF_UNIX: see struct call */
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct connection);
} connections SEC(".maps");

/*
 * AF_UNIX has one of its own, as not all of its ends can be seen: its last descriptor may be closed by a
 * process that is no target. What stays gives way to the newest, and never to TCP's loss; another socket at
 * its address has another inode number.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct connection);
} unix_connections SEC(".maps");

/* What is known under a socket's address: of this socket if the id is its inode number. */
static __always_inline struct connection *connection_of(u64 sock)
{
	struct connection *connection = bpf_map_lookup_elem(&connections, &sock);

	return connection ? connection : bpf_map_lookup_elem(&unix_connections, &sock);
}

static __always_inline void forget_connection(u64 sock)
{
	bpf_map_delete_elem(&connections, &sock);
	bpf_map_delete_elem(&unix_connections, &sock);
}

static __always_inline void count(u32 counter)
{
	u32 zero = 0;
	struct counter_page *page = bpf_map_lookup_elem(&counters, &zero);

	if (page && counter < COUNTERS)
		__sync_fetch_and_add(&page->values[counter], 1);
}

static __always_inline u8 target_flags(u32 pid)
{
	u32 entry = pid / TARGETS_PER_ENTRY;
	struct target_page *page = bpf_map_lookup_elem(&targets, &entry);

	return page ? page->flags[pid % TARGETS_PER_ENTRY] : 0;
}

static __always_inline struct call *call_of_thread(void)
{
	u32 tid = (u32)bpf_get_current_pid_tgid();

	return bpf_map_lookup_elem(&calls, &tid);
}

/* The same, unless it is of an earlier watch: then what the thread does now has not been seen. */
static __always_inline struct call *watched_call(u8 flags)
{
	struct call *call = call_of_thread();

	return call && call->watch == (flags & TARGET_WATCH) ? call : 0;
}

static __always_inline void count_busy(struct call *call, struct connection *connection)
{
	call->counted = 1;
	__sync_fetch_and_add(&connection->busy[call->direction & 1], 1);
}

static __always_inline void uncount_busy(struct call *call, struct connection *connection)
{
	call->counted = 0;
	__sync_fetch_and_add(&connection->busy[call->direction & 1], -1);
}

/* The call has ended, though that was not seen. */
static __always_inline void forget_call(struct call *call)
{
	u64 sock = call->sock;
	struct connection *connection;

	if (!call->counted)
		return;
	connection = connection_of(sock);
	if (connection && connection->id == call->connection)
		uncount_busy(call, connection);
	call->counted = 0;
}

static __always_inline void record_lost(struct call *call)
{
	u64 sock = call->sock;
	struct connection *connection = connection_of(sock);

	count(COUNTER_RING_FULL);
	call->missing = MISSING_RING_FULL;
	if (connection)
		connection->lost[call->direction & 1] = 1;
}

static __always_inline void fill_record(struct record *head, u8 kind, struct call *call)
{
	head->kind = kind;
	head->direction = call->direction;
	head->operation = call->operation;
	head->flags = 0;
	head->pid = bpf_get_current_pid_tgid() >> 32;
	head->time = bpf_ktime_get_ns();
	head->connection = call->connection;
}

static __always_inline u32 took(struct call *call, u64 time)
{
	u64 microseconds = call->entered ? (time - call->entered) / 1000 : 0;

	return microseconds < 0xffffffff ? microseconds : 0xffffffff;
}

static __always_inline void fill_segment(struct segment *segment, struct call *call, u32 seq, u32 len)
{
	fill_record(&segment->head, RECORD_SEGMENT, call);
	segment->head.flags = call->other_known;
	segment->took = took(call, segment->head.time);
	segment->fd = call->fd;
	segment->seq = seq;
	segment->len = len;
	segment->call_seq = 0;
	segment->call_len = 0;
	segment->missing = 0;
	segment->other = call->other;
}

/* Three quarters of the ring are for bodies; heads and records without payload have more. */
static __always_inline u32 body_limit(void)
{
	return bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / 4 * 3;
}

/* Whether `len` bytes more leave the ring within `limit`. A check, and no fence: others may reserve
 * meanwhile.
 */
static __always_inline bool has_room(u32 len, u32 limit)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) + len <= limit;
}

/* A call's payload, in all `wanted` bytes, finds no room: in no ring of this size, or not in this one now. */
static __always_inline void shed(struct call *call, u32 wanted)
{
	bool never = wanted > body_limit();

	count(never ? COUNTER_CALL_LIMIT : COUNTER_SHED);
	call->missing = never ? MISSING_CALL_LIMIT : MISSING_SHED;
}

#endif
