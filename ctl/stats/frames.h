/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* frames.h - how many frames TC egress let pass by an interface: a super-packet is one, as devices may count it. */
#ifndef NETCTL_FRAMES_H
#define NETCTL_FRAMES_H

#include "../state/store.h"
#include "../state/view.h"

/* TC egress' counters, mapped. */
struct frames_view {
	struct view totals;
	struct load_opts opts;
};

struct frames {
	uint64_t packets; /* on the wire */
	uint64_t extra;	  /* of these, beyond one for each frame */
	bool apart;	  /* not counted together with other interfaces */
};

/* -ENOENT: TC egress is not loaded. Closed with view_close(). */
int frames_open(const struct store *store, struct frames_view *ret);

/*
 * While packets are counted, no more frames than there were: packets are read first; or no fewer:
 * "most", what is beyond one a frame is.
 */
struct frames frames_read(const struct frames_view *view, uint32_t ifindex, bool most);

#endif
