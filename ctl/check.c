/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check.c - does a blob say of packets what its list says? Asked before every swap, on packets at
 * the edges of every value in the rules. The packets are the same in every run.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "../bpf/parts_native.h"
#include "../bpf/classify.h"
#include "judge.h"

#define MOST_PACKETS 20000
#define MOST_WORK \
	24000000 /* rules walked by the oracle over all packets: what keeps long lists quick */
#define MOST_VARIANTS 12 /* of one edge */

typedef unsigned __int128 address;

enum edge { EDGE_LO, EDGE_HI, EDGE_BELOW, EDGE_ABOVE, EDGES };

/* A packet in the making, in host order. What contradicts itself is settled by draft_packet(). */
struct draft {
	enum hook_id hook;
	int family; /* 4, 6 or 0 */
	address src, dst;
	uint32_t sport, dport, ethertype, ifindex, outer, inner, length;
	uint8_t proto, frag, flags;
	bool ports;
	bool settled; /* an address was put in: the family stays */
};

struct check {
	const struct ruleset *set;
	const struct blob *blob;
	struct known_ifaces known;
	uint64_t random;
	size_t left; /* packets still to try */
	struct fault *fault;
};

/* Below n; xorshift64*. */
static uint32_t below(struct check *c, uint32_t n)
{
	c->random ^= c->random >> 12;
	c->random ^= c->random << 25;
	c->random ^= c->random >> 27;
	return (uint32_t)(c->random * 0x2545f4914f6cdd1dULL >> 32) % n;
}

static const uint8_t port_protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP,
					 IPPROTO_UDPLITE};

static bool has_ports(uint8_t proto)
{
	return memchr(port_protocols, proto, sizeof(port_protocols));
}

static void draft_random(struct check *c, struct draft *d)
{
	static const uint8_t families[] = {4, 4, 6, 6, 0};

	*d = (struct draft){.hook = below(c, HOOKS), .family = families[below(c, 5)]};
	d->src = (address)below(c, UINT32_MAX) << 96 | below(c, UINT32_MAX);
	d->dst = (address)below(c, UINT32_MAX) << 96 | below(c, UINT32_MAX);
	d->sport = below(c, 65536);
	d->dport = below(c, 65536);
	d->ethertype = below(c, 65536);
	d->ifindex = c->known.count && below(c, 2) ? c->known.iface[below(c, c->known.count)].index
						   : 1 + below(c, 4);
	d->outer = below(c, 3) ? 0 : below(c, 4096);
	d->inner = below(c, 3) ? 0 : below(c, 4096);
	d->length = below(c, 2) ? below(c, 1600) : below(c, 70000);
	d->proto = below(c, 4) ? port_protocols[below(c, 5)] : below(c, 256);
	d->flags = below(c, 256);
	d->ports = below(c, 8);
	d->frag = below(c, 8) ? 0 : below(c, 3);
}

