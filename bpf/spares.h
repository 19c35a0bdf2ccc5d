/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * From 7.x on a raw tracepoint program can be preempted. As long as it is, the kernel skips it for every
 * other thread on that CPU, with no word but a counter (recursion_misses), and copying payload takes long
 * enough for that. There the loader attaches the spares too, which do the same: the first that isn't skipped
 * does the work, and leaves nothing to the others.
 */
#ifndef TINYTAP_SPARES_H
#define TINYTAP_SPARES_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>

/* `work` is an expression of `ctx`. */
#define DEFINE_PROGRAM(tracepoint, name, work)                                                               \
	SEC("raw_tp/" tracepoint)                                                                            \
	int name(struct bpf_raw_tracepoint_args *ctx)                                                        \
	{                                                                                                    \
		return work;                                                                                 \
	}

#endif
