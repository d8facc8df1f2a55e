/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* driver.h - what is known of drivers that they do not say themselves. */
#ifndef NETCTL_DRIVER_H
#define NETCTL_DRIVER_H

#include "util.h"

/*
 * What tx_packets counts of a super-packet: one where the driver adds one for each it was given; its segments where it
 * adds up gso_segs, or asks the hardware; of a master what its ports have sent, by themselves as well.
 */
enum driver_counts { COUNTS_UNKNOWN, COUNTS_ONE, COUNTS_SEGMENTS, COUNTS_PORTS };

struct driver {
	const char *name; /* as device_driver() has it */
	enum driver_counts counts;
	const char *price; /* of native XDP, whatever the program does: "it ..."; NULL: none is known */
};

/* Never NULL: of an unknown one nothing is known. */
const struct driver *driver_of(const char *name);

#endif
