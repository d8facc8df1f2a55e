/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* field_tally.c - headers, edges and differences by field. */
#include <inttypes.h>
#include <stdio.h>

#include "../../ctl/rules/names.h"
#include "field_tally.h"

void field_tally_rules(struct field_tally *tally, const struct ruleset *rules)
{
	tally->asked = 0;
	for (size_t i = 0; i < rules->count; i++)
		for (size_t n = 0; n < rules->rules[i].count; n++)
			tally->asked |= 1u << rules->rules[i].matches[n].field;
}

/* Does it have what the field needs? */
static bool has(const struct packet *p, enum field field)
{
	switch (match_fields[field].needs) {
	case NEEDS_IP:
	case NEEDS_PROTO:
		return p->id.kind & (KIND_IP4 | KIND_IP6);
	case NEEDS_TCP:
		return p->id.kind & KIND_PORTS && ID_PROTO(p->id.tags) == PROTO_TCP;
	case NEEDS_ICMP:
		return p->id.kind & KIND_PORTS && !protocol_has_ports(ID_PROTO(p->id.tags));
	case NEEDS_PORTS:
		return p->id.kind & KIND_PORTS && protocol_has_ports(ID_PROTO(p->id.tags));
	default:
		return true;
	}
}

void field_tally_packet(struct field_tally *tally, const struct packet *packet, uint32_t edges)
{
	for (uint32_t left = tally->asked; left; left &= left - 1) {
		enum field field = __builtin_ctz(left);

		if (!has(packet, field))
			continue;
		tally->of[field].headers++;
		tally->of[field].edges += edges >> field & 1;
	}
}

void field_tally_differences(struct field_tally *tally, uint64_t differences)
{
	for (uint32_t left = tally->asked; left; left &= left - 1)
		tally->of[__builtin_ctz(left)].differences += differences;
}

void field_tally_add(struct field_tally *to, const struct field_tally *from)
{
	for (int i = 0; i < FIELDS; i++) {
		__atomic_fetch_add(&to->of[i].headers, from->of[i].headers, __ATOMIC_RELAXED);
		__atomic_fetch_add(&to->of[i].edges, from->of[i].edges, __ATOMIC_RELAXED);
		__atomic_fetch_add(&to->of[i].differences, from->of[i].differences,
				   __ATOMIC_RELAXED);
	}
}

void field_tally_print(const struct field_tally *tally)
{
	for (int i = 0; i < FIELDS; i++)
		if (tally->of[i].headers)
			printf("field %s: %" PRIu64 " headers, %" PRIu64 " at an edge, %" PRIu64
			       " differences\n",
			       name_text(field_names, i), tally->of[i].headers, tally->of[i].edges,
			       tally->of[i].differences);
}
