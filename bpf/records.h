/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the kernel side tells user space: the records of the ring and the names of the counters.
 * helper/capture/records.ts reads the same layout; the assertions below keep both honest.
 */
#ifndef TINYTAP_RECORDS_H
#define TINYTAP_RECORDS_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
#endif
#ifdef __cplusplus
#define _Static_assert static_assert
#endif

enum record_kind {
	RECORD_OPENED = 1,
	RECORD_SEGMENT = 2,
	RECORD_ENDED = 3,
	RECORD_CLOSED = 4,
	RECORD_PROCESS = 5,
};

enum direction {
	DIRECTION_IN = 0,
	DIRECTION_OUT = 1,
};

/* The system calls that move bytes; 0 is "none of them". preadv2 and pwritev2 count as readv and writev. */
enum operation {
	OP_NONE = 0,
	OP_READ,
	OP_READV,
	OP_RECVFROM,
	OP_RECVMSG,
	OP_RECVMMSG,
	OP_WRITE,
	OP_WRITEV,
	OP_SENDTO,
	OP_SENDMSG,
	OP_SENDMMSG,
	OP_SENDFILE,
	OP_SPLICE,
	OP_CLOSE, /* this and those after it move nothing, but may end connections */
	OP_DUP,
	OP_CLOSE_RANGE,
	OP_EXEC,
};

/* Why bytes of a call carry no payload. */
enum missing {
	MISSING_NONE = 0,
	MISSING_NO_SOURCE,
	MISSING_RING_FULL,
	MISSING_SHED,
	MISSING_UNREADABLE,
	MISSING_CALL_LIMIT,
	MISSING_SPLICED,
	MISSING_DISCARDED,
	MISSING_CONCURRENT,
	MISSING_MUTED, /* nobody wants them */
};

/* Indices of the counters: events that cost somebody bytes, or would go unseen. */
enum counter {
	COUNTER_RING_FULL = 0,
	COUNTER_SHED,
	COUNTER_UNREADABLE,
	COUNTER_CALL_LIMIT,
	COUNTER_CALLS_FULL,
	COUNTER_CONNECTIONS_FULL,
	COUNTER_CONCURRENT,
	COUNTERS,
};

enum segment_flags {
	SEGMENT_LAST = 1,	/* the call's exit: call_seq, call_len and missing are set */
	SEGMENT_AFTER_LOSS = 2, /* records of this connection and direction were lost before this one */
	SEGMENT_HEAD = 4,	/* the payload may hold a message's head: it is shed last */
	SEGMENT_SHED = 8,	/* never by the kernel: user space dropped the `len` bytes that followed */
	SEGMENT_OTHER = 16,	/* `other` is known */
};

/*
 * A message's head lies within the first bytes after a turn of direction, however many calls move them: in
 * GET (in), head (out), body (out), GET (in), the first, second and fourth call begin a turn.
 */
#define HEAD_BYTES 8192

/* Bits of a byte of `targets`, which has one byte per process id. */
enum target_flags {
	TARGET_WATCHED = 1,
	TARGET_CHILDREN = 2,
	TARGET_NO_SENDPATH = 4,	 /* sendpath is off, or under test is pagecache */
	TARGET_NO_PAGECACHE = 8, /* under test is sendpath */
	TARGET_WATCH = 0xf0,	 /* counts watches: what a thread began before this one is not known */
};
#define TARGETS_PER_ENTRY 4096
#define TARGETS_ENTRIES 1024 /* 4096 * 1024: the kernel's highest PID_MAX_LIMIT */

/*
 * `mutes` has a word per connection and direction, at (id % MUTE_SLOTS) * 2 + direction. Its bits: 0 to 31 a
 * number of that direction, 32 and 33 an enum mute, from 34 on id / MUTE_SLOTS: of two connections with one
 * slot, the word's owner is muted, and the other is not.
 */
enum mute {
	MUTE_NONE = 0,
	MUTE_UNTIL, /* no payload of calls that end at the number or before; others come whole */
	MUTE_OTHER, /* not HTTP: of each call MUTE_OTHER_BYTES, as this may be wrong; and no pages */
	MUTE_ALL,   /* no payload */
};
#define MUTE_SLOTS 16384
#define MUTE_KIND_SHIFT 32
#define MUTE_OWNER_SHIFT 34
#define MUTE_OTHER_BYTES 256

/* A connection's id fits into a word of `mutes`, and into a double. Its upper bits count. */
#define CONNECTED_AGAIN (1ULL << 32)
#define CONNECTION_ID_MASK ((1ULL << 44) - 1)

/* Every record begins like this. `time` is CLOCK_MONOTONIC in nanoseconds. */
struct record {
	u8 kind;
	u8 direction;
	u8 operation;
	u8 flags;
	u32 pid;
	u64 time;
	u64 connection;
};
_Static_assert(sizeof(struct record) == 24, "records.ts reads this layout");

/* Who opened a connection. */
enum opener {
	OPENER_UNKNOWN = 0,
	OPENER_PROGRAM, /* by connect() */
	OPENER_PEER,	/* which the program accepted */
};

struct opened {
	struct record head;
	u16 family;
	u16 local_port;	 /* host order */
	u16 remote_port; /* host order */
	u16 opener;	 /* enum opener */
	u8 local[16];	 /* IPv4 in the first four */
	u8 remote[16];
	u32 netns;	 /* inode number of the network namespace; 0 for AF_UNIX */
	u32 own_numbers; /* 1: those of its segments are TCP's own: the other end's are the same */
	u32 first[2]; /* by enum direction: of own numbers, those of the first bytes that ever were moved */
};
_Static_assert(sizeof(struct opened) == 80, "records.ts reads this layout");

struct segment {
	struct record head;
	/*
	 * Microseconds from the call's enter to the record's time, as far as 32 bits tell. 0: not known, or
	 * of what was received, as there the exit counts: a call may wait long for its first byte.
	 */
	u32 took;
	s32 fd;
	u32 seq; /* number of the first payload byte */
	u32 len; /* payload bytes that follow */
	u32 call_seq;
	u32 call_len;
	u32 missing; /* enum missing: why the rest of the call has no payload */
	/*
	 * Of the other direction: number of the byte after the last that was moved, a FIN not counted. Of
	 * what was received as it stood at the call's exit, of what was sent at its enter, as by its exit
	 * another thread may have read the answer.
	 */
	u32 other;
};
_Static_assert(sizeof(struct segment) == 56, "records.ts reads this layout");

/* Of RECORD_CLOSED: how a TCP connection came to its end. Neither: not known, or no TCP. */
enum closed_flags {
	CLOSED_ORDERLY = 1, /* without an RST */
	CLOSED_RESET = 2,   /* by an RST, sent or received; or TCP gave up, after a timeout */
};

/* RECORD_ENDED and RECORD_CLOSED. The numbers count as the segments' do: without a FIN. */
struct ending {
	struct record head;
	u32 numbers[2]; /* by direction: of the byte after the last that was moved */
};
_Static_assert(sizeof(struct ending) == 32, "records.ts reads this layout");

enum process_event {
	PROCESS_FORK = 1,
	PROCESS_EXEC = 2,
	PROCESS_EXIT = 3,
};

struct process {
	struct record head; /* operation: enum process_event */
	u32 parent;	    /* fork only */
	u32 reserved;
	char name[16]; /* comm */
};
_Static_assert(sizeof(struct process) == 48, "records.ts reads this layout");

#endif
