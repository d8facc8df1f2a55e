/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_parse.h - what a line means, as text, becomes a rule; for import_*.c alone. */
#ifndef NETCTL_IMPORT_PARSE_H
#define NETCTL_IMPORT_PARSE_H

#include "../rules/rule.h"

/*
 * rule_parse(), whose faults are reasons here. But for "ingress", the other filter is behind the reading of the frame:
 * there a packet of lo has no MAC address, and no match of one holds, "not" one as little; to netctl it has those of its
 * header, all zeros. Where the rule would hold for them it leaves lo out.
 */
int import_parse(const char *text, bool ingress, struct rule *ret, struct fault *fault);

#endif
