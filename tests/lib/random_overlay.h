/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_overlay.h - random rules added in place to a compiled ruleset, and to its list. */
#ifndef NETCTL_TESTS_RANDOM_OVERLAY_H
#define NETCTL_TESTS_RANDOM_OVERLAY_H

#include "harness.h"

/*
 * As many as fit, at random places; before the blob is put in force. A list that is too short for
 * an overlay stays as it is.
 */
int random_overlay(struct harness *h, uint64_t seed, struct fault *fault);

#endif
