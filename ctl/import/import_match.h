/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_match.h - the options of one rule of iptables as a rule of ours. */
#ifndef NETCTL_IMPORT_MATCH_H
#define NETCTL_IMPORT_MATCH_H

#include "import_chain.h"
#include "import_words.h"

/* Options from words[first] on into the line's rule and target, or its why. -ENOMEM. */
int import_options(int family, const struct import_words *words, size_t first,
		   struct import_line *line);

#endif
