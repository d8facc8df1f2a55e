/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_maker.h - a ruleset in the making; for random_*.c alone. */
#ifndef NETCTL_TESTS_RANDOM_MAKER_H
#define NETCTL_TESTS_RANDOM_MAKER_H

#include <netinet/in.h>
#include <stdio.h>

#include "../../ctl/base/util.h"
#include "random_rules.h"

#define POOL 4096

/* Sets that rules of MANNER_SETS name: a0, a1 ... of addresses, v0 ... of services, p0 ... of ports. */
#define ADDRESS_SETS 8
#define SERVICE_SETS 2
#define PORT_SETS 2

struct maker {
	struct prng *prng;
	enum manner manner;
	enum field about; /* that each rule of MANNER_FIELDS has; FIELDS: none in particular */
	size_t bases; /* addresses of the pools that are used */
	int shortest; /* prefix of an element: what is broader would be everything */
	uint32_t ip4[POOL];
	struct in6_addr ip6[POOL];
	uint32_t limits; /* of so many rules one is a limit, or lasts for a time; 0: none */
	FILE *out;
};

void maker_begin(struct maker *m, struct prng *prng, enum manner manner, size_t count);
char **maker_rules(struct maker *m, size_t count);

/* A prefix or range of the pools. */
void maker_ip4(struct maker *m);
void maker_ip6(struct maker *m);

#endif
