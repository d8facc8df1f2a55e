/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_rules.h - random rulesets as text, the same for the same seed. */
#ifndef NETCTL_TESTS_RANDOM_RULES_H
#define NETCTL_TESTS_RANDOM_RULES_H

#include <stddef.h>

#include "../../ctl/rules/ruleset.h"
#include "prng.h"

/*
 * X(id, name)
 *   fields	every field of the language, as likely as any other
 *   tuples	addresses, ports and protocols of both families, now and then another field
 *   sets	the same, and sets of addresses, ports and services: for random_script() alone
 *   ip6	IPv6 as ClassBench makes IPv4: /32, /48, /64 and hosts, nested
 */
#define MANNERS(X)          \
	X(FIELDS, "fields") \
	X(TUPLES, "tuples") \
	X(SETS, "sets")     \
	X(IP6, "ip6")

enum manner {
#define X(id, name) MANNER_##id,
	MANNERS(X)
#undef X
		MANNER_COUNT,
};

extern const char *const manner_names[MANNER_COUNT];

/*
 * "count" rules that overlap. Each can match something and takes few comparisons by itself. The
 * caller frees with random_rules_free().
 */
char **random_rules(enum manner manner, uint64_t seed, size_t count);
void random_rules_free(char **rules, size_t count);

/*
 * The same as a file's text, with policy, sets, limits (see limit_oracle.h) and rules that last for
 * a time, but for ip6; the caller frees. "about": a field that each rule of MANNER_FIELDS looks at,
 * or FIELDS.
 */
char *random_script(enum manner manner, enum field about, uint64_t seed, size_t count);
/* Half of its rules and elements that last for a time have been over since that second. */
void random_script_age(struct ruleset *rules, uint64_t seed, uint32_t second);

#endif
