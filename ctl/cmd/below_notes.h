/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* below_notes.h - who charges packets to limits, where interfaces that stand on each other see them. */
#ifndef NETCTL_BELOW_NOTES_H
#define NETCTL_BELOW_NOTES_H

#include "../attach/below.h"

/* A line for each interface that charges another time, or not at all, what it should not. */
void print_belows(const struct belows *belows);

const char *charges_name(enum charges charges);

#endif
