/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* step_count.h - where tests count what a packet meets; to everybody else, nothing. */
#ifndef NETCTL_STEP_COUNT_H
#define NETCTL_STEP_COUNT_H

/* A test that counts says how, before it includes this. */
#ifndef COUNT_STEP
#define COUNT_STEP(what) ((void)0) /* STEP of a search in sets; NODE, BOX, TREE */
#endif

#endif
