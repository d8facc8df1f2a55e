/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_print.h - elements of sets to canonical text. */
#ifndef NETCTL_ELEMENT_PRINT_H
#define NETCTL_ELEMENT_PRINT_H

#include "../rules/element.h"

/* The inverse of element_read(), canonical and without its lifetime. Returns the length. */
#define ELEMENT_SIZE 96
size_t element_print(const struct element *element, char ret[ELEMENT_SIZE]);

#endif
