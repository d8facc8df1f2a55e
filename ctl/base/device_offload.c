/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device_offload.c - asks by ethtool which driver a device has, and which super-packets it takes whole. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>

#include "device.h"

#define MAX_FEATURES 256

static int ask(const char *name, void *command)
{
	autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_data = command};

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	return fd < 0 ? -1 : ioctl(fd, SIOCETHTOOL, &request);
}

void device_driver(const char *name, char ret[32])
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	memset(ret, 0, 32);
	if (!ask(name, &info))
		memcpy(ret, info.driver, MIN(sizeof(info.driver), 31));
}

/* How many features this kernel has names for. */
static uint32_t count_features(const char *name)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} sets = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_FEATURES}};

	return ask(name, &sets) || !sets.info.sset_mask ? 0 : MIN(sets.count, MAX_FEATURES);
}

/*
 * Kinds of super-packets that are sent or forwarded at all. Each is of TCP or UDP within, whatever is around it; a
 * device that takes neither takes none.
 */
static const struct kind {
	const char *feature;
	bool within;
} kinds[] = {
	{"tx-tcp-segmentation", true},	     {"tx-tcp6-segmentation", true},
	{"tx-udp-segmentation", true},	     {"tx-tcp-ecn-segmentation", false},
	{"tx-tcp-mangleid-segmentation", false}, {"tx-gre-segmentation", false},
	{"tx-ipxip4-segmentation", false},   {"tx-ipxip6-segmentation", false},
	{"tx-udp_tnl-segmentation", false},
};

static const struct kind *kind_of(const char *feature)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(feature, kinds[i].feature))
			return &kinds[i];
	return NULL;
}

enum offload device_offload(const char *name)
{
	struct {
		struct ethtool_gstrings head;
		char name[MAX_FEATURES][ETH_GSTRING_LEN];
	} names = {.head = {.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES}};
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block block[MAX_FEATURES / 32];
	} features = {.head = {.cmd = ETHTOOL_GFEATURES, .size = MAX_FEATURES / 32}};
	uint32_t count = count_features(name);
	bool any = false, all = true;

	names.head.len = count;
	if (!count || ask(name, &names) || ask(name, &features))
		return OFFLOAD_UNKNOWN;
	for (uint32_t i = 0; i < count; i++) {
		const struct kind *kind;
		bool on;

		names.name[i][ETH_GSTRING_LEN - 1] = '\0';
		kind = kind_of(names.name[i]);
		if (!kind)
			continue;
		on = features.block[i / 32].active & 1U << i % 32;
		all = all && on;
		any = any || (on && kind->within);
	}
	return !any ? OFFLOAD_NONE : all ? OFFLOAD_ALL : OFFLOAD_SOME;
}
