/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench.bpf.h - a hook's programs to measure: nothing, the parser alone, and the hook's own with another flow a packet.
 *
 * The includer has included the hook's read.bpf.h and defined
 *   BENCH_SECTION, BENCH_CONTEXT, BENCH_READ, BENCH_LOOK, BENCH_PASS, BENCH_DROP: as the hook's program has them,
 *   BENCH_NEXT: a test run repeats one packet, this makes another one of it each time; next_flow() will do.
 */
#ifndef NETCTL_TESTS_BENCH_BPF_H
#define NETCTL_TESTS_BENCH_BPF_H

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u32 bench_serial;

static __always_inline void next_flow(struct packet *p)
{
	p->src4 ^= ++bench_serial;
}

static __always_inline void BENCH_NEXT(struct packet *p);

/* The packet counts as read, whole, at no cost: without this the compiler would leave most of the parser out. */
static __always_inline void use_packet(const struct packet *p, enum reason why)
{
	__asm__ volatile("" : : "r"(p), "r"(why) : "memory");
}

SEC(BENCH_SECTION)
int bench_bare(BENCH_CONTEXT *ctx)
{
	return BENCH_PASS;
}

SEC(BENCH_SECTION)
int bench_parse(BENCH_CONTEXT *ctx)
{
	struct packet p = {};
	struct wire wire;

	use_packet(&p, BENCH_READ(ctx, &p, &wire));
	return BENCH_PASS;
}

SEC(BENCH_SECTION)
int bench_new(BENCH_CONTEXT *ctx)
{
	struct visit v = {};
	struct wire wire;
	enum reason why = BENCH_READ(ctx, &v.packet, &wire);

	BENCH_NEXT(&v.packet);
	return verdict_drops(&v, why, wire, BENCH_LOOK, ctx) ? BENCH_DROP : BENCH_PASS;
}

#endif
