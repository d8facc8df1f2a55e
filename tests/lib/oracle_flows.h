/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* oracle_flows.h - the part of oracle_check.h about flows. */
#ifndef NETCTL_TESTS_ORACLE_FLOWS_H
#define NETCTL_TESTS_ORACLE_FLOWS_H

#include "native.h"
#include "oracle_check.h"

#define COMPLAINTS 3 /* a ruleset */

int oracle_flows_open(struct oracle_check *c);
void oracle_flows_clear(struct oracle_check *c);
/* A packet has been judged. */
void oracle_flows_expect(struct oracle_check *c, const struct native *native, enum hook_id hook);
void oracle_flows_compare(struct oracle_check *c, const struct snapshot *s);

#endif
