/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * oracle.c - the oracle: what the rules say of a packet, by the plainest search of the list. It
 * shares nothing with the compiler but struct rule, so that a mistake is not made twice; the
 * meaning of each match is described in ctl/compile/expand.c.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/boottime.h"
#include "../../bpf/parse/packet.h"
#include "oracle.h"

/* A packet as the rules speak of it; all in host order. */
struct subject {
	enum hook_id hook;
	int family; /* 4, 6 or 0 */
	struct addr6 src, dst;
	uint16_t sport, dport;
	bool ports; /* sport and dport were read */
	uint32_t ifindex, outer, inner, proto, ethertype, length;
	bool fragment;
	uint8_t tcp_flags, dscp, ttl;
	struct envelope envelope;
	const struct ruleset *rules;
};

static struct subject subject_of(const struct packet *p, const struct envelope *e,
				 enum hook_id hook)
{
	struct subject s = { .hook = hook, .envelope = *e };

	if (p->id.kind & KIND_IP4) {
		s.family = 4;
		s.src.lo = ntohl(p->src4);
		s.dst.lo = ntohl(p->dst4);
		s.ethertype = 0x0800;
	} else if (p->id.kind & KIND_IP6) {
		s.family = 6;
		s.src = (struct addr6){ be64toh(p->src6[0]), be64toh(p->src6[1]) };
		s.dst = (struct addr6){ be64toh(p->dst6[0]), be64toh(p->dst6[1]) };
		s.ethertype = 0x86dd;
	} else {
		s.ethertype = ntohs(p->id.dport);
	}
	s.sport = ntohs(p->id.sport);
	s.dport = ntohs(p->id.dport);
	s.ports = p->id.kind & KIND_PORTS;
	s.ifindex = p->id.ifindex;
	s.outer = ID_OUTER(p->id.tags);
	s.inner = ID_INNER(p->id.tags);
	s.proto = ID_PROTO(p->id.tags);
	s.length = p->length > 65535 ? 65535 : p->length;
	s.fragment = p->id.kind & (KIND_FIRST | KIND_LATER);
	s.tcp_flags = p->tcp_flags;
	s.dscp = p->byte[BYTE_DSCP];
	s.ttl = p->byte[BYTE_TTL];
	return s;
}

static bool within(uint32_t x, const struct value *v)
{
	return v->range.lo <= x && x <= v->range.hi;
}

static bool address_within(const struct addr6 *a, const struct subject *s, const struct value *v)
{
	const struct addr6 *lo = &v->addr.lo, *hi = &v->addr.hi;

	if (s->family != v->addr.family)
		return false;
	if (a->hi < lo->hi || (a->hi == lo->hi && a->lo < lo->lo))
		return false;
	return a->hi < hi->hi || (a->hi == hi->hi && a->lo <= hi->lo);
}

static bool is_masked(uint64_t x, const struct value *v)
{
	return (x & v->masked.mask) == v->masked.value;
}

static bool vlan_within(const struct subject *s, const struct value *v)
{
	if (!s->outer && !s->inner)
		return v->range.lo == 0;
	return (s->outer && within(s->outer, v)) || (s->inner && within(s->inner, v));
}

static bool icmp_within(const struct subject *s, const struct value *v)
{
	return s->family == v->icmp.family && s->dport >> 8 == v->icmp.type &&
	       v->icmp.code_lo <= (s->dport & 0xff) && (s->dport & 0xff) <= v->icmp.code_hi;
}

/* Does the match say anything of such a packet, be it yes or no? */
static bool applies(enum field field, const struct subject *s)
{
	switch (field) {
	case FIELD_IN:
		return s->hook == HOOK_XDP;
	case FIELD_OUT:
	case FIELD_MARK:
		return s->hook == HOOK_TC || s->hook == HOOK_NF;
	case FIELD_ETHER_SRC:
	case FIELD_ETHER_DST:
		return s->hook == HOOK_XDP || s->hook == HOOK_TC;
	case FIELD_SRC:
	case FIELD_DST:
	case FIELD_HOST:
	case FIELD_PROTO:
	case FIELD_FRAG:
	case FIELD_DSCP:
	case FIELD_TTL:
		return s->family;
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
		return s->family && s->ports &&
		       (s->proto == IPPROTO_TCP || s->proto == IPPROTO_UDP ||
			s->proto == IPPROTO_DCCP || s->proto == IPPROTO_SCTP ||
			s->proto == IPPROTO_UDPLITE);
	case FIELD_ICMP:
		return s->ports && ((s->family == 4 && s->proto == IPPROTO_ICMP) ||
				    (s->family == 6 && s->proto == IPPROTO_ICMPV6));
	case FIELD_FLAGS:
		return s->family && s->ports && s->proto == IPPROTO_TCP;
	default:
		return true;
	}
}

