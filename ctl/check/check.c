/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check.c - does a blob say of packets what its list says? Asked before every swap, on packets at
 * the edges of every value in the rules. The packets are the same in every run.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../rules/rule_uses.h"
#include "check.h"
#include "probe.h"

#define MOST_PACKETS 20000
#define MOST_WORK \
	24000000 /* rules walked by the oracle over all packets: what keeps long lists quick */
#define MOST_VARIANTS 12 /* of one edge */
#define MOST_ELEMENTS 64 /* of a set, drawn at random, each time it is named */

struct check {
	struct probes probes;
	const struct blob *blob;
	size_t left; /* packets still to try */
	struct fault *fault;
};

static int differ(struct check *c, const struct packet *p, enum hook_id hook,
		  const struct decision *walk, const struct oracle_answer *list)
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

static int compare(struct check *c, const struct probe *d)
{
	struct oracle_answer list;
	struct decision walk;
	struct envelope e;
	struct packet p;

	c->left -= !!c->left;
	probe_packet(d, &p, &e);
	oracle_ask(c->probes.rules, &p, &e, d->hook, &list);
	classify(c->blob, &p, &e, d->hook, &walk);
	if (walk.verdict == list.verdict && walk.slot == list.slot &&
	    !walk.unsure == !list.unsure &&
	    walk.audits == list.audit_count && (!walk.audits || walk.audit == list.audits[0]))
		return 0;
	return differ(c, &p, d->hook, &walk, &list);
}

/*
 * One edge of one value (NULL: of the match itself), the rest as the rule wants it, and variants of
 * that.
 */
static int try_edge(struct check *c, const struct rule *rule, const struct match *m,
		    const struct value *v, enum edge edge, size_t variants)
{
	struct probe d;
	size_t i;
	int r;

	probe_satisfy(&c->probes, &d, rule);
	probe_put(&c->probes, &d, m, v, edge);
	r = compare(c, &d);
	for (i = 1; r == 0 && i < variants; i++) {
		probe_disturb(&c->probes, &d);
		r = compare(c, &d);
	}
	return r;
}

/* How often a value is tried: a set with as many of its elements. */
static size_t times_of(const struct ruleset *rules, const struct match *m, size_t k)
{
	const struct set *named = NULL;

	if (m->count && m->values[k].is_set)
		named = ruleset_find_set(rules, m->values[k].set);
	return named ? MIN(1 + set_size(named), MOST_ELEMENTS) : 1;
}

static size_t count_values(const struct ruleset *rules)
{
	size_t values = 0, i, j, k;

	for (i = 0; i < rules->count; i++) {
		for (j = 0; j < rules->rules[i].count; j++) {
			const struct match *m = &rules->rules[i].matches[j];

			for (k = 0; k < MAX(m->count, 1); k++)
				values += times_of(rules, m, k);
		}
	}
	return values;
}

/* Every edge of every value, or as many as the budget allows, spread over all. */
static int try_edges(struct check *c)
{
	size_t edges = EDGES * count_values(c->probes.rules), seen = 0, i, j, k;
	size_t stride = edges / (c->left + 1) + 1;
	size_t variants = MIN(edges ? c->left / 2 / edges : 0, MOST_VARIANTS);
	size_t edge, times;
	int r = 0;

	for (i = 0; i < c->probes.rules->count; i++) {
		const struct rule *rule = &c->probes.rules->rules[i];

		for (j = 0; j < rule->count; j++) {
			const struct match *m = &rule->matches[j];

			for (k = 0; k < MAX(m->count, 1); k++) {
				const struct value *v = m->count ? &m->values[k] : NULL;

				times = EDGES * times_of(c->probes.rules, m, k);
				for (edge = 0; edge < times && r == 0; edge++)
					if (seen++ % stride == 0)
						r = try_edge(c, rule, m, v, edge % EDGES, variants);
			}
		}
	}
	return r;
}

/* The oracle's, of one packet: rules, values, and sets found by name. */
static size_t work_of(const struct ruleset *rules)
{
	size_t work = rules->count;

	for (size_t i = 0; i < rules->count; i++)
		for (size_t j = 0; j < rules->rules[i].count; j++)
			for (size_t k = 0; k < MAX(rules->rules[i].matches[j].count, 1); k++)
				work += 1 + (rule_uses_sets(&rules->rules[i]) ? rules->set_count / 4
									      : 0);
	return work;
}

/* Will it be judged otherwise later? */
static bool is_timed(const struct ruleset *rules)
{
	bool timed = false;

	for (size_t i = 0; i < rules->count; i++)
		timed |= rules->rules[i].until != 0;
	for (size_t i = 0; i < rules->set_count; i++)
		timed |= set_is_timed(&rules->sets[i]);
	return timed;
}

static int try_packets(struct check *c)
{
	struct probe d;
	int r;

	c->left = MIN(MOST_WORK / (work_of(c->probes.rules) + 1), MOST_PACKETS);
	r = try_edges(c);
	while (r == 0 && c->left) {
		probe_random(&c->probes, &d);
		if (c->probes.rules->count && probe_below(&c->probes, 4))
			probe_satisfy(&c->probes, &d,
				      &c->probes.rules->rules[probe_below(&c->probes,
									  c->probes.rules->count)]);
		for (uint32_t n = c->probes.rules->count ? 1 + probe_below(&c->probes, 5) : 0; n;
		     n--)
			probe_disturb(&c->probes, &d);
		r = compare(c, &d);
	}
	return r;
}

/* As things are now, and as they will be when every timed rule and element is gone. */
int ruleset_check(const struct ruleset *rules, const struct blob *blob, struct fault *fault)
{
	struct check c = { .probes = { .rules = rules, .random = 1 },
			   .blob = blob,
			   .fault = fault };
	bool timed = is_timed(rules);
	uint32_t held = boottime_seconds_hold(boottime_seconds());
	int r = try_packets(&c);
	boottime_seconds_hold(UINT32_MAX);
	if (!r && timed)
		r = try_packets(&c);
	boottime_seconds_hold(held);
	return r;
}
