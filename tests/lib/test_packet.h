/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_packet.h - packets that try rules: at the edges of their values, just outside, and anywhere.
 * Beginnings and choice are not those of ctl/check/check.c, and frames where those are structs: what one
 * overlooks the other may see. How a value gets into a packet is one thing for both, ctl/check/probe.c:
 * tests/unit/probe.c sees to that.
 */
#ifndef NETCTL_TESTS_TEST_PACKET_H
#define NETCTL_TESTS_TEST_PACKET_H

#include "../../ctl/check/probe.h"
#include "prng.h"

#define TEST_PACKET_LONGEST 3500 /* network-layer bytes: kernels refuse longer test runs */
#define DATAGRAMS 0x8000
#define TEST_PACKET_FRAME (TEST_PACKET_LONGEST + 64)

/* What contradicts itself test_packet_frame() settles; hook and interface are not its business. */
struct test_packet {
	struct probe probe;
	bool cut; /* it ends inside the transport header */
	uint16_t datagram; /* of a first fragment, below DATAGRAMS; later ones are of others', but */
	bool follows;	   /* it is a later one of this datagram */
	/* What a frame has whether it is a field or not; if it is, the probe's counts. */
	uint8_t byte[BYTE_COUNT], ecn;
	uint64_t number[NUMBER_COUNT];
	uint32_t edges; /* 1 << enum field: an edge of a value of theirs was put in */
};

/* A frame in memory. */
struct test_frame {
	uint8_t bytes[TEST_PACKET_FRAME];
	size_t len, network; /* where its network header is */
	int family;	     /* 4 or 6: it can be sent at OUTPUT */
	uint32_t mark;	     /* at TC and OUTPUT */
	uint32_t edges;	     /* the packet's */
	bool follows;	     /* the first fragment of its datagram is the frame before */
};

void test_packet_frame(const struct test_packet *packet, struct test_frame *ret);

/* What is a field gets the value of its byte or number. */
void test_packet_take_places(struct test_packet *packet);

void test_packet_random(struct prng *prng, struct test_packet *ret);

/* One that the rule mostly matches, and near the edges of other rules when "moves" is not 0. */
void test_packet_for(struct prng *prng, const struct ruleset *rules, const struct rule *rule,
		     unsigned int moves, struct test_packet *ret);

/* The next packet of its flow: only what varies among those is near other edges. */
void test_packet_again(struct prng *prng, const struct ruleset *rules, struct test_packet *packet);

/* Make it hide headers, or be a later fragment. */
void test_packet_hide(struct prng *prng, struct test_packet *packet);

/* A later fragment of the datagram that a packet is the first of. */
void test_packet_rest(const struct test_packet *first, struct test_packet *ret);

/*
 * Corners of a rule: every field the rule looks at at its lowest value, its highest, and one value
 * below and above those while the others hold.
 */
size_t test_packet_corners(const struct rule *rule);
void test_packet_corner(struct prng *prng, const struct ruleset *rules, const struct rule *rule,
			size_t corner, struct test_packet *ret);

#endif
