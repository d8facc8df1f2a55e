/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* driver.c - the table of drivers: all of it is read from their sources in Linux, or measured where that is said. */
#include <string.h>

#include "driver.h"

#define SUPER_PACKETS "segmentation offload of the peer is off for it, which slows TCP"
#define RECEIVE_OFFLOADS "GRO_HW and checksum offload are off for it, which slows TCP"
#define RESTART "the device restarts when it is attached or detached, and the link may be down for seconds"
#define QUEUES "the queues restart when it is attached or detached, which loses packets"

static const struct driver drivers[] = {
	/*
	 * veth_xdp_set() takes NETIF_F_GSO_SOFTWARE from the peer's features. Measured: one TCP stream falls from 19.1
	 * to 5.9 Gbit/s, while a program at TC ingress costs nothing.
	 */
	{"veth", COUNTS_ONE, SUPER_PACKETS},
	{"dummy", COUNTS_ONE, NULL},
	{"bridge", COUNTS_ONE, NULL},
	/* virtnet_xdp_set() calls virtnet_clear_guest_offloads(): TSO, UFO and CSUM of the guest, which are GRO_HW. */
	{"virtio_net", COUNTS_ONE, RECEIVE_OFFLOADS},
	{"ena", COUNTS_ONE, NULL},
	{"r8169", COUNTS_ONE, NULL},
	/* Segments since 4.12. mlx5e_xdp_set() opens all channels anew when a first program comes, or the last goes. */
	{"mlx5_core", COUNTS_SEGMENTS, QUEUES},
	/* ixgbe_xdp_setup() ends in ixgbe_setup_tc(), which closes and opens a device that is up. */
	{"ixgbe", COUNTS_SEGMENTS, RESTART},
	/* igb_xdp_setup() and igc_xdp_set_prog() close and open it themselves. */
	{"igb", COUNTS_SEGMENTS, RESTART},
	{"igc", COUNTS_SEGMENTS, RESTART},
	/* i40e_xdp_setup() resets and rebuilds it by i40e_reset_and_rebuild(), or its rings alone, by version. */
	{"i40e", COUNTS_SEGMENTS, RESTART},
	{"e1000e", COUNTS_SEGMENTS, NULL}, /* the hardware's */
	/* bnxt_xdp_set() closes and opens the device, without its link; in page mode it has no LRO. */
	{"bnxt_en", COUNTS_UNKNOWN, QUEUES ", and LRO is off"},
	{"bonding", COUNTS_PORTS, NULL},
	{"team", COUNTS_PORTS, NULL},
};

const struct driver *driver_of(const char *name)
{
	static const struct driver unknown = {.name = ""};

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (!strcmp(name, drivers[i].name))
			return &drivers[i];
	return &unknown;
}
