/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookup.c - which sets rules use, their directory, and the classes of each. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "lookup.h"

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct lookup_set *)a)->set->name,
		      ((const struct lookup_set *)b)->set->name);
}

static struct lookup_set *find_name(const struct lookup_set *sets, size_t count, const char *name)
{
	struct set named;
	struct lookup_set key = { &named, 0 };

	memcpy(named.name, name, sizeof(named.name));
	return bsearch(&key, sets, count, sizeof(*sets), compare_names);
}

/* Boxes have the ports of sets; what counts for each of them is looked up. */
static bool is_looked_up(const struct set *set)
{
	return set->type != SET_PORTS || set->counters;
}

static int note_uses(const struct rule *rule, const struct lookup_set *sets, size_t count,
		     struct fault *fault)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *match = &rule->matches[i];
		uint8_t directions = match_fields[match->field].ends;

		for (size_t j = 0; directions && j < match->count; j++) {
			const struct value *v = &match->values[j];
			struct lookup_set *used = v->is_set ? find_name(sets, count, v->set) : NULL;

			if (v->is_set && !used)
				return fault_set(fault, -EINVAL, EXIT_USAGE, "no set '@%s'",
						 v->set);
			if (used && is_looked_up(used->set))
				used->directions |= directions;
		}
	}
	return 0;
}

/* Those that some rule looks for. */
static int find_used(struct lookup *m, const struct ruleset *rules, struct fault *fault)
{
	size_t used = 0;
	int r = 0;

	m->sets = calloc(rules->set_count + 1, sizeof(*m->sets));
	if (!m->sets)
		return -ENOMEM;
	for (size_t i = 0; i < rules->set_count; i++)
		m->sets[i].set = &rules->sets[i];
	qsort(m->sets, rules->set_count, sizeof(*m->sets), compare_names);
	for (size_t i = 0; i < rules->count && !r; i++)
		if (!rules->rules[i].disabled)
			r = note_uses(&rules->rules[i], m->sets, rules->set_count, fault);
	for (size_t i = 0; i < rules->set_count; i++) {
		if (m->sets[i].set->type == SET_PORTS)
			m->port_directions |= m->sets[i].directions;
		else
			m->directions |= m->sets[i].directions;
		if (m->sets[i].directions)
			m->sets[used++] = m->sets[i];
	}
	m->set_count = used;
	return r;
}

/* One record for all ports that count, of whatever address. */
static int build_ports(struct lookup *m, uint32_t now)
{
	autofree struct port_holder *ports = NULL;
	size_t count = 0, capacity = 0;
	int r = 0;

	for (size_t i = 0; i < m->set_count && !r; i++) {
		const struct set *set = m->sets[i].set;

		r = array_reserve(ports, count, set->port_count, &capacity);
		for (size_t j = 0; j < set->port_count && !r; j++) {
			const struct element_port *e = &set->ports[j];

			if (!element_is_over(e->until, now))
				ports[count++] = (struct port_holder){
					{ (uint32_t)i, e->until, e->slot }, e->lo, e->hi, 0
				};
		}
	}
	if (!count)
		m->port_directions = 0;
	if (r < 0 || !count)
		return r;
	r = record_of_services(m, NULL, 0, ports, count, &m->port_record);
	if (!r)
		m->port_steps = record_steps(&m->records[m->port_record]);
	return r;
}

static int build(struct lookup *m, uint32_t now)
{
	int r = set_classes_init(&m->classes, m->set_count);

	for (enum family f = FAMILY_IP4; f <= FAMILY_IP6 && !r; f++)
		r = lookup_intervals(m, f, now);
	if (!r && m->port_directions)
		r = build_ports(m, now);
	if (!r)
		r = dense4_take(m);
	if (!r)
		r = set_classes_order(&m->classes);
	if (r < 0)
		return r;
	outcomes_settle(m);
	dense4_settle(&m->dense4, &m->classes);
	for (enum family f = FAMILY_IP4; f <= FAMILY_IP6; f++)
		btree_settle(&m->tree[f], &m->classes);
	return 0;
}

int lookup_build(const struct ruleset *rules, uint32_t now, struct lookup *ret, struct fault *fault)
{
	struct lookup m = {};
	int r = find_used(&m, rules, fault);

	if (!r && m.set_count)
		r = build(&m, now);
	if (r == -E2BIG)
		r = fault_set(
			fault, -EINVAL, EXIT_REFUSED,
			"the sets that rules use overlap in more than %d ways, or more than %d "
			"elements with a time of their own, or %d with counters, are at one "
			"address or port, and this version tells no more apart",
			MAX_CLASSES - 1, MAX_CHAIN - 1, MAX_LOOKUP_SLOTS);
	if (r < 0)
		lookup_free(&m);
	else
		*ret = m;
	return r;
}

void lookup_free(struct lookup *lookup)
{
	set_classes_free(&lookup->classes);
	outcomes_free(&lookup->outcomes);
	free(lookup->sets);
	dense4_free(&lookup->dense4);
	free(lookup->records);
	free(lookup->steps);
	free(lookup->tree[FAMILY_IP4].leaves);
	free(lookup->tree[FAMILY_IP6].leaves);
	btree6_free(&lookup->tree[FAMILY_IP6]);
	*lookup = (struct lookup){};
}

int lookup_spans(const struct lookup *lookup, const char *name, struct spans *ret)
{
	const struct lookup_set *set = find_name(lookup->sets, lookup->set_count, name);
	const struct set_classes *c = &lookup->classes;
	size_t i = set - lookup->sets;
	int r = 0;

	if (!set)
		return 0;
	for (size_t class = 1; class < c->count && !r; class ++)
		if (c->bits[c->order[class] * c->words + i / 64] >> i % 64 & 1)
			r = spans_add(ret, class, class);
	return r;
}
