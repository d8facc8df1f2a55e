/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_key.c - the expressions by which nft looks at a packet, and our names for them. */
#include <string.h>

#include "import_nft.h"

#define IP "ethertype ip"
#define IP6 "ethertype ip6"

static const struct {
	const char *protocol, *field;
	struct nft_key key;
} payloads[] = {
	{ "ip", "saddr", { NFT_ADDRESS, "src", NULL, IP, 4, false } },
	{ "ip", "daddr", { NFT_ADDRESS, "dst", NULL, IP, 4, false } },
	{ "ip", "protocol", { NFT_PROTO, "proto", IP, NULL, 4, false } },
	{ "ip", "frag-off", { NFT_FRAGMENT, "frag", IP, NULL, 4, false } },
	{ "ip6", "saddr", { NFT_ADDRESS, "src", NULL, IP6, 6, false } },
	{ "ip6", "daddr", { NFT_ADDRESS, "dst", NULL, IP6, 6, false } },
	{ "tcp", "sport", { NFT_PORT, "sport", "proto tcp", NULL, 0, false } },
	{ "tcp", "dport", { NFT_PORT, "dport", "proto tcp", NULL, 0, false } },
	{ "tcp", "flags", { NFT_FLAGS, "flags", "proto tcp", NULL, 0, false } },
	{ "udp", "sport", { NFT_PORT, "sport", "proto udp", NULL, 0, false } },
	{ "udp", "dport", { NFT_PORT, "dport", "proto udp", NULL, 0, false } },
	{ "udplite", "sport", { NFT_PORT, "sport", "proto udplite", NULL, 0, false } },
	{ "udplite", "dport", { NFT_PORT, "dport", "proto udplite", NULL, 0, false } },
	{ "sctp", "sport", { NFT_PORT, "sport", "proto sctp", NULL, 0, false } },
	{ "sctp", "dport", { NFT_PORT, "dport", "proto sctp", NULL, 0, false } },
	{ "dccp", "sport", { NFT_PORT, "sport", "proto dccp", NULL, 0, false } },
	{ "dccp", "dport", { NFT_PORT, "dport", "proto dccp", NULL, 0, false } },
	{ "th", "sport", { NFT_PORT, "sport", NULL, NULL, 0, true } },
	{ "th", "dport", { NFT_PORT, "dport", NULL, NULL, 0, true } },
	{ "icmp", "type", { NFT_TYPE, "icmp", "proto icmp", NULL, 4, false } },
	{ "icmp", "code", { NFT_CODE, "icmp", "proto icmp", NULL, 4, false } },
	{ "icmpv6", "type", { NFT_TYPE, "icmp", "proto icmpv6", NULL, 6, false } },
	{ "icmpv6", "code", { NFT_CODE, "icmp", "proto icmpv6", NULL, 6, false } },
};

static const struct {
	const char *name;
	struct nft_key key;
} metas[] = {
	{ "iif", { NFT_IFACE, "in", NULL, NULL, 0, false } },
	{ "iifname", { NFT_IFACE, "in", NULL, NULL, 0, false } },
	{ "oif", { NFT_IFACE, "out", NULL, NULL, 0, false } },
	{ "oifname", { NFT_IFACE, "out", NULL, NULL, 0, false } },
	{ "l4proto", { NFT_PROTO, "proto", NULL, NULL, 0, false } },
	{ "nfproto", { NFT_ETHERTYPE, "ethertype", NULL, NULL, 0, false } },
	{ "protocol", { NFT_ETHERTYPE, "ethertype", NULL, NULL, 0, false } },
};

/* Those that deserve a reason; others are reported by name alone. */
static const struct {
	const char *name, *why;
} refusals[] = {
	{ "ct", "'ct' is stateful: no connections are kept here" },
	{ "ip6 nexthdr", "'ip6 nexthdr' is the first header alone: 'meta l4proto' is what is "
			 "carried" },
	{ "ether type", "'ether type' is that of a VLAN tag, if there is one: "
			"'meta protocol' has a translation" },
	{ "vlan id", "'vlan id' is the outer tag's alone" },
	{ "meta length", "lengths are those of packets joined by the kernel" },
	{ "ip length", "lengths are those of packets joined by the kernel" },
	{ "ip6 length", "lengths are those of packets joined by the kernel" },
};

static bool refuse(struct nft_rule *rule, const json_t *at, const char *name, const char *of)
{
	char word[64];

	snprintf(word, sizeof(word), "%s%s%s", name, of ? " " : "", of ? of : "");
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		if (!strcmp(word, refusals[i].name)) {
			nft_no_translation(rule, at, "%s", refusals[i].why);
			return false;
		}
	nft_no_translation(rule, at, "'%s' has no exact translation", word);
	return false;
}

bool nft_key(struct nft_rule *rule, const json_t *expression, struct nft_key *ret)
{
	const json_t *payload = json_object_get(expression, "payload");
	const json_t *meta = json_object_get(expression, "meta");
	const char *protocol = nft_string(payload, "protocol");
	const char *field = nft_string(payload, "field"), *key = nft_string(meta, "key");
	void *first = json_object_iter((json_t *)expression);

	for (size_t i = 0; protocol && field && i < ARRAY_SIZE(payloads); i++)
		if (!strcmp(protocol, payloads[i].protocol) && !strcmp(field, payloads[i].field)) {
			*ret = payloads[i].key;
			return true;
		}
	for (size_t i = 0; key && i < ARRAY_SIZE(metas); i++)
		if (!strcmp(key, metas[i].name)) {
			*ret = metas[i].key;
			return true;
		}
	if (protocol && field)
		return refuse(rule, expression, protocol, field);
	if (key)
		return refuse(rule, expression, "meta", key);
	return refuse(rule, expression, first ? json_object_iter_key(first) : "this", NULL);
}
