/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* data_files.h - rules from files that are none of ours: ClassBench's, and lists of addresses. */
#ifndef NETCTL_TESTS_DATA_FILES_H
#define NETCTL_TESTS_DATA_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "prng.h"

/*
 * At most "most" rules, in the file's order; of an address a rule about its source. ip6:
 * ClassBench's addresses as IPv6 ones. NULL: no such file. The caller frees with
 * random_rules_free().
 */
char **rules_of_file(const char *path, bool ip6, size_t most, size_t *ret_count);

/*
 * A file's text: a set of every list, and two of "more" elements made by chance if that is not 0; and
 * rules that use all of them in several ways. NULL: no such file. The caller frees.
 */
char *script_of_lists(char *const *paths, size_t count, size_t more, struct prng *prng);

/* One a line: IPv4 hosts; or prefixes of all lengths from 16 on, too, and a fifth is IPv6. */
void print_elements(FILE *out, bool hosts, size_t count, struct prng *prng);

#endif
