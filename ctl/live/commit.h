/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* commit.h - how a list of rules gets in force. */
#ifndef NETCTL_COMMIT_H
#define NETCTL_COMMIT_H

#include "../rules/ruleset.h"
#include "../state/stage.h"

/*
 * Compile, check and put a changed list in force, or where nothing is attached keep it for the next
 * attach; needs STORE_CHANGE or STORE_CREATE. On success rules->generation is the new one. On failure
 * nothing has changed.
 */
int rules_commit(struct store *store, struct ruleset *rules, struct fault *fault);

/* ---- the same by the way of a stage, with whatever else comes in force with it ---- */

/* The list compiled to a blob, which is zeroed and has room for BLOB_MAX, and checked against it. */
int rules_build(struct ruleset *rules, struct blob *blob, struct fault *fault);
/* Pin it in the stage, with the parts and counters it needs: stage_commit() puts it in force. */
int rules_stage(const struct stage *stage, const struct ruleset *rules, const struct blob *blob,
		struct fault *fault);
/* Of the two places of parts one is empty afterwards: the former blob's, or that of the one which failed. */
void rules_settle(const struct store *store, const struct blob *blob, bool in_force);

#endif
