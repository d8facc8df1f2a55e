/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * random_rules.c - makes rules out of small pools, so that they overlap and packets meet several;
 * the values of most fields are those of random_value.c.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ctl/compile/expand.h"
#include "../../ctl/compile/packet_classes.h"
#include "../../ctl/text/rule_parse.h"
#include "../../ctl/text/rule_print.h"
#include "random_maker.h"
#include "random_value.h"

#define MOST_BOXES 48 /* of a rule in one family */
#define MOST_MET 6    /* of those that most packets meet, as addresses and ports leave them open */

const char *const manner_names[MANNER_COUNT] = {
#define X(id, name) [MANNER_##id] = name,
	MANNERS(X)
#undef X
};

/* One set, perhaps another; of services where a packet has one end in mind. */
static void put_set(struct maker *m, const char *word)
{
	fprintf(m->out, "%s %s @a%u", below(m->prng, 8) ? "" : " not", word,
		below(m->prng, ADDRESS_SETS));
	if (*word != 'h' && !below(m->prng, 4))
		fprintf(m->out, ",@v%u", below(m->prng, SERVICE_SETS));
	else if (!below(m->prng, 4))
		fprintf(m->out, ",@a%u", below(m->prng, ADDRESS_SETS));
}

/* "family": 4, 6, or 0 for either. */
static void put_addresses(struct maker *m, const char *word, int family, uint32_t most)
{
	uint32_t count = below(m->prng, 4) ? 1 : 1 + below(m->prng, most);
	bool negated = m->manner != MANNER_IP6 && !below(m->prng, 8);

	if (m->manner == MANNER_SETS && below(m->prng, 2)) {
		put_set(m, word);
		return;
	}
	fprintf(m->out, "%s %s", negated ? " not" : "", word);
	for (uint32_t i = 0; i < count; i++) {
		fputc(i ? ',' : ' ', m->out);
		if (family ? family == 6 : below(m->prng, 2))
			maker_ip6(m);
		else
			maker_ip4(m);
	}
}

/* ---- other fields: a list of values, negated now and then ---- */

/* As a rule of this match alone prints it, but for the action. */
static void put_values(struct maker *m, enum field field)
{
	struct value values[3];
	struct match match = { .field = field, .negated = !below(m->prng, 4), .values = values };
	struct rule rule = { .action = ACTION_PASS, .count = 1, .matches = &match };
	autofree char *text = NULL;

	if (match_fields[field].kind != VALUE_NONE)
		match.count = 1 + below(m->prng, ARRAY_SIZE(values)) * below(m->prng, 2);
	for (size_t i = 0; i < match.count; i++)
		random_value(m->prng, field, &values[i]);
	if (rule_print(&rule, &text) < 0)
		err(1, "printing a rule");
	fputs(strchr(text, ' '), m->out);
}

/* Most are one, or the high ones, or any, as in ClassBench's seeds. */
static void put_port(struct maker *m, const char *word)
{
	uint32_t lo = below(m->prng, 65536);

	if (m->manner == MANNER_SETS && *word == 'd' && !below(m->prng, 4)) {
		fprintf(m->out, " %s @p%u", word, below(m->prng, PORT_SETS));
		return;
	}
	switch (below(m->prng, 6)) {
	case 0:
		fprintf(m->out, " %s 1024-65535", word);
		break;
	case 1:
		fprintf(m->out, " %s 0-1023", word);
		break;
	case 2:
		fprintf(m->out, " %s %u-%u", word, lo, lo + below(m->prng, 65536 - lo));
		break;
	case 3:
		fprintf(m->out, " %s %u,%u", word, lo, below(m->prng, 1024));
		break;
	default:
		fprintf(m->out, " %s %u", word, below(m->prng, 2) ? lo : below(m->prng, 64) * 16);
	}
}

/* ---- rules ---- */

/* Any field that no tuple has. */
static void put_other(struct maker *m)
{
	enum field field = FIELD_SRC;

	while (field_is_address(field) || field == FIELD_SPORT || field == FIELD_DPORT)
		field = below(m->prng, FIELDS);
	put_values(m, field);
}

static void put_tuple(struct maker *m)
{
	static const char *const protos[] = {
		"tcp", "tcp", "tcp", "udp", "udp", "tcp,udp", "sctp"
	};
	int family = m->manner == MANNER_IP6 || below(m->prng, 3) == 0 ? 6 : 4;
	bool ports = below(m->prng, 4);

	if (ports)
		fprintf(m->out, " proto %s", PICK(m->prng, protos));
	else if (below(m->prng, 2))
		fprintf(m->out, " proto %s", family == 6 ? "icmpv6" : "icmp,gre");
	if (below(m->prng, 8))
		put_addresses(m, "src", family, 2);
	if (below(m->prng, 8))
		put_addresses(m, "dst", family, 2);
	if (ports && !below(m->prng, 3))
		put_port(m, "sport");
	if (ports && below(m->prng, 4))
		put_port(m, "dport");
	if (m->manner == MANNER_SETS && !below(m->prng, 8))
		put_set(m, "host");
	if (m->manner != MANNER_IP6 && !below(m->prng, 16))
		put_other(m);
}

static void put_field(struct maker *m, enum field field)
{
	if (field_is_address(field))
		put_addresses(m, match_fields[field].word, 0, field == FIELD_HOST ? 3 : 4);
	else if (field == FIELD_SPORT || field == FIELD_DPORT)
		put_port(m, match_fields[field].word);
	else
		put_values(m, field);
}

static void put_fields(struct maker *m)
{
	uint32_t count = (below(m->prng, 8) ? 2 : 1) + below(m->prng, 4);

	for (uint32_t i = 0; i < count; i++)
		put_field(m, i == 0 && m->about < FIELDS ? m->about : below(m->prng, FIELDS));
}

