/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* meta.h - what the state says of itself: the options it was made with, and what is attached. */
#ifndef NETCTL_META_H
#define NETCTL_META_H

#include "../../bpf/types.h"

#define MAX_ATTACHED (1024 * HOOKS)

enum xdp_mode { MODE_NONE, MODE_NATIVE, MODE_GENERIC, MODE_TCX };

/* By enum xdp_mode: its name, what follows the hook's name in a sentence, and in a line of many hooks. */
extern const struct xdp_mode_name {
	const char *name, *phrase, *suffix;
} xdp_mode_names[MODE_TCX + 1];

enum { CLSACT_FILTER = 1, CLSACT_QDISC = 2 /* the qdisc it hangs from came with it */ };

/*
 * What device and TC egress had counted of an interface in one instant, soon after it was attached:
 * from then on the two are compared. Packets are those that the device can have counted.
 */
struct baseline {
	uint64_t sent, lost, errors; /* as in struct device */
	uint64_t packets, extra;     /* as in struct frames */
};

/*
 * One attachment, as "netctl attach" made it. In a mode of XDP "clsact", and at TC ingress "dispatched", says that a
 * change of modes which was killed may have left a program of ours so: the next attach clears it away.
 */
struct attached {
	uint32_t ifindex;
	uint8_t hook; /* enum hook_id */
	uint8_t mode; /* enum xdp_mode, of hook xdp */
	uint8_t dispatched; /* by libxdp's dispatcher, not by a link of ours */
	uint8_t clsact;     /* by a clsact filter of ours, on kernels without tcx: CLSACT_* */
	uint8_t offload;    /* of hook tc: enum offload when the baseline was taken */
	uint8_t bare;	    /* the interface had no Ethernet header */
	uint8_t tags;	    /* of hook xdp: VLAN tags that the device took off are seen, too */
	uint8_t pad[5];
	uint64_t since; /* CLOCK_REALTIME, nanoseconds */
	char name[16];	/* of the interface then */
	struct baseline baseline; /* of hook tc */
	uint64_t has_baseline;	  /* after it, as a reader may come between */
};

/* Is it a program at XDP itself? Else it is one at TC, or of the namespace. */
static inline bool attached_is_xdp(const struct attached *attached)
{
	return attached->mode == MODE_NATIVE || attached->mode == MODE_GENERIC;
}

static inline bool attached_by_clsact(const struct attached *attached)
{
	return attached->clsact && !attached_is_xdp(attached);
}

static inline bool attached_by_link(const struct attached *attached)
{
	return attached_is_xdp(attached) ? !attached->dispatched : !attached->clsact;
}

/*
 * Value of the pinned "meta" map: written by user space alone, under the lock; in place nothing but baselines is, and
 * what a change of modes may leave.
 */
struct meta {
	uint32_t magic, layout; /* BLOB_MAGIC, NETCTL_LAYOUT */
	struct load_opts opts; /* zero where nothing is attached: there are no tables */
	int32_t nf_priority;
	uint32_t attached_count;
	struct attached attached[MAX_ATTACHED];
};

#endif