/* What the parser could have made: see parse.h for which packets have what. */
static void draft_packet(const struct draft *d, struct packet *p)
{
	bool icmp = d->proto == (d->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	bool ports = d->ports && d->frag < 2 && (icmp || has_ports(d->proto));

	memset(p, 0, sizeof(*p));
	p->length = d->length;
	p->id.ifindex = d->ifindex;
	p->id.tags = ID_TAGS(d->outer & 0xfff, d->inner & 0xfff, d->family ? d->proto : 0);
	if (!d->family) {
		p->id.dport = htons(d->ethertype);
		return;
	}
	if (d->family == 4) {
		p->id.kind = KIND_IP4;
		p->src4 = htonl(d->src);
		p->dst4 = htonl(d->dst);
	} else {
		p->id.kind = KIND_IP6;
		p->src6[0] = htobe64(d->src >> 64);
		p->src6[1] = htobe64(d->src);
		p->dst6[0] = htobe64(d->dst >> 64);
		p->dst6[1] = htobe64(d->dst);
	}
	p->id.kind |= d->frag == 1 ? KIND_FIRST : d->frag == 2 ? KIND_LATER : 0;
	if (!ports)
		return;
	p->id.kind |= KIND_PORTS;
	p->id.sport = htons(d->sport);
	p->id.dport = htons(d->dport);
	p->tcp_flags = d->proto == IPPROTO_TCP ? d->flags : 0;
}

static address edge_of(address lo, address hi, enum edge edge)
{
	switch (edge) {
	case EDGE_LO:
		return lo;
	case EDGE_HI:
		return hi;
	case EDGE_BELOW:
		return lo - 1;
	default:
		return hi + 1;
	}
}

static void put_address(struct check *c, struct draft *d, enum field field, const struct value *v,
			enum edge edge)
{
	address lo = (address)v->addr.lo.hi << 64 | v->addr.lo.lo;
	address hi = (address)v->addr.hi.hi << 64 | v->addr.hi.lo;
	address a = edge_of(lo, hi, edge);

	d->family = v->addr.family;
	d->settled = true;
	if (field == FIELD_SRC || (field == FIELD_HOST && below(c, 2)))
		d->src = a;
	else
		d->dst = a;
}

static void put_transport(struct check *c, struct draft *d, const struct match *m,
			  const struct value *v, enum edge edge)
{
	uint32_t x = edge_of(v->range.lo, v->range.hi, edge);
	uint8_t first = v->icmp.type, bit;

	d->ports = true;
	if (!d->family)
		d->family = below(c, 2) ? 4 : 6;
	if (m->field == FIELD_ICMP) {
		d->family = v->icmp.family;
		d->proto = d->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
		d->dport =
			edge_of(first << 8 | v->icmp.code_lo, first << 8 | v->icmp.code_hi, edge);
	} else if (m->field == FIELD_FLAGS) {
		d->proto = IPPROTO_TCP;
		bit = 1 << below(c, 8);
		d->flags = (d->flags & ~v->flags.mask) | v->flags.value;
		d->flags ^= edge == EDGE_BELOW ? bit : 0;
	} else {
		if (!has_ports(d->proto))
			d->proto = port_protocols[below(c, sizeof(port_protocols))];
		if (m->field == FIELD_SPORT || (m->field == FIELD_PORT && below(c, 2)))
			d->sport = x;
		else
			d->dport = x;
	}
}

static void put_frame(struct check *c, struct draft *d, const struct match *m,
		      const struct value *v, enum edge edge)
{
	uint32_t x = edge_of(v->range.lo, v->range.hi, edge);
	size_t i;

	if (m->field == FIELD_HOOK) {
		d->hook = x % HOOKS;
	} else if (m->field == FIELD_VLAN) {
		*(below(c, 2) ? &d->outer : &d->inner) = x;
	} else if (m->field == FIELD_ETHERTYPE) {
		d->family = x == 0x0800 ? 4 : x == 0x86dd ? 6 : 0;
		d->ethertype = x;
	} else {
		d->hook = m->field == FIELD_IN ? HOOK_XDP : below(c, 2) ? HOOK_TC : HOOK_NF;
		for (i = 0; i < c->known.count; i++)
			if (strcmp(c->known.iface[i].name, v->iface) == 0)
				d->ifindex = edge_of(c->known.iface[i].index,
						     c->known.iface[i].index, edge);
	}
}

/* Make the draft hold an edge of one value of a match (or lie just outside it). */
static void put(struct check *c, struct draft *d, const struct match *m, const struct value *v,
		enum edge edge)
{
	if (!v && m->field != FIELD_FRAG)
		return;
	switch (m->field) {
	case FIELD_SRC:
	case FIELD_DST:
	case FIELD_HOST:
		put_address(c, d, m->field, v, edge);
		break;
	case FIELD_PROTO:
		d->proto = edge_of(v->range.lo, v->range.hi, edge);
		d->family = d->family ? d->family : 4;
		break;
	case FIELD_ICMP:
	case FIELD_PORT:
	case FIELD_SPORT:
	case FIELD_DPORT:
	case FIELD_FLAGS:
		put_transport(c, d, m, v, edge);
		break;
	case FIELD_FRAG:
		d->frag = edge == EDGE_LO ? 0 : 1 + below(c, 2);
		d->family = d->family ? d->family : 4;
		break;
	case FIELD_LEN:
		d->length = edge_of(v->range.lo, v->range.hi, edge);
		break;
	default:
		put_frame(c, d, m, v, edge);
	}
}

/* Some value of a match; of the draft's family if one is soon found. */
static const struct value *some_value(struct check *c, const struct draft *d, const struct match *m)
{
	const struct value *v = NULL;
	int tries = 4;

	do {
		v = m->count ? &m->values[below(c, m->count)] : NULL;
	} while (v && --tries && d->settled && v->addr.family != d->family &&
		 (m->field == FIELD_SRC || m->field == FIELD_DST || m->field == FIELD_HOST));
	return v;
}

/* A draft the rule matches, mostly. */
static void satisfy(struct check *c, struct draft *d, const struct rule *rule)
{
	size_t i;

	draft_random(c, d);
	for (i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];
		enum edge edge = m->negated && m->field != FIELD_FRAG ? EDGE_BELOW + below(c, 2)
								      : below(c, 2);

		if (m->field == FIELD_FRAG)
			edge = m->negated ? EDGE_LO : EDGE_HI;
		put(c, d, m, some_value(c, d, m), edge);
	}
}

