/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_empty.h - rules that no packet meets; for import_*.c alone. */
#ifndef NETCTL_IMPORT_EMPTY_H
#define NETCTL_IMPORT_EMPTY_H

#include "../rules/rule.h"

/* Whether its matches exclude everything, as three of them may together; the compiler refuses such a rule. */
bool import_is_empty(const struct rule *rule);

#endif
