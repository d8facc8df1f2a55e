/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_packet_frame.c - from packets in the making to frames. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "../../ctl/rules/names.h"
#include "test_packet.h"

static size_t put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
	return sizeof(value);
}

static void put_ip6_address(uint8_t *at, unsigned __int128 a)
{
	for (int i = 15; i >= 0; i--, a >>= 8)
		at[i] = (uint8_t)a;
}

static void put_ether(uint8_t *at, uint64_t address)
{
	for (int i = 5; i >= 0; i--, address >>= 8)
		at[i] = (uint8_t)address;
}

#define TAGS_TO_HIDE 10 /* more than the parser walks */
#define HEADERS_TO_HIDE 17

/* Ethernet and tags; an id in the inner one alone needs an outer one. */
static size_t put_link(const struct test_packet *packet, uint16_t type, uint8_t *at)
{
	const struct probe *d = &packet->probe;
	bool hides = d->hides && !d->family;
	size_t len = 12;

	put_ether(at, packet->number[NUMBER_ETHER_DST]);
	put_ether(at + 6, packet->number[NUMBER_ETHER_SRC]);
	if (d->outer || d->inner || hides) {
		len += put16(at + len, d->inner ? 0x88a8 : 0x8100);
		len += put16(at + len, d->outer & 0xfff);
	}
	if (d->inner || hides) {
		len += put16(at + len, 0x8100);
		len += put16(at + len, d->inner & 0xfff);
	}
	for (uint16_t i = 2; hides && i < TAGS_TO_HIDE; i++) {
		len += put16(at + len, 0x8100);
		len += put16(at + len, i);
	}
	return len + put16(at + len, type);
}

/* A number that IPv6 walks would send the parser on. */
static uint8_t proto_of(const struct probe *d)
{
	return d->family == 6 && is_walked(d->proto) ? 253 : d->proto;
}

/* Are its ports and the like to be hidden? */
static bool hides_transport(const struct probe *d)
{
	uint8_t proto = proto_of(d), icmp = d->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	return d->family && d->hides && (proto == icmp || protocol_has_ports(proto)) &&
	       !(d->family == 6 && d->hides == 2);
}

/* By headers before it. */
static bool hides_protocol(const struct probe *d)
{
	return d->family == 6 && d->hides == 2;
}

/* Which fragment it is then: TCP after 8 bytes, or a first one that ends too early. */
static uint8_t frag_of(const struct probe *d)
{
	if (!hides_transport(d))
		return d->frag;
	return d->frag == 2 && d->proto == IPPROTO_TCP ? 2 : 1;
}

/* In units of 8 bytes. */
static uint16_t offset_of(const struct probe *d)
{
	if (frag_of(d) != 2)
		return 0;
	return hides_transport(d) ? 1 : 185;
}

static uint16_t datagram_of(const struct test_packet *packet)
{
	bool other = frag_of(&packet->probe) == 2 && !packet->follows;

	return packet->datagram + (other ? DATAGRAMS : 0);
}

static size_t headers_of(const struct probe *d)
{
	if (d->family != 6)
		return d->family ? 20 : 0;
	return 40 + (frag_of(d) ? 8 : 0) + (hides_protocol(d) ? 8 * HEADERS_TO_HIDE : 0);
}

static uint8_t tos_of(const struct test_packet *packet)
{
	return (uint8_t)(packet->byte[BYTE_DSCP] << 2 | packet->ecn);
}

static void put_ip4(const struct test_packet *packet, uint8_t *at, size_t length)
{
	const struct probe *d = &packet->probe;
	uint32_t src = htonl((uint32_t)d->src), dst = htonl((uint32_t)d->dst);

	at[0] = 0x45;
	at[1] = tos_of(packet);
	put16(at + 2, length);
	put16(at + 4, datagram_of(packet));
	put16(at + 6, frag_of(d) == 1 ? 0x2000 : offset_of(d));
	at[8] = packet->byte[BYTE_TTL];
	at[9] = d->proto;
	memcpy(at + 12, &src, sizeof(src));
	memcpy(at + 16, &dst, sizeof(dst));
}

static void put_ip6(const struct test_packet *packet, uint8_t *at, size_t length)
{
	const struct probe *d = &packet->probe;
	uint8_t tos = tos_of(packet);
	uint8_t next = frag_of(d)	   ? IPPROTO_FRAGMENT
		       : hides_protocol(d) ? IPPROTO_DSTOPTS
					   : proto_of(d);

	at[0] = 0x60 | tos >> 4;
	at[1] = (uint8_t)(tos << 4);
	put16(at + 4, length - 40);
	at[6] = next;
	at[7] = packet->byte[BYTE_TTL];
	put_ip6_address(at + 8, d->src);
	put_ip6_address(at + 24, d->dst);
	next = hides_protocol(d) ? IPPROTO_DSTOPTS : proto_of(d);
	at += 40;
	if (frag_of(d)) {
		at[0] = next;
		put16(at + 2, frag_of(d) == 1 ? 1 : offset_of(d) << 3);
		put16(at + 6, datagram_of(packet));
		at += 8;
	}
	for (int i = 1; hides_protocol(d) && i <= HEADERS_TO_HIDE; i++, at += 8)
		at[0] = i < HEADERS_TO_HIDE ? IPPROTO_DSTOPTS : proto_of(d);
}

static void put_transport(const struct probe *d, uint8_t *at)
{
	uint8_t proto = proto_of(d);

	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		put16(at, d->dport);
		put16(at + 4, d->sport);
		return;
	}
	if (!protocol_has_ports(proto))
		return;
	put16(at, d->sport);
	put16(at + 2, d->dport);
	if (proto == IPPROTO_TCP) {
		at[12] = 0x50;
		at[13] = d->own[FIELD_FLAGS];
	} else if (proto == IPPROTO_UDP) {
		put16(at + 4, 20);
	}
}

void test_packet_frame(const struct test_packet *packet, struct test_frame *ret)
{
	struct test_packet with = *packet;
	const struct probe *d = &packet->probe;
	uint16_t type = d->family == 4 ? 0x0800 : d->family == 6 ? 0x86dd : d->ethertype;
	size_t headers = headers_of(d);
	size_t length = MIN(MAX(d->own[FIELD_LEN], headers + 20), TEST_PACKET_LONGEST);
	uint8_t *network;

	probe_places(d, with.byte, with.number);
	memset(ret, 0, sizeof(*ret));
	ret->edges = packet->edges;
	ret->mark = with.number[NUMBER_MARK];
	ret->network = put_link(&with, type, ret->bytes);
	network = ret->bytes + ret->network;
	if (packet->cut && d->family)
		length = headers + 2;
	else if (hides_transport(d) && frag_of(d) == 1)
		length = headers + 4;
	ret->follows = packet->follows;
	if (d->family == 4)
		put_ip4(&with, network, length);
	else if (d->family == 6)
		put_ip6(&with, network, length);
	if (d->family && frag_of(d) < 2 && !packet->cut)
		put_transport(d, network + headers);
	ret->len = ret->network + MAX(length, packet->cut ? length : 46);
	ret->family = ret->network == 14 && !packet->cut ? d->family : 0;
}
