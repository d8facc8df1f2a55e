/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* choose_rules.h - which rules an attach puts in force. */
#ifndef NETCTL_CHOOSE_RULES_H
#define NETCTL_CHOOSE_RULES_H

#include "plan.h"

/* Fills a->rules and a->blob, before anything is attached: rules that will not do are found out here. */
int choose_rules(struct attaching *a, struct attach_result *result, struct fault *fault);

#endif
