/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_words.h - the words that follow the name of a new set. */
#ifndef NETCTL_SET_WORDS_H
#define NETCTL_SET_WORDS_H

#include "../rules/set.h"

/*
 * What may follow the name of a new set, once each: "ports" or "services", "counters". -EINVAL with a fault for anything
 * else.
 */
int set_word(struct set *set, const char *word, struct fault *fault);

#endif
