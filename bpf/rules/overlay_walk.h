/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* overlay_walk.h - what was changed in place since a ruleset was compiled: which state a packet meets, hosts added to sets. */
#ifndef NETCTL_OVERLAY_WALK_H
#define NETCTL_OVERLAY_WALK_H

#include "../loop.h"
#include "../order.h"
#include "../parse/packet.h"

/* The ruleset's state, read once, before anything that it counts. */
static __always_inline __u64 state_of(const struct blob *blob)
{
	return *(const volatile __u64 *)&blob->state;
}

/*
 * 0, which nobody can foresee: what is read at an offset that depends on a count is read after it. x86
 * keeps loads in order anyway.
 */
static __always_inline __u32 after(__u32 count)
{
#ifdef __bpf__
	__asm__ volatile("%0 ^= %0" : "+r"(count));
	return count;
#else
	return 0;
#endif
}

/*
 * The class of an address that no set held when the ruleset was compiled: that of a host added since, among so many,
 * or 0. Without branches: it costs the verifier as little as packets.
 */
VERIFIED_ALONE __u64 edited_class(const struct host_edits *edits, const struct packet *p,
				  __u32 count, int dst)
{
	__u64 kind, six, hi, lo, found = 0;

	if (!edits || !p)
		return 0;
	kind = p->id.kind & (KIND_IP4 | KIND_IP6);
	six = -(kind / KIND_IP6); /* all bits */
	settle(six);
	hi = net64(p->addr[2 * !!dst]) & six;
	lo = (net32((&p->src4)[!!dst]) & ~six) | (net64(p->addr[2 * !!dst + 1]) & six);
	settle(lo);
	ROLLED for (__u64 i = 0; i < OVERLAY_HOSTS; i++)
	{
		const struct host_edit *e = &edits->host[i];
		__u64 differ = (e->address.hi ^ hi) | (e->address.lo ^ lo) | (e->kind ^ kind);

		/* 0 when it is not the one, or not yet one. */
		differ = ~(differ | -differ) & (i - count);
		settle(differ);
		found |= e->class & -(differ >> 63);
		settle(found);
	}
	return found;
}

static __always_inline __u32 count_hosts(__u64 state)
{
	return OVERLAY_OF(STATE_COUNTS(state), OVERLAY_HOST_COUNT);
}

/* Of an address that is in no set of the directory. */
static __always_inline __u64 class_since(const struct blob *blob, __u64 state,
					 const struct packet *p, int dst)
{
	return edited_class(&blob->edits.hosts, p, count_hosts(state), dst);
}

#endif
