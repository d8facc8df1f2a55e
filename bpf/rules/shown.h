/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shown.h - what a packet that hides headers, or is a later fragment, shows all the same. */
#ifndef NETCTL_SHOWN_H
#define NETCTL_SHOWN_H

#include "../parse/packet.h"

/* What a ruleset says of such a packet. */
enum unsure {
	SURE,
	UNSURE,	     /* hidden: dropped by a rule that it might match; later fragment: passed */
	UNSURE_DROP, /* later fragment: no rule that it might match passes it */
};

enum blind {
	BLIND_PROTO = 1,
	BLIND_ADDRESSES = 2,
};

/* 1: whether it is a later fragment was not read, as the protocol was not. */
static __always_inline __u8 maybe_fragment(__u8 kind)
{
	return kind / KIND_BLIND & ~(kind / KIND_FIRST | kind / KIND_LATER) & 1;
}

/* What boxes that a packet might match must not refuse: what is known of it. */
static __always_inline __u8 shown_of(const struct packet *p, enum hook_id hook)
{
	__u8 kind = p->id.kind;
	__u8 frag = NOT_FRAG(0) << (kind / KIND_LATER & 1);

	return NOT_HOOK(hook) | p->bare * NOT_BARE | (frag & (maybe_fragment(kind) - 1));
}

#endif
