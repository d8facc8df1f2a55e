/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * device_offload.c - asks which driver a device has, which super-packets it takes whole, and what becomes of VLAN tags.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>

#include "device.h"
#include "generic.h"

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

/* Names of a device's features, and which are on. */
struct features {
	uint32_t count;
	struct {
		struct ethtool_gstrings head;
		char name[MAX_FEATURES][ETH_GSTRING_LEN];
	} names;
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block block[MAX_FEATURES / 32];
	} state;
};

/* False: the kernel does not say. */
static bool read_features(const char *name, struct features *ret)
{
	*ret = (struct features){
		.count = count_features(name),
		.names.head = {.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES},
		.state.head = {.cmd = ETHTOOL_GFEATURES, .size = MAX_FEATURES / 32},
	};
	ret->names.head.len = ret->count;
	if (!ret->count || ask(name, &ret->names) || ask(name, &ret->state))
		return false;
	for (uint32_t i = 0; i < ret->count; i++)
		ret->names.name[i][ETH_GSTRING_LEN - 1] = '\0';
	return true;
}

static bool is_on(const struct features *features, uint32_t i)
{
	return features->state.block[i / 32].active & 1U << i % 32;
}

enum offload device_offload(const char *name)
{
	struct features features;
	bool any = false, all = true;

	if (!read_features(name, &features))
		return OFFLOAD_UNKNOWN;
	for (uint32_t i = 0; i < features.count; i++) {
		const struct kind *kind = kind_of(features.names.name[i]);

		if (!kind)
			continue;
		all = all && is_on(&features, i);
		any = any || (is_on(&features, i) && kind->within);
	}
	return !any ? OFFLOAD_NONE : all ? OFFLOAD_ALL : OFFLOAD_SOME;
}

bool device_takes_tags(const char *name)
{
	struct features features;

	if (!read_features(name, &features))
		return false;
	for (uint32_t i = 0; i < features.count; i++)
		if (!strcmp(features.names.name[i], "rx-vlan-hw-parse"))
			return is_on(&features, i);
	return false;
}

/* Of <linux/netdev.h>, which older systems do not have. */
enum { DEV_GET = 1, DEV_IFINDEX = 1, DEV_XDP_FEATURES = 3, DEV_XDP_RX_METADATA = 5 };
enum { XDP_FEATURES_BASIC = 1, RX_METADATA_VLAN_TAG = 4 };

struct device_xdp device_xdp(uint32_t index)
{
	const uint16_t attributes[] = { DEV_XDP_FEATURES, DEV_XDP_RX_METADATA };
	uint64_t values[ARRAY_SIZE(attributes)] = {};
	autofree char *buffer = malloc(NETLINK_REPLY);
	uint16_t family = buffer ? generic_family("netdev", buffer) : 0;
	struct nlmsghdr *msg;

	if (!family)
		return (struct device_xdp){};
	msg = generic_question(buffer, family, DEV_GET, 1, NLM_F_ACK);
	mnl_attr_put_u32(msg, DEV_IFINDEX, index);
	if (generic_numbers(msg, attributes, ARRAY_SIZE(attributes), values))
		return (struct device_xdp){};
	return (struct device_xdp){
		.known = true,
		.native = values[0] & XDP_FEATURES_BASIC,
		.tells_tags = values[1] & RX_METADATA_VLAN_TAG,
	};
}
