/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * overlay_check.c - does an edit in place do what its rule says, and nothing else? Asked before it is put in force, on
 * packets at the edges of the rule's values: where the rule matches and precedes the rule that decided until
 * then, it decides; elsewhere all is as it was.
 */
#include <errno.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "overlay_check.h"
#include "probe.h"

#define VARIANTS 40 /* of one edge */
#define RANDOM 2000 /* packets */

struct check {
	struct probes probes;
	const struct blob *blob;
	uint64_t before, after;
	uint32_t number;
	struct fault *fault;
};

static int compare(struct check *c, const struct probe *d)
{
	const struct rule *rule = c->probes.rules->rules;
	struct decision old, new;
	struct oracle_answer list;
	struct envelope e;
	struct packet p;
	struct walk walk;
	struct key key;
	bool decides;
	uint32_t met;

	probe_packet(d, &p, &e);
	classify_as(c->blob, c->before, &p, &e, d->hook, &walk, &key, &met);
	decide(&walk, &old);
	oracle_ask(c->probes.rules, &p, &e, d->hook, &list);
	decides = list.slot == rule->slot && c->number < FOUND_RULE(walk.best);
	classify_as(c->blob, c->after, &p, &e, d->hook, &walk, &key, &met);
	decide(&walk, &new);
	/* What a later fragment might match is a matter of several rules. */
	if ((p.id.kind & (KIND_LATER | KIND_HIDDEN)) == KIND_LATER &&
	    (old.unsure || new.unsure || list.unsure))
		return 0;
	if (new.slot == (decides ? list.slot : old.slot) &&
	    new.verdict == (decides ? list.verdict : old.verdict))
		return 0;
	fault_set(c->fault, -EBADE, EXIT_REFUSED,
		  "the rule was compiled wrongly, this is a bug in netctl: it counts on %u, and a "
		  "packet decided by %u is then decided by %u",
		  rule->slot, old.slot, new.slot);
	fault_hint(c->fault, "nothing was changed; please report the rules with this message");
	return -EBADE;
}

static int try_match(struct check *c, const struct match *m)
{
	const struct rule *rule = c->probes.rules->rules;
	struct probe d;
	int r = 0;

	for (size_t i = 0; i < MAX(m->count, 1); i++)
		for (int edge = 0; edge < EDGES && !r; edge++) {
			probe_satisfy(&c->probes, &d, rule);
			probe_put(&c->probes, &d, m, m->count ? &m->values[i] : NULL, edge);
			r = compare(c, &d);
			for (int n = 0; n < VARIANTS && !r; n++) {
				probe_disturb(&c->probes, &d);
				r = compare(c, &d);
			}
		}
	return r;
}

int overlay_check(const struct blob *blob, uint64_t before, uint64_t after,
		  const struct ruleset *alone, uint32_t number, struct fault *fault)
{
	const struct rule *rule = alone->rules;
	struct check c = {
		.probes = { .rules = alone, .random = number },
		.blob = blob,
		.before = before,
		.after = after,
		.number = number,
		.fault = fault,
	};
	struct probe d;
	int r = 0;

	for (size_t i = 0; i < rule->count && !r; i++)
		r = try_match(&c, &rule->matches[i]);
	for (int i = 0; i < RANDOM && !r; i++) {
		probe_random(&c.probes, &d);
		r = compare(&c, &d);
	}
	return r;
}
