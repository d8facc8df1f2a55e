/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_uses.h - whether rules name sets that are there and that they can use. */
#ifndef NETCTL_SET_USES_H
#define NETCTL_SET_USES_H

#include "../rules/ruleset.h"

/* -ENOENT: 'no set has the name', with the nearest one. in_file: that names it, not the command line. */
int no_such_set(const struct ruleset *rules, const char *name, bool in_file, struct fault *fault);

/*
 * Whether every set that a rule names, disabled rules too, is there and of a type that the match can use. Else a fault
 * that points at the word: -ENOENT, -EINVAL.
 */
int sets_check_uses(const struct ruleset *rules, struct fault *fault);

#endif
