/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device.h - what devices and their qdiscs say of the frames that leave by them. */
#ifndef NETCTL_DEVICE_H
#define NETCTL_DEVICE_H

#include "util.h"

/* Since it was made, or its driver began anew. */
struct device {
	uint32_t index; /* set by who asks */
	bool found;
	bool cuts;	 /* it has a qdisc that may cut super-packets */
	uint64_t sent;	 /* tx_packets */
	uint64_t errors; /* tx_errors */
	/* Frames that were not sent, as a moment before and a moment after these were read. */
	struct unsent {
		uint64_t lost;	 /* tx_dropped, and what the qdisc dropped */
		uint64_t queued; /* they wait in the qdisc */
	} before, after;
};

/* Of all in the list, as near to one instant as can be: qdiscs before and after the devices. */
int devices_read(struct device *list, size_t count);

/* Which super-packets the device takes whole; all others are cut before it counts them. */
enum offload { OFFLOAD_UNKNOWN, OFFLOAD_ALL, OFFLOAD_SOME, OFFLOAD_NONE };
enum offload device_offload(const char *name);

/* Does it take VLAN tags off frames that come in (rx-vlan-offload of ethtool)? */
bool device_takes_tags(const char *name);

/* What the driver has of XDP. */
struct device_xdp {
	bool known; /* since Linux 6.3 drivers say; else the rest is false */
	bool native;
	bool tells_tags; /* to a program that is bound to the device: the VLAN tag that it took off (6.8) */
};

struct device_xdp device_xdp(uint32_t index);

/* The name of its driver, or of its kind; empty: unknown. */
void device_driver(const char *name, char ret[32]);

#endif
