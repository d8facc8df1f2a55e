/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bench.bpf.h - what the measured stand-ins of the three hooks share. */
#ifndef NETCTL_TESTS_BENCH_BPF_H
#define NETCTL_TESTS_BENCH_BPF_H

#include "../../bpf/packet.h"
#include "../../bpf/order.h"

#define BENCH_ADDRESSES (1 << 20)

/* Network order; IPv4: in the low half of the first. */
struct bench_address {
	__u64 word[2];
};

__u32 bench_serial;

/* A test run repeats one packet: here it becomes another flow each time. */
static __always_inline void next_flow(struct packet *p)
{
	p->src4 ^= ++bench_serial;
}

/* The packet counts as read, whole, at no cost: without this the compiler would leave most of the parser out. */
static __always_inline void use_packet(const struct packet *p, enum reason why)
{
	__asm__ volatile("" : : "r"(p), "r"(why) : "memory");
}

#endif
