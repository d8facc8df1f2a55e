/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* order.h - byte order, inlining and unrolling, the same words for both compilers. */
#ifndef NETCTL_ORDER_H
#define NETCTL_ORDER_H

#include <linux/types.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

/* The value is computed here, before what follows is begun. */
#define settle(x) __asm__ volatile("" : "+r"(x))

/* Two branches that end in different ones of these stay two: clang merges what looks alike. */
#define apart(n) __asm__ volatile("" : : "i"(n))

/* What stands before is in memory before what follows is begun: nothing waits in a stack slot. */
#define settle_all() __asm__ volatile("" : : : "memory")

/* Before a loop that would be unrolled into many copies of a large body. */
#ifdef __clang__
#define ROLLED _Pragma("clang loop unroll(disable)")
#else
#define ROLLED
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define net16(x) ((__u16)__builtin_bswap16(x))
#define net32(x) __builtin_bswap32(x)
#define net64(x) __builtin_bswap64(x)
#else
#define net16(x) ((__u16)(x))
#define net32(x) ((__u32)(x))
#define net64(x) ((__u64)(x))
#endif

/* 1 unless x is 0, without a branch: the verifier would follow both ways. */
static __always_inline __u64 some(__u64 x)
{
	__u64 sign = x | (0 - x);

	settle(sign);
	return sign >> 63;
}

#endif
