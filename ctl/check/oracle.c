/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * oracle.c - the oracle: what the rules say of a packet, by the plainest search of the list. It
 * shares nothing with the compiler but struct rule, so that a mistake is not made twice.
 */
#include "oracle_match.h"

/* Rules that have a say, in the list's order. */
struct hearing {
	const struct rule *sure;     /* the first that the packet surely matches; or NULL */
	const struct rule *may_drop; /* before that, the first that may match it and drops; or NULL */
	const struct rule *may_pass; /* and that passes, or limits */
};

static void hear(const struct ruleset *rules, const struct subject *s, struct hearing *ret)
{
	*ret = (struct hearing){};
	for (size_t i = 0; i < rules->count && !ret->sure; i++) {
		const struct rule *rule = &rules->rules[i];
		const struct rule **may = rule->action == ACTION_DROP ? &ret->may_drop
								      : &ret->may_pass;
		enum answer answer;

		if (rule->action == ACTION_AUDIT)
			continue;
		answer = rule_matches(rule, s);
		if (answer == YES)
			ret->sure = rule;
		else if (answer == MAYBE && !*may)
			*may = rule;
	}
}

static bool drops(const struct ruleset *rules, const struct rule *rule)
{
	return rule ? rule->action == ACTION_DROP : rules->policy == VERDICT_DROP;
}

/* The rule that decides; NULL: the policy does. */
static const struct rule *decider_of(const struct ruleset *rules, const struct hearing *h,
				     bool hides)
{
	if (hides)
		return h->may_drop ?: h->sure;
	if (h->may_pass)
		return h->may_pass;
	return h->may_drop && drops(rules, h->sure) ? h->may_drop : h->sure;
}

/* Audit rules up to the one that decides. */
static void audit(const struct ruleset *rules, const struct subject *s,
		  const struct rule *decider, struct oracle_answer *ret)
{
	ret->audit_count = 0;
	for (size_t i = 0; i < rules->count && &rules->rules[i] != decider; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->action == ACTION_AUDIT && rule_matches(rule, s) == YES &&
		    ret->audit_count < MAX_AUDITS) /* a list with more does not compile */
			ret->audits[ret->audit_count++] = rule->slot;
	}
}

void oracle_ask(const struct ruleset *rules, const struct packet *packet,
		const struct envelope *envelope, enum hook_id hook,
		struct oracle_answer *ret)
{
	struct subject s = subject_of(packet, envelope, hook, rules);
	bool hides = packet->id.kind & KIND_HIDDEN;
	const struct rule *decider;
	struct hearing h;

	hear(rules, &s, &h);
	decider = decider_of(rules, &h, hides);
	ret->verdict = drops(rules, decider) ? VERDICT_DROP : VERDICT_PASS;
	ret->slot = decider ? decider->slot : 0;
	ret->unsure = h.may_drop || (h.may_pass && !hides);
	/* What may be of a limit is not charged to it. */
	ret->limited = decider && decider->action == ACTION_LIMIT && decider == h.sure;
	audit(rules, &s, decider, ret);
}
