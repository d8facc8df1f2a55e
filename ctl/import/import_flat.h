/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_flat.h - base chains, and the chains they jump to, as one list of rules. */
#ifndef NETCTL_IMPORT_FLAT_H
#define NETCTL_IMPORT_FLAT_H

#include "import_chain.h"

/*
 * Print what the base chains of one hook do as one list of rules, in the order in which packets go through them: what
 * one of them passes goes on to the next.
 */
int import_flatten(struct import *import, enum hook_id hook, struct import_chain *const *bases,
		   size_t count);

#endif