static bool set_has(const struct subject *s, const struct value *v, const struct addr6 *a,
		    uint16_t port)
{
	const struct set *set = ruleset_find_set(s->rules, v->set);
	uint32_t now = boottime_seconds();

	if (!set)
		return false;
	if (set->type == SET_SERVICES)
		return applies(FIELD_PORT, s) &&
		       set_find_service(set, s->family, a, s->proto, port, now);
	if (s->family == 4)
		return set_find4(set, a->lo, now);
	return s->family == 6 && set_find6(set, a, now);
}

/* One end of the packet: its address, or the port when the match is about ports. */
static bool end_is(enum field field, const struct subject *s, const struct value *v,
		   const struct addr6 *a, uint16_t port)
{
	bool ports = field == FIELD_PORT || field == FIELD_SPORT || field == FIELD_DPORT;
	const struct set *set;

	if (v->is_set && ports) {
		set = ruleset_find_set(s->rules, v->set);
		return set && set_find_port(set, port, boottime_seconds());
	}
	if (v->is_set)
		return set_has(s, v, a, port);
	return ports ? within(port, v) : address_within(a, s, v);
}

static bool is_value(enum field field, const struct subject *s, const struct value *v)
{
	switch (field) {
	case FIELD_HOOK:
		return within(s->hook, v);
	case FIELD_IN:
	case FIELD_OUT:
		return ruleset_ifindex(s->rules, v->iface) == s->ifindex;
	case FIELD_ETHERTYPE:
		return within(s->ethertype, v);
	case FIELD_VLAN:
		return vlan_within(s, v);
	case FIELD_PROTO:
		return within(s->proto, v);
	case FIELD_ICMP:
		return icmp_within(s, v);
	case FIELD_HOST:
	case FIELD_PORT:
		return end_is(field, s, v, &s->src, s->sport) ||
		       end_is(field, s, v, &s->dst, s->dport);
	case FIELD_SRC:
	case FIELD_SPORT:
		return end_is(field, s, v, &s->src, s->sport);
	case FIELD_DST:
	case FIELD_DPORT:
		return end_is(field, s, v, &s->dst, s->dport);
	case FIELD_FLAGS:
		return is_masked(s->tcp_flags, v);
	case FIELD_ETHER_SRC:
		return is_masked(s->envelope.number[NUMBER_ETHER_SRC], v);
	case FIELD_ETHER_DST:
		return is_masked(s->envelope.number[NUMBER_ETHER_DST], v);
	case FIELD_MARK:
		return is_masked(s->envelope.number[NUMBER_MARK], v);
	case FIELD_LEN:
		return within(s->length, v);
	case FIELD_DSCP:
		return within(s->dscp, v);
	case FIELD_TTL:
		return within(s->ttl, v);
	default:
		return false;
	}
}

/* "not" of services says nothing of packets without ports. */
static bool names_ends(const struct match *m, const struct subject *s)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct set *set = NULL;

		if (m->values[i].is_set)
			set = ruleset_find_set(s->rules, m->values[i].set);
		if (set && set->type == SET_SERVICES && !applies(FIELD_PORT, s))
			return false;
	}
	return true;
}

/* A list of addresses says nothing of the family that it names none of; sets have both. */
static bool names_family(const struct match *m, const struct subject *s)
{
	if (!field_is_address(m->field))
		return true;
	for (size_t i = 0; i < m->count; i++)
		if (m->values[i].is_set || m->values[i].addr.family == s->family)
			return true;
	return false;
}

static bool match_holds(const struct match *m, const struct subject *s)
{
	bool listed = false;
	size_t i;

	if (!applies(m->field, s) || !names_family(m, s) || (m->negated && !names_ends(m, s)))
		return false;
	if (m->field == FIELD_FRAG)
		return s->fragment != m->negated;
	for (i = 0; i < m->count && !listed; i++)
		listed = is_value(m->field, s, &m->values[i]);
	return m->count && listed != m->negated;
}

static bool rule_matches(const struct rule *rule, const struct subject *s)
{
	size_t i;

	for (i = 0; i < rule->count; i++)
		if (!match_holds(&rule->matches[i], s))
			return false;
	return true;
}

void oracle_ask(const struct ruleset *rules, const struct packet *packet,
		const struct envelope *envelope, enum hook_id hook,
		struct oracle_answer *ret)
{
	struct subject s = subject_of(packet, envelope, hook);
	size_t i;

	s.rules = rules;
	ret->verdict = rules->policy;
	ret->slot = 0;
	ret->limited = false;
	ret->audit_count = 0;
	for (i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->disabled || !rule_matches(rule, &s) ||
		    (rule->until && boottime_seconds() >= rule->until))
			continue;
		if (rule->action == ACTION_AUDIT) {
			if (ret->audit_count < MAX_AUDITS) /* a list with more does not compile */
				ret->audits[ret->audit_count++] = rule->slot;
			continue;
		}
		ret->verdict = rule->action == ACTION_DROP ? VERDICT_DROP : VERDICT_PASS;
		ret->limited = rule->action == ACTION_LIMIT;
		ret->slot = rule->slot;
		return;
	}
}
