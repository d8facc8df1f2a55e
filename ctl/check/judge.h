/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* judge.h - the oracle with interface names looked up once, for who judges many packets. */
#ifndef NETCTL_JUDGE_H
#define NETCTL_JUDGE_H

#include "../rules/ruleset.h"

struct known_iface {
	char name[16];
	uint32_t index; /* 0: there is none of that name */
};

struct known_ifaces {
	size_t count;
	struct known_iface *iface; /* owned */
};

/* Every interface the rules name. */
int judge_ifaces(const struct ruleset *set, struct known_ifaces *ret);

/* ruleset_judge() with what judge_ifaces() found. */
void judge_packet(const struct ruleset *set, const struct known_ifaces *known,
		  const struct packet *packet, enum hook_id hook, struct judgement *ret);

#endif
