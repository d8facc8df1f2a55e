/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* compile.h - a list of rules to a blob; what of it one rule takes. */
#ifndef NETCTL_COMPILE_H
#define NETCTL_COMPILE_H

#include <stdio.h>

#include "../rules/ruleset.h"

struct compiled; /* blob_write.h */
struct whole_box; /* forest.h */
struct cube; /* boxes.h */

/*
 * Compile into blob (BLOB_MAX bytes, the first BLOB_SIZE zeroed) as generation rules->generation + 1. Interfaces are
 * what ruleset_ifindex() says. -EINVAL with *fault naming the rule that can never match or the limit that is exceeded.
 */
int ruleset_compile(const struct ruleset *rules, struct blob *blob, struct fault *fault);

/* The boxes of one rule, of all families. */
int compile_rule(struct compiled *compiled, const struct rule *rule, uint32_t number,
		 struct fault *fault);
/* A box as it will be in the blob. */
struct whole_box box_of(const struct cube *cube, const struct rule *rule, uint32_t number);
/* The line of a rule in a blob's text: "ID SLOT BEYOND UNTIL RULE", see struct limit and struct rule. */
int compile_line(const struct rule *rule, FILE *out);
#endif
