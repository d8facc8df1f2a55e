/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bench.h - what "make bench" measures, and the samples on their way to the report. */
#ifndef NETCTL_TESTS_BENCH_H
#define NETCTL_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../../bpf/types.h"

#define BENCH_ROUNDS 41
#define BENCH_SAMPLE_NS 1000000U
#define BENCH_RULESETS 16 /* at most */
#define BENCH_ROWS_MAX (HOOKS * (2 + 3 * BENCH_RULESETS))

/* X(id, name, packet, ruled): the cases in the order of the table; ruled: one row a ruleset. */
#define CASES(X)                                           \
	X(BARE, "bare", "eth ip4 udp payload=22", false)   \
	X(PARSE, "parse", "eth ip4 udp payload=22", false) \
	X(KNOWN, "known", "eth ip4 udp payload=22", true)  \
	X(KNOWN6, "known6", "eth ip6 udp payload=2", true) \
	X(NEW, "new", "eth ip4 udp payload=22", true)

enum bench_case {
#define X(id, name, packet, ruled) CASE_##id,
	CASES(X)
#undef X
		BENCH_CASES,
};

extern const struct bench_case_info {
	const char *name, *packet;
	bool ruled;
} bench_cases[BENCH_CASES];

/*
 * Ordered rules, and hosts and prefixes of a set that one more rule drops; the first has neither, the last most. Or
 * rules on fields that packets of one flow may differ in: on one, or on each.
 */
extern struct bench_ruleset {
	unsigned int rules, prefixes;
	const char *field; /* NULL: none; "each" */
} bench_rulesets[BENCH_RULESETS];
extern size_t bench_ruleset_count;
extern const char *const bench_hooks[HOOKS];

struct bench_row {
	enum hook_id hook;
	enum bench_case what;
	size_t ruleset; /* index of bench_rulesets */
	int program;
	unsigned int repeat;
	uint32_t samples[BENCH_ROUNDS]; /* mean nanoseconds a packet */
	double ns, min, max;		/* filled in by the report */
};

struct bench_rows {
	struct bench_row row[BENCH_ROWS_MAX];
	size_t count;
	unsigned int hooks; /* bits: those measured */
	int cpu;
	int rounds;
	unsigned int sample_ns; /* one sample runs about this long */
};

/* In place of the rulesets there are: none, a rule on each field by itself, and all of these. */
void bench_choose_fields(void);
/* Texts of rules that match no packet of ours, on the field of that word or on each; how many. */
size_t bench_field_rules(const char *word, const char **ret);

/* Sum the samples up, write them to "path" as JSON and print the table. */
int bench_report(struct bench_rows *rows, const char *path);

#endif