/* The part of an axis that a span leaves open, in bits to go without; most packets vary little more. */
static double bits_of(const struct span *span, double full, double most)
{
	double open = log2((double)(span->hi - span->lo) + 1);

	return MIN(full - open, most);
}

/* IPv6 addresses of the pools differ in some of their first bits only. */
static double address_bits(const struct span *span, enum family family)
{
	double prefix = bits_of(span, family == FAMILY_IP6 ? 128 : 32, 128);

	if (family != FAMILY_IP6)
		return prefix;
	return prefix <= 32 ? prefix * 6 / 32 : 6 + (prefix - 32) / 2;
}

/* How narrow by what trees part boxes by. */
static double end_bits(const struct cube *cube, enum family family)
{
	const struct span *a = cube->axis;

	return address_bits(&a[AXIS_SRC], family) + address_bits(&a[AXIS_DST], family) +
	       bits_of(&a[AXIS_SPORT], 16, 6) + bits_of(&a[AXIS_DPORT], 16, 6);
}

/* How narrow: one packet in 2 to the power of that is in it, very roughly. */
static double cube_bits(const struct cube *cube, enum family family)
{
	const struct span *a = cube->axis;
	double bits = bits_of(&a[AXIS_LEN], 16, 3);

	if (family == FAMILY_OTHER)
		return bits + bits_of(&a[AXIS_DPORT], 16, 3);
	return bits + end_bits(cube, family) + bits_of(&a[AXIS_PROTO], 8, 2) +
	       bits_of(&a[AXIS_FRAG], 1.6, 3) + __builtin_popcount(cube->tcp_mask);
}

/*
 * How many boxes; 0: there are too many in a family, or one as broad as that many bits, which hides
 * too much of the rules behind it.
 */
static size_t count_boxes(const struct rule *rule, const struct scope *scope, double bits)
{
	size_t boxes = 0;

	for (enum family f = 0; f < FAMILIES; f++) {
		autocubes struct cubes cubes = {};
		size_t met = 0;

		if (rule_expand(rule, f, scope, &cubes) < 0 || cubes.count > MOST_BOXES)
			return 0;
		boxes += cubes.count;
		for (size_t i = 0; i < cubes.count && f != FAMILY_OTHER; i++) {
			if (cube_bits(&cubes.cube[i], f) < bits)
				return 0;
			met += end_bits(&cubes.cube[i], f) < 4;
		}
		if (met > MOST_MET)
			return 0;
	}
	return boxes;
}

/* Does it mean something, and not too much? */
static bool is_useful(struct rule *rule, double bits)
{
	const struct ruleset alone = { .count = 1, .rules = rule };
	struct packet_classes classes = {};
	const struct scope scope = { .rules = &alone, .classes = &classes };
	bool useful = packet_classes_build(&alone, &classes, NULL) == 0 &&
		      count_boxes(rule, &scope, bits);

	packet_classes_free(&classes);
	return useful;
}

/*
 * A rate that is never reached, or one at which nothing comes back in a day: what passes can be
 * told without a clock.
 */
static void put_limit(struct maker *m)
{
	static const char *const plenty[] = { "1000000000pps burst 1000000000", "1000gbit",
					      "1000gbit burst 1g per src",
					      "1000000000pps per flow" };
	static const char *const keys[] = { "",	   "",		  "",	  " per src/8/32",
					    " per src/16", " per dst/8", " per dst/4/36", " per flow" };

	if (below(m->prng, 2))
		fprintf(m->out, "limit %s", PICK(m->prng, plenty));
	else
		fprintf(m->out, "limit 1/d burst %u%s", 1 + below(m->prng, 5), PICK(m->prng, keys));
}

static void put_action(struct maker *m, bool audit)
{
	if (!audit && m->limits && !below(m->prng, m->limits))
		put_limit(m);
	else
		fprintf(m->out, "%s", audit ? "audit" : below(m->prng, 4) ? "drop" : "pass");
}

/* The text is the caller's either way. */
static bool make_rule(struct maker *m, bool audit, double bits, char **ret)
{
	struct fault fault = {};
	struct rule rule = {};
	size_t size;
	bool good;

	*ret = NULL;
	m->out = open_memstream(ret, &size);
	put_action(m, audit);
	if (m->manner == MANNER_FIELDS)
		put_fields(m);
	else
		put_tuple(m);
	if (m->limits && !below(m->prng, m->limits))
		fprintf(m->out, " for 2h");
	fclose(m->out);
	good = rule_parse(*ret, &rule, &fault) == 0;
	free(fault.source);
	if (!good)
		return false;
	good = strchr(*ret, '@') || is_useful(&rule, bits);
	rule_free(&rule);
	return good;
}

char **maker_rules(struct maker *m, size_t count)
{
	double most = MIN(log2(count + 1) * 2, m->manner == MANNER_FIELDS ? 10 : 30);
	char **rules = calloc(count + 1, sizeof(*rules));

	for (size_t i = 0; i < count;) {
		bool audit = m->manner != MANNER_IP6 && !below(m->prng, MAX(count / 4, 8u));

		/* Broader and broader towards the end, as in lists that people write. */
		if (make_rule(m, audit, audit ? 0 : most * (count - i) / count, &rules[i]))
			i++;
		else
			free(rules[i]);
	}
	rules[count] = NULL;
	return rules;
}

char **random_rules(enum manner manner, uint64_t seed, size_t count)
{
	struct prng prng = prng_seed(seed);
	struct maker *m = calloc(1, sizeof(*m));
	char **rules;

	maker_begin(m, &prng, manner, count);
	rules = maker_rules(m, count);
	free(m);
	return rules;
}

void random_rules_free(char **rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rules[i]);
	free(rules);
}
