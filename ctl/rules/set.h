/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set.h - named sets of addresses, ports or services, as rules use them: "src @NAME"; no text here. */
#ifndef NETCTL_SET_H
#define NETCTL_SET_H

#include "../base/addr.h"
#include "../base/util.h"

#define SET_NAME_SIZE 32

enum set_type {
	SET_ADDRESSES,
	SET_PORTS,
	SET_SERVICES,
};

enum element_kind {
	ELEMENT_IP4,
	ELEMENT_IP6,
	ELEMENT_PORT,
	ELEMENT_SERVICE,
	ELEMENT_KINDS,
};

/*
 * Elements, in host order, both ends in. until: the first second of CLOCK_BOOTTIME at which it is
 * gone; 0: it stays. slot: where the kernel counts it; 0: nowhere, or not yet given.
 */
struct element4 {
	uint32_t lo, hi, until, slot;
};

struct element6 {
	struct addr6 lo, hi;
	uint32_t until, slot;
};

struct element_port {
	uint16_t lo, hi;
	uint32_t until, slot;
};

struct service {
	struct addr6 address; /* IPv4: hi 0, lo the address */
	uint16_t port_lo, port_hi;
	uint8_t family; /* 4 or 6 */
	uint8_t proto;	/* 0: every one with ports */
	uint16_t pad;
	uint32_t until, slot;
};

/*
 * Sorted and disjoint (services: those of one address and protocol). Neighbours are not joined: what
 * was added as two is listed as two. A batch is a struct set too, in any order.
 */
struct set {
	char name[SET_NAME_SIZE]; /* a letter, then letters, digits, '_', '-', '.' */
	enum set_type type;
	bool counters; /* every element has a counter */
	size_t count4, capacity4;
	struct element4 *ip4; /* owned, as the others */
	size_t count6, capacity6;
	struct element6 *ip6;
	size_t port_count, port_capacity;
	struct element_port *ports;
	size_t service_count, service_capacity;
	struct service *services;
	const char *file;  /* that it was read from, for faults, or NULL; not owned */
	unsigned int line; /* of the file */
};

/* What became of the elements of a batch: each is one of the first four (deleting: "added" is gone). */
struct set_report {
	size_t added;	/* new, wholly or in part */
	size_t same;	/* there already, or earlier in the batch, for as long */
	size_t renewed; /* there already, and stays longer now */
	size_t covered; /* inside another that stays as long or longer */
	size_t merged;	/* elements, old or new, that were merged into others or cut by them */
	size_t missing; /* deleting: nothing of it was there */
};

#define SET_NAME_HINT "a letter, then letters, digits, '_', '-' and '.', 31 in all"

bool set_name_is_good(const char *name);

/* What it owns, not the struct, which is empty afterwards, of the same name and type. */
void set_free(struct set *set);

/* Append to a batch. */
int set_push4(struct set *batch, const struct element4 *element);
int set_push6(struct set *batch, const struct element6 *element);
int set_push_port(struct set *batch, const struct element_port *element);
int set_push_service(struct set *batch, const struct service *element);

/*
 * Add a batch, which is sorted by it. Where elements overlap, the one with the longer life wins; of
 * equal lives they become one. An element that is cut keeps its slot in its first piece, the others
 * have 0: see ruleset_give_slots(). One that is renewed keeps it. *report may be NULL. After -ENOMEM the
 * set is fit for set_free() alone.
 */
int set_add(struct set *set, struct set *batch, struct set_report *report);

/* Delete what lies in a batch (whose lives and slots do not count); parts of elements are cut out. */
int set_remove(struct set *set, struct set *batch, struct set_report *report);

/* Delete what is over at "now"; how many. */
size_t set_sweep(struct set *set, uint32_t now);

/* Is there an element that will be over? */
bool set_is_timed(const struct set *set);

static inline bool element_is_over(uint32_t until, uint32_t now)
{
	return until && until <= now;
}

/* Elements of all kinds. */
size_t set_size(const struct set *set);


#define ANY_PORT 65536

/*
 * The plain search: the element that holds a value and is not over, or NULL. 4 or 6: address in
 * host order. proto: the packet's, or 0: any; port: or ANY_PORT.
 */
const struct element4 *set_find4(const struct set *set, uint32_t address, uint32_t now);
const struct element6 *set_find6(const struct set *set, const struct addr6 *address, uint32_t now);
const struct element_port *set_find_port(const struct set *set, uint16_t port, uint32_t now);
const struct service *set_find_service(const struct set *set, uint8_t family,
				       const struct addr6 *address, uint8_t proto, uint32_t port,
				       uint32_t now);

#endif
