/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack_notes.h - what statistics make of attached interfaces that stand on each other. */
#ifndef NETCTL_STACK_NOTES_H
#define NETCTL_STACK_NOTES_H

#include "../attach/below.h"

/* A line when there are such. */
void print_stacks(const struct belows *belows);

#endif
