/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_match.h - translates the options of one iptables rule. */
#ifndef NETCTL_IMPORT_MATCH_H
#define NETCTL_IMPORT_MATCH_H

#include "import_chain.h"
#include "import_words.h"

/* Options from words[first] on into the line's rule and target, or its why. -ENOMEM. */
int import_options(int family, const struct import_words *words, size_t first,
		   struct import_line *line);

#endif