static int differ(struct check *c, const struct packet *p, enum hook_id hook,
		  const struct decision *walk, const struct judgement *list)
{
	fault_set(c->fault, -EBADE, EXIT_REFUSED,
		  "the rules were compiled wrongly, this is a bug in netctl: for a packet of kind "
		  "%u, protocol "
		  "%u, ports %u and %u, flags %#x, length %u at hook %d the list says %u by %u "
		  "(%zu audits), "
		  "the compiled form %u by %u (%u audits)",
		  p->id.kind, ID_PROTO(p->id.tags), ntohs(p->id.sport), ntohs(p->id.dport),
		  p->tcp_flags, p->length, hook, list->verdict, list->slot, list->audit_count,
		  walk->verdict, walk->slot, walk->audits);
	fault_hint(c->fault, "nothing was changed; please report the rules with this message");
	return -EBADE;
}

static int compare(struct check *c, const struct draft *d)
{
	struct judgement list;
	struct decision walk;
	struct packet p;

	c->left -= !!c->left;
	draft_packet(d, &p);
	judge_packet(c->set, &c->known, &p, d->hook, &list);
	classify(c->blob, &p, d->hook, &walk);
	if (walk.verdict == list.verdict && walk.slot == list.slot &&
	    walk.audits == list.audit_count && (!walk.audits || walk.audit == list.audits[0]))
		return 0;
	return differ(c, &p, d->hook, &walk, &list);
}

/* Move a draft a little: another edge of any rule, or another hook, fragment or length. */
static void disturb(struct check *c, struct draft *d)
{
	const struct rule *rule = &c->set->rules[below(c, c->set->count)];
	const struct match *m = rule->count ? &rule->matches[below(c, rule->count)] : NULL;

	switch (below(c, 8)) {
	case 0:
		d->hook = below(c, HOOKS);
		break;
	case 1:
		d->frag = below(c, 3);
		break;
	case 2:
		d->ports = !d->ports;
		break;
	case 3:
		d->length = below(c, 70000);
		break;
	default:
		if (m)
			put(c, d, m, some_value(c, d, m), below(c, EDGES));
	}
}

/*
 * One edge of one value (NULL: of the match itself), the rest as the rule wants it, and variants of
 * that.
 */
static int try_edge(struct check *c, const struct rule *rule, const struct match *m,
		    const struct value *v, enum edge edge, size_t variants)
{
	struct draft d;
	size_t i;
	int r;

	satisfy(c, &d, rule);
	put(c, &d, m, v, edge);
	r = compare(c, &d);
	for (i = 1; r == 0 && i < variants; i++) {
		disturb(c, &d);
		r = compare(c, &d);
	}
	return r;
}

static size_t count_values(const struct ruleset *set)
{
	size_t values = 0, i, j;

	for (i = 0; i < set->count; i++)
		for (j = 0; j < set->rules[i].count; j++)
			values += MAX(set->rules[i].matches[j].count, 1);
	return values;
}

/* Every edge of every value, or as many as the budget allows, spread over all. */
static int try_edges(struct check *c)
{
	size_t edges = EDGES * count_values(c->set), seen = 0, i, j, k;
	size_t stride = edges / (c->left + 1) + 1;
	size_t variants = MIN(edges ? c->left / 2 / edges : 0, MOST_VARIANTS);
	int r = 0, edge;

	for (i = 0; i < c->set->count; i++) {
		const struct rule *rule = &c->set->rules[i];

		for (j = 0; j < rule->count; j++) {
			const struct match *m = &rule->matches[j];

			for (k = 0; k < MAX(m->count, 1); k++)
				for (edge = 0; edge < EDGES && r == 0; edge++)
					if (seen++ % stride == 0)
						r = try_edge(c, rule, m,
							     m->count ? &m->values[k] : NULL, edge,
							     variants);
		}
	}
	return r;
}

int ruleset_check(const struct ruleset *set, const struct blob *blob, struct fault *fault)
{
	struct check c = {.set = set, .blob = blob, .random = 1, .fault = fault};
	size_t work = set->count + count_values(set);
	struct draft d;
	uint32_t n;
	int r;

	r = judge_ifaces(set, &c.known);
	if (r < 0)
		return r;
	c.left = MIN(MOST_WORK / (work + 1), MOST_PACKETS);
	r = try_edges(&c);
	while (r == 0 && c.left) {
		draft_random(&c, &d);
		if (set->count && below(&c, 4))
			satisfy(&c, &d, &set->rules[below(&c, set->count)]);
		for (n = set->count ? 1 + below(&c, 5) : 0; n; n--)
			disturb(&c, &d);
		r = compare(&c, &d);
	}
	free(c.known.iface);
	return r;
}
