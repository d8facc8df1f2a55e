/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle_match.h - whether a packet matches one rule, to the oracle. */
#ifndef NETCTL_ORACLE_MATCH_H
#define NETCTL_ORACLE_MATCH_H

#include "oracle.h"
#include "../../bpf/parse/packet.h"

/* A packet as the rules speak of it; all in host order. */
struct subject {
	enum hook_id hook;
	int family; /* 4, 6 or 0 */
	struct addr6 src, dst;
	uint16_t sport, dport;
	bool ports; /* sport and dport were read */
	uint32_t ifindex, outer, inner, proto, ethertype, length;
	bool fragment;	     /* a later one */
	bool unseen;	     /* its transport header is there but hidden, or with another fragment */
	bool blind;	     /* its protocol was not read; not IP: nothing after two tags */
	bool maybe_fragment; /* nor whether it is a later fragment */
	bool bare;	     /* it has no Ethernet header */
	uint8_t tcp_flags, dscp, ttl;
	struct envelope envelope;
	const struct ruleset *rules;
};

struct subject subject_of(const struct packet *p, const struct envelope *e, enum hook_id hook,
			  const struct ruleset *rules);

/* Does it match? If that is about what is not seen, nobody knows. */
enum answer {
	NO,
	MAYBE,
	YES,
};

enum answer rule_matches(const struct rule *rule, const struct subject *s);

#endif
