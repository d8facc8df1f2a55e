/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_oracle.c - the elements of sets that count a packet, by the plainest search. */
#include <arpa/inet.h>
#include <endian.h>
#include <string.h>

#include "../../bpf/boottime.h"
#include "element_oracle.h"

/* One end of a packet, in host order. */
struct end {
	int family; /* 4, 6 or 0 */
	struct addr6 address;
	bool has_port;
	uint16_t port;
	uint32_t proto;
};

static bool proto_has_ports(uint32_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_DCCP ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_UDPLITE;
}

static struct end end_of(const struct packet *p, bool source)
{
	struct end e = {
		.port = ntohs(source ? p->id.sport : p->id.dport),
		.proto = ID_PROTO(p->id.tags),
	};

	if (p->id.kind & KIND_IP4) {
		e.family = 4;
		e.address.lo = ntohl(source ? p->src4 : p->dst4);
	} else if (p->id.kind & KIND_IP6) {
		const __u64 *a = source ? p->src6 : p->dst6;

		e.family = 6;
		e.address = (struct addr6){ be64toh(a[0]), be64toh(a[1]) };
	}
	e.has_port = e.family && p->id.kind & KIND_PORTS && proto_has_ports(e.proto);
	return e;
}

static bool looks_at(const struct match *m, bool source)
{
	if (m->field == FIELD_HOST || m->field == FIELD_PORT)
		return true;
	if (source)
		return m->field == FIELD_SRC || m->field == FIELD_SPORT;
	return m->field == FIELD_DST || m->field == FIELD_DPORT;
}

/* Does an enabled rule look for a set at sources, destinations? */
static bool is_looked_for(const struct ruleset *rules, const char *name, bool source)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t j = 0; j < rule->count && !rule->disabled; j++) {
			const struct match *m = &rule->matches[j];

			for (size_t k = 0; k < m->count && looks_at(m, source); k++)
				if (m->values[k].is_set && !strcmp(m->values[k].set, name))
					return true;
		}
	}
	return false;
}

static bool service_is(const struct service *s, const struct end *e, uint32_t now)
{
	return s->family == e->family && s->address.hi == e->address.hi &&
	       s->address.lo == e->address.lo && s->port_lo <= e->port && e->port <= s->port_hi &&
	       (!s->proto || s->proto == e->proto) && (!s->until || now < s->until);
}

static void add_slot(struct slots *slots, uint32_t slot)
{
	for (size_t i = 0; i < slots->count; i++)
		if (slots->slot[i] == slot)
			return;
	if (slot && slots->count < slots->room)
		slots->slot[slots->count++] = slot;
}

static void add_element(struct slots *slots, const struct set *set, const struct end *e)
{
	uint32_t now = boottime_seconds();
	const struct element4 *e4 = e->family == 4 ? set_find4(set, e->address.lo, now) : NULL;
	const struct element6 *e6 = e->family == 6 ? set_find6(set, &e->address, now) : NULL;
	const struct element_port *port = e->has_port ? set_find_port(set, e->port, now) : NULL;

	add_slot(slots, e4 ? e4->slot : 0);
	add_slot(slots, e6 ? e6->slot : 0);
	add_slot(slots, port ? port->slot : 0);
	for (size_t i = 0; i < set->service_count && e->has_port; i++)
		if (service_is(&set->services[i], e, now))
			add_slot(slots, set->services[i].slot);
}

void element_oracle_end(const struct ruleset *rules, const struct packet *packet, bool source,
			struct slots *slots)
{
	const struct end end = end_of(packet, source);

	for (size_t i = 0; i < rules->set_count; i++)
		if (rules->sets[i].counters && is_looked_for(rules, rules->sets[i].name, source))
			add_element(slots, &rules->sets[i], &end);
}

size_t element_oracle(const struct ruleset *rules, const struct packet *packet, uint32_t *slots,
		      size_t room)
{
	struct slots found = { slots, 0, room };

	element_oracle_end(rules, packet, true, &found);
	element_oracle_end(rules, packet, false, &found);
	return found.count;
}
