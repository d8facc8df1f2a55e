/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commit.h - how a list of rules gets in force. */
#ifndef NETCTL_COMMIT_H
#define NETCTL_COMMIT_H

#include "../rules/ruleset.h"
#include "../state/store.h"

/*
 * Compile, check and put a changed list in force; needs STORE_CHANGE. On success rules->generation
 * is the new one. On failure nothing has changed.
 */
int rules_commit(const struct store *store, struct ruleset *rules, struct fault *fault);

/* A blob without rules, for a namespace that has no state yet; the map is the caller's. */
int rules_first(int *ret_map, struct fault *fault);

#endif
