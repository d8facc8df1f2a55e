/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * verdict.bpf.h - the one path of a packet: ruleset -> flow (classify on a miss) -> totals ->
 * verdict.
 */
#ifndef NETCTL_VERDICT_BPF_H
#define NETCTL_VERDICT_BPF_H

#include "flow/flow.bpf.h"

/* What a parsed packet is on the wire. */
struct wire {
	__u64 packets, bytes;
};

/*
 * Of one frame: itself. Of a super-packet: as many packets as it will be cut into, every one with
 * its own headers. header: the bytes each carries; a frame's length counts them once.
 */
static __always_inline struct wire wire_of(__u32 length, __u32 segments, __u32 header)
{
	struct wire w = { 1, length };

	if (segments > 1) {
		w.packets = segments;
		w.bytes += (__u64)(segments - 1) * header;
	}
	return w;
}

/*
 * Count the parsed packet in v->packet, whose id.ifindex the hook has set, and say whether it is to
 * be dropped; the rest of *v is 0. "look" reads its numbers from ctx, if that is needed.
 */
static __always_inline int verdict_drops(struct visit *v, enum reason parsed, struct wire wire,
					 look_fn look, void *ctx)
{
	const struct blob *blob = ruleset();
	__u64 exit = parsed;
	__u32 epoch;

	if (!blob)
		return 0; /* the gate is closed: an attach that is not finished counts nothing */
	/* As in visit_flow(). */
	exit ^= blob->zero;
	settle(exit);
	v->parsed = exit;
	v->packets = wire.packets;
	v->bytes = wire.bytes;
	v->cpu = bpf_get_smp_processor_id();
	epoch = *(volatile __u32 *)&control.epoch;
	v->half = EPOCH_HALF(epoch);
	/* As one word, or the processor would wait for its pieces when it is read. */
	v->stamp = STAMP(blob->generation, epoch);
	visit_flow(v, blob, look, ctx);
	total_seen(v->cpu, v->half, v->packet.id.ifindex, exit_reason(v),
		   v->packets, v->bytes);
	if (COUNT_HOOK == HOOK_TC && v->packets > 1 && v->verdict == VERDICT_PASS)
		total_extra(v->place, v->packet.id.ifindex, v->packets - 1);
	return v->verdict == VERDICT_DROP;
}

#endif
