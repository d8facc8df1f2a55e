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
#define BENCH_SAMPLE_NS 1000000U /* one sample runs about this long */
#define BENCH_RULESETS 4
#define BENCH_ROWS_MAX 64

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

extern const unsigned int bench_rules[BENCH_RULESETS];
extern const char *const bench_hooks[HOOKS];
