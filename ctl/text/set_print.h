/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_print.h - sets as blocks of a file. */
#ifndef NETCTL_SET_PRINT_H
#define NETCTL_SET_PRINT_H

#include <stdio.h>

#include "../rules/set.h"

/* "set NAME [TYPE] [counters] { ELEMENT, ... }", as files have it; of lives what is left. */
void set_print(const struct set *set, FILE *out);

#endif
