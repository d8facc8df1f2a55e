/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* edits.h - random rules added in place to a compiled ruleset, and to its list. */
#ifndef NETCTL_TESTS_EDITS_H
#define NETCTL_TESTS_EDITS_H

#include "harness.h"

/*
 * As many as fit, at random places; before the blob is put in force. A list that is too short for
 * an overlay stays as it is.
 */
int edits_add(struct harness *h, uint64_t seed, struct fault *fault);

#endif
