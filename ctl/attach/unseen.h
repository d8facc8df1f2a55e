/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unseen.h - frames that a device sent around TC egress (PACKET_QDISC_BYPASS, AF_XDP, XDP_REDIRECT): its own counters
 * compared with ours, where they compare.
 */
#ifndef NETCTL_UNSEEN_H
#define NETCTL_UNSEEN_H

#include "../base/device.h"
#include "../state/meta.h"
#include "../stats/frames.h"

struct unseen_frames {
	bool known;
	uint64_t frames; /* since the baseline */
	char why[160];	 /* not known */
};

/* All that an interface is judged by. */
struct unseen_reading {
	struct device device;
	enum offload offload;
	char driver[32];
	struct frames before, after; /* the device was read: no more, and no fewer than then */
	bool behind; /* other programs of TC egress come after ours */
};

/* What was counted since the baseline no longer compares: the device's counters are below it. */
bool unseen_went_back(const struct attached *attached, const struct device *device);

/* What TC egress did not see since the baseline; a pure function. */
void unseen_compare(const struct attached *attached, const struct unseen_reading *now,
		    struct unseen_frames *ret);

/* Of the attachments given, all of hook tc; behind[]: other programs come after ours. */
int unseen_read(const struct store *store, const struct attached *const *attached,
		const bool *behind, size_t count, struct unseen_frames *ret);

/*
 * Under the lock: take the baselines that are missing, and those of the given interfaces whose device has begun anew
 * or has other offloads now: *renewed is how many these were.
 */
int unseen_begin(struct store *store, const uint32_t *ifindexes, size_t count, size_t *renewed);

#endif
