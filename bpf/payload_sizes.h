/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Payload goes out in records of a few constant sizes, as a ring reservation must be constant before 5.19.
 * With one of 3/4 between the powers of two, the smallest that holds a piece is filled to two thirds at
 * least.
 */
#ifndef TINYTAP_PAYLOAD_SIZES_H
#define TINYTAP_PAYLOAD_SIZES_H

/* Up to a page. */
#define EACH_SMALL_SIZE(DO) DO(256) DO(384) DO(512) DO(768) DO(1024) DO(1536) DO(2048) DO(3072) DO(4096)
#define EACH_LARGE_SIZE(DO) DO(6144) DO(8192) DO(12288) DO(16384) DO(24576) DO(32768) DO(49152) DO(65536)
#define LARGEST 65536u

/* By hand, so that the register that is compared is the one that is used: up to 6.x the verifier doesn't see
 * that a copy of it has the same bounds. `value` is a u64. */
#define AT_MOST(value, limit) asm volatile("if %0 <= %1 goto +1\n%0 = %1" : "+r"(value) : "i"(limit))

#endif
