/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stack.h - how the interfaces of this network namespace stand on each other, so that one packet which several of
 * them see can be told from several packets.
 *
 *	struct stack stack = {};
 *
 *	r = stack_read(&stack);
 *	if (!r && stack_is_above(&stack, br0, eth0))
 *		... the packets of eth0 may be those of br0
 *	stack_free(&stack);
 */
#ifndef NETCTL_STACK_H
#define NETCTL_STACK_H

#include "../../bpf/types.h"
#include "util.h"

/* What the packets are in which a tunnel's own travel. */
struct tunnel {
	uint8_t protocols[2]; /* of IP: either; the first is 0: no tunnel, or none of those we know */
	uint8_t family;	      /* 4, 6, or 0: either */
	uint16_t port;	      /* of UDP: where they go to */
	bool own_port;	      /* port is where they come to instead: peers have any (wireguard) */
	struct addr6 local, remote; /* host order, as in struct flow; zero: any */
	uint32_t link;	      /* they leave by this interface; 0: by any */
};

struct stack_iface {
	uint32_t index;
	char name[16];
	char kind[16];	 /* as "ip link" spells it; empty: a device by itself */
	uint32_t master; /* bridge, bond, team or VRF that this is a port of; 0: none */
	uint32_t lower;	 /* what a VLAN, macvlan or ipvlan stands on; 0: nothing, or in another namespace */
	uint32_t peer;	 /* of a veth, in this namespace; 0: none, or elsewhere */
	uint16_t vlan;	 /* id that a VLAN's packets have at its lower interface */
	bool retags;	 /* a bridge that filters VLANs: its own packets may have other tags than its ports' */
	bool apart;	 /* some of its packets pass nothing that it stands on: macvlan in bridge mode, ipvlan, VRF */
	bool loopback;
	struct tunnel tunnel;
};

/* One interface above another. */
struct stack_pair {
	uint32_t upper, lower;
	bool direct; /* with nothing between them */
};

struct stack {
	struct stack_iface *ifaces; /* owned, by index */
	size_t count;
	struct stack_pair *pairs; /* owned, by upper, then lower */
	size_t pair_count;
};

/* *ret is zero, or was freed. On failure it is empty. */
int stack_read(struct stack *ret);
void stack_free(struct stack *stack);

/* The same by hand: add interfaces in any order, then stack_finish() once. */
int stack_add(struct stack *stack, const struct stack_iface *iface);
int stack_finish(struct stack *stack);

/* NULL: there is none. */
const struct stack_iface *stack_find(const struct stack *stack, uint32_t index);

/* All that the interface stands on, with what is between: *ret is theirs, by index of the lower. */
size_t stack_lowers(const struct stack *stack, uint32_t index, const struct stack_pair **ret);

/* Packets of "lower" may be packets of "upper", too. False for one and the same. */
bool stack_is_above(const struct stack *stack, uint32_t upper, uint32_t lower);

/* It stands on no other, and none on it. */
bool stack_is_alone(const struct stack *stack, uint32_t index);

/* What leaves one arrives at the other: two ends of a veth, or the loopback interface and itself. */
bool stack_is_wire(const struct stack *stack, uint32_t from, uint32_t to);

/* Ends of a flow seen at an interface, which may be a tunnel's outer packets. */
struct outer {
	uint32_t ifindex;
	uint8_t family, protocol;
	struct addr6 local, peer;
	uint16_t local_port, peer_port;
};

/* 0: they are not this tunnel's; else the more, the more of the ends it names. */
unsigned int stack_carries(const struct stack *stack, uint32_t tunnel, const struct outer *outer);

#endif
