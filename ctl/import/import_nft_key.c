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
	{ "ether", "saddr", { NFT_MAC, .field = "ether src" } },
	{ "ether", "daddr", { NFT_MAC, .field = "ether dst" } },
	{ "ip", "saddr", { NFT_ADDRESS, .field = "src", .needs = IP, .icmp = 4 } },
	{ "ip", "daddr", { NFT_ADDRESS, .field = "dst", .needs = IP, .icmp = 4 } },
	{ "ip", "protocol", { NFT_PROTO, .field = "proto", .needs = IP, .icmp = 4 } },
	{ "ip", "dscp", { NFT_DSCP, .field = "dscp", .needs = IP, .icmp = 4 } },
	{ "ip", "ttl", { NFT_TTL, .field = "ttl", .needs = IP, .icmp = 4 } },
	{ "ip", "frag-off", { NFT_FRAGMENT, .field = "frag", .needs = IP, .icmp = 4 } },
	{ "ip6", "saddr", { NFT_ADDRESS, .field = "src", .needs = IP6, .icmp = 6 } },
	{ "ip6", "daddr", { NFT_ADDRESS, .field = "dst", .needs = IP6, .icmp = 6 } },
	{ "ip6", "dscp", { NFT_DSCP, .field = "dscp", .needs = IP6, .icmp = 6 } },
	{ "ip6", "hoplimit", { NFT_TTL, .field = "ttl", .needs = IP6, .icmp = 6 } },
	{ "tcp", "sport", { NFT_PORT, .field = "sport", .needs = "proto tcp" } },
	{ "tcp", "dport", { NFT_PORT, .field = "dport", .needs = "proto tcp" } },
	{ "tcp", "flags", { NFT_FLAGS, .field = "flags", .needs = "proto tcp" } },
	{ "udp", "sport", { NFT_PORT, .field = "sport", .needs = "proto udp" } },
	{ "udp", "dport", { NFT_PORT, .field = "dport", .needs = "proto udp" } },
	{ "udplite", "sport", { NFT_PORT, .field = "sport", .needs = "proto udplite" } },
	{ "udplite", "dport", { NFT_PORT, .field = "dport", .needs = "proto udplite" } },
	{ "sctp", "sport", { NFT_PORT, .field = "sport", .needs = "proto sctp" } },
	{ "sctp", "dport", { NFT_PORT, .field = "dport", .needs = "proto sctp" } },
	{ "dccp", "sport", { NFT_PORT, .field = "sport", .needs = "proto dccp" } },
	{ "dccp", "dport", { NFT_PORT, .field = "dport", .needs = "proto dccp" } },
	{ "th", "sport", { NFT_PORT, .field = "sport", .any_proto = true } },
	{ "th", "dport", { NFT_PORT, .field = "dport", .any_proto = true } },
	{ "icmp", "type", { NFT_TYPE, .field = "icmp", .needs = "proto icmp", .icmp = 4 } },
	{ "icmp", "code", { NFT_CODE, .field = "icmp", .needs = "proto icmp", .icmp = 4 } },
	{ "icmpv6", "type", { NFT_TYPE, .field = "icmp", .needs = "proto icmpv6", .icmp = 6 } },
	{ "icmpv6", "code", { NFT_CODE, .field = "icmp", .needs = "proto icmpv6", .icmp = 6 } },
};

static const struct {
	const char *name;
	struct nft_key key;
} metas[] = {
	{ "iif", { NFT_IFACE, .field = "in" } },
	{ "iifname", { NFT_IFACE, .field = "in" } },
	{ "oif", { NFT_IFACE, .field = "out" } },
	{ "oifname", { NFT_IFACE, .field = "out" } },
	{ "l4proto", { NFT_PROTO, .field = "proto" } },
	{ "mark", { NFT_MARK, .field = "mark" } },
	{ "nfproto", { NFT_ETHERTYPE, .field = "ethertype" } },
	{ "protocol", { NFT_ETHERTYPE, .field = "ethertype" } },
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

static const struct nft_key *find(const json_t *expression)
{
	const json_t *payload = json_object_get(expression, "payload");
	const char *protocol = nft_string(payload, "protocol");
	const char *field = nft_string(payload, "field");
	const char *meta = nft_string(json_object_get(expression, "meta"), "key");

	for (size_t i = 0; protocol && field && i < ARRAY_SIZE(payloads); i++)
		if (!strcmp(protocol, payloads[i].protocol) && !strcmp(field, payloads[i].field))
			return &payloads[i].key;
	for (size_t i = 0; meta && i < ARRAY_SIZE(metas); i++)
		if (!strcmp(meta, metas[i].name))
			return &metas[i].key;
	return NULL;
}

const char *nft_key_field(const json_t *expression)
{
	const struct nft_key *key = find(expression);

	return key ? key->field : NULL;
}

bool nft_key(struct nft_rule *rule, const json_t *expression, struct nft_key *ret)
{
	const json_t *payload = json_object_get(expression, "payload");
	const json_t *meta = json_object_get(expression, "meta");
	const char *protocol = nft_string(payload, "protocol");
	const char *field = nft_string(payload, "field"), *key = nft_string(meta, "key");
	const struct nft_key *known = find(expression);
	void *first = json_object_iter((json_t *)expression);

	if (known) {
		*ret = *known;
		return true;
	}
	if (protocol && field)
		return refuse(rule, expression, protocol, field);
	if (key)
		return refuse(rule, expression, "meta", key);
	return refuse(rule, expression, first ? json_object_iter_key(first) : "this", NULL);
}
