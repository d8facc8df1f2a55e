/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule_check.c - refuses rules that no packet can satisfy, and says which two matches are at odds.
 *
 * A match speaks only of packets it applies to, also when negated: "not dport 53" of packets with
 * ports. What is not found here (three matches that only together exclude everything) the compiler
 * finds.
 */
#include <errno.h>
#include <string.h>

#include "../../bpf/parse/packet.h"
#include "parser.h"
#include "rule_check.h"

/* Protocols as a set. */
struct protocols {
	uint64_t word[4];
};

static void protocols_add(struct protocols *set, unsigned int protocol)
{
	set->word[protocol / 64] |= UINT64_C(1) << protocol % 64;
}

static bool protocols_overlap(const struct protocols *a, const struct protocols *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->word); i++) {
		if (a->word[i] & b->word[i])
			return true;
	}
	return false;
}

/* The protocols of packets that a match can hold for. */
static struct protocols match_protocols(const struct match *match)
{
	struct protocols set = {};

	switch (match_fields[match->field].needs) {
	case NEEDS_PORTS:
		for (size_t i = 0; i < ARRAY_SIZE(port_protocols); i++)
			protocols_add(&set, port_protocols[i]);
		break;
	case NEEDS_TCP:
		protocols_add(&set, 6);
		break;
	case NEEDS_ICMP:
		if (match_families(match) & ON_IP4)
			protocols_add(&set, 1);
		if (match_families(match) & ON_IP6)
			protocols_add(&set, 58);
		break;
	default:
		for (unsigned int protocol = 0; protocol < 256; protocol++)
			if (match->field != FIELD_PROTO ||
			    match_lists(match, protocol) != match->negated)
				protocols_add(&set, protocol);
	}
	return set;
}

static bool lists_overlap(const struct match *a, const struct match *b)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			if (value_overlaps(a->field, &a->values[i], &b->values[j]))
				return true;
		}
	}
	return false;
}

/* Whether each of the plain match's values is excluded by one of the negated match's. */
static bool list_excluded(const struct match *plain, const struct match *negated)
{
	for (size_t i = 0; i < plain->count; i++) {
		bool covered = false;

		for (size_t j = 0; j < negated->count && !covered; j++)
			covered =
				value_covers(plain->field, &negated->values[j], &plain->values[i]);
		if (!covered)
			return false;
	}
	return true;
}

static bool same_field_odds(const struct match *a, const struct match *b)
{
	if (match_fields[a->field].kind == VALUE_NONE)
		return a->negated != b->negated;
	if (a->negated != b->negated)
		return a->negated ? list_excluded(b, a) : list_excluded(a, b);
	return !a->negated && !match_fields[a->field].two && !lists_overlap(a, b);
}

static bool at_odds(const struct match *a, const struct match *b)
{
	struct protocols of_a = match_protocols(a), of_b = match_protocols(b);

	return (a->field == b->field && same_field_odds(a, b)) ||
	       !(match_families(a) & match_families(b)) || !(match_hooks(a) & match_hooks(b)) ||
	       !protocols_overlap(&of_a, &of_b);
}

/* "not len 0-65535" and the like. */
static bool excludes_all(const struct match *match)
{
	uint32_t next = 0;

	if (!match->negated || match_fields[match->field].kind != VALUE_RANGE)
		return false;
	/* Sorted: each value must begin where those before it end. Nobody knows what sets hold. */
	for (size_t i = 0; i < match->count; i++) {
		if (match->values[i].is_set)
			continue;
		if (match->values[i].range.lo > next)
			break;
		next = MAX(next, match->values[i].range.hi + 1);
	}
	return next > match_fields[match->field].max;
}

/* Why two matches that are at odds are: a field that the packets of some hooks have not. */
static void hint_hooks(struct rule_parser *p, const struct match *a, const struct match *b)
{
	const struct match *of = match_fields[a->field].only_on ? a : b;
	unsigned int hooks = match_fields[of->field].only_on;

	if (!hooks || match_hooks(a) & match_hooks(b))
		return;
	parser_hint(p, "packets have %s at %s alone", match_fields[of->field].word,
		    hooks_text(hooks));
}

/*
 * IPv6 packets show the protocol behind the headers that are walked, so that "proto ah" would hold
 * for none of those that have one. IPv4 walks none: there all numbers are protocols.
 */
static int check_walked(struct rule_parser *p, const struct match *match, struct piece at)
{
	uint8_t families = rule_families(&p->rule);

	for (size_t i = 0; families & ON_IP6 && i < match->count; i++) {
		uint8_t n = (uint8_t)match->values[i].range.lo;

		if (!is_walked(n))
			continue;
		parser_fault(p, at, "'%s' (%u) is no protocol of IPv6: a header on the way to it",
			     name_text(protocol_names, n), n);
		if (n == PROTO_FRAGMENT)
			parser_hint(p, "later fragments are matched by 'frag'");
		else if (families & ON_IP4)
			parser_hint(p, "in rules of IPv4 it may be named: add 'ethertype ip'");
		return -EINVAL;
	}
	return 0;
}

int rule_check(struct rule_parser *p)
{
	const struct match *m = p->rule.matches;

	for (size_t i = 0; i < p->rule.count; i++) {
		struct piece at = p->pieces[i];

		if (excludes_all(&m[i]) ||
		    (match_fields[m[i].field].kind != VALUE_NONE && !m[i].count))
			return parser_fault(p, at, "this rule can never match: '%.*s'",
					    (int)(at.end - at.begin), p->text + at.begin);
		for (size_t j = 0; j < i; j++) {
			struct piece with = p->pieces[j];

			if (!at_odds(&m[j], &m[i]))
				continue;
			parser_fault(p, at, "this rule can never match: '%.*s' with '%.*s'",
				     (int)(with.end - with.begin), p->text + with.begin,
				     (int)(at.end - at.begin), p->text + at.begin);
			hint_hooks(p, &m[j], &m[i]);
			return -EINVAL;
		}
	}
	for (size_t i = 0; i < p->rule.count; i++)
		if (m[i].field == FIELD_PROTO && check_walked(p, &m[i], p->pieces[i]) < 0)
			return -EINVAL;
	return 0;
}

bool rule_is_possible(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		for (size_t j = 0; j < i; j++)
			if (at_odds(&rule->matches[j], &rule->matches[i]))
				return false;
	return true;
}
