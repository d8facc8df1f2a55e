/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle_match.c - a match to the oracle; its meaning is described in ctl/compile/expand.c. */
#include <arpa/inet.h>
#include <endian.h>

#include "../../bpf/boottime.h"
#include "oracle_match.h"

struct subject subject_of(const struct packet *p, const struct envelope *e, enum hook_id hook,
			  const struct ruleset *rules)
{
	struct subject s = { .hook = hook, .envelope = *e, .rules = rules };

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
	s.fragment = p->id.kind & KIND_LATER;
	s.unseen = p->id.kind & KINDS_UNSEEN;
	s.blind = p->id.kind & KIND_BLIND;
	s.maybe_fragment = s.blind && !(p->id.kind & (KIND_FIRST | KIND_LATER));
	s.bare = p->bare;
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

static bool has_ports(uint32_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_DCCP ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_UDPLITE;
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
		return !s->bare && (s->hook == HOOK_XDP || s->hook == HOOK_TC);
	case FIELD_SRC:
	case FIELD_DST:
	case FIELD_HOST:
	case FIELD_DSCP:
	case FIELD_TTL:
		return s->family;
	case FIELD_PROTO:
		return s->family && !s->blind;
	case FIELD_FRAG:
		return s->family && !s->maybe_fragment;
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
		return s->family && s->ports && has_ports(s->proto);
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

static const struct set *services_of(const struct subject *s, const struct value *v)
{
	const struct set *set = v->is_set ? ruleset_find_set(s->rules, v->set) : NULL;

	return set && set->type == SET_SERVICES ? set : NULL;
}

static bool names_services(const struct match *m, const struct subject *s)
{
	for (size_t i = 0; i < m->count; i++)
		if (services_of(s, &m->values[i]))
			return true;
	return false;
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

static bool is_unseen(const struct match *m, const struct subject *s)
{
	if (!s->unseen)
		return false;
	switch (m->field) {
	case FIELD_HOOK:
	case FIELD_IN:
	case FIELD_OUT:
	case FIELD_VLAN:
	case FIELD_ETHER_SRC:
	case FIELD_ETHER_DST:
	case FIELD_MARK:
		return false;
	case FIELD_PROTO:
		return s->blind;
	case FIELD_FRAG:
		return s->maybe_fragment;
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
	case FIELD_ICMP:
	case FIELD_FLAGS:
		return true;
	default:
		return !s->family || names_services(m, s);
	}
}

/* Has some set of services one of an end's address? */
static bool may_serve(const struct match *m, const struct subject *s, const struct addr6 *a)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct set *set = services_of(s, &m->values[i]);

		if (set && set_find_service(set, s->family, a, s->blind ? 0 : s->proto, ANY_PORT,
					    boottime_seconds()))
			return true;
	}
	return false;
}

/* Of an end that may be of a service: values that are addresses, and sets of them, are seen. */
static enum answer ends_may_hold(const struct match *m, const struct subject *s)
{
	bool src = m->field != FIELD_DST, dst = m->field != FIELD_SRC;

	for (size_t i = 0; i < m->count; i++)
		if (!services_of(s, &m->values[i]) && is_value(m->field, s, &m->values[i]))
			return m->negated ? NO : YES;
	if (m->negated)
		return s->blind || has_ports(s->proto) ? MAYBE : NO;
	if (!s->blind && !has_ports(s->proto))
		return NO;
	return (src && may_serve(m, s, &s->src)) || (dst && may_serve(m, s, &s->dst)) ? MAYBE : NO;
}

static bool names_icmp(const struct match *m, int family)
{
	bool named = m->negated;

	for (size_t i = 0; i < m->count; i++)
		named |= m->values[i].icmp.family == family;
	return named;
}

/* Of a match that is about what is not seen: any value may be. */
static enum answer may_hold(const struct match *m, const struct subject *s)
{
	bool holds = true;

	if (!m->count && m->field != FIELD_FRAG)
		return NO;
	if (!s->family)
		return MAYBE;
	switch (m->field) {
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
		holds = s->blind || has_ports(s->proto);
		break;
	case FIELD_FLAGS:
		holds = s->blind || s->proto == IPPROTO_TCP;
		break;
	case FIELD_ICMP:
		holds = (s->blind ||
			 s->proto == (s->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) &&
			names_icmp(m, s->family);
		break;
	case FIELD_HOST:
	case FIELD_SRC:
	case FIELD_DST:
		return ends_may_hold(m, s);
	default:
		break;
	}
	return holds ? MAYBE : NO;
}

static enum answer match_holds(const struct match *m, const struct subject *s)
{
	bool listed = false;
	size_t i;

	if (is_unseen(m, s))
		return may_hold(m, s);
	if (!applies(m->field, s) || !names_family(m, s))
		return NO;
	/* "not" of services says nothing of packets without ports. */
	if (m->negated && names_services(m, s) && !applies(FIELD_PORT, s))
		return NO;
	if (m->field == FIELD_FRAG)
		return s->fragment != m->negated ? YES : NO;
	for (i = 0; i < m->count && !listed; i++)
		listed = is_value(m->field, s, &m->values[i]);
	return m->count && listed != m->negated ? YES : NO;
}

enum answer rule_matches(const struct rule *rule, const struct subject *s)
{
	enum answer least = YES;

	if (rule->disabled || (rule->until && boottime_seconds() >= rule->until))
		return NO;
	for (size_t i = 0; i < rule->count && least; i++)
		least = MIN(least, match_holds(&rule->matches[i], s));
	return least;
}
