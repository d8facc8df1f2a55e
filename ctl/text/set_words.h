/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_words.h - what people call sets: their names and types, and which rules use them. */
#ifndef NETCTL_SET_WORDS_H
#define NETCTL_SET_WORDS_H

#include <stdio.h>

#include "../rules/names.h"
#include "../rules/ruleset.h"

#define SET_NAME_HINT "a letter, then letters, digits, '_', '-' and '.', 31 in all"

/* "addresses", "ports", "services"; by enum set_type. */
extern const struct name set_type_names[];

bool set_name_is_good(const char *name);

/*
 * What may follow the name of a new set, once each: "ports" or "services", "counters". -EINVAL with a fault for anything
 * else.
 */
int set_word(struct set *set, const char *word, struct fault *fault);

/* "set NAME [TYPE] [counters] { ELEMENT, ... }", as files have it; of lives what is left. */
void set_print(const struct set *set, FILE *out);

/* "src @NAME" */
bool rule_uses_set(const struct rule *rule, const char *name);

/* Ids of the rules that use a set, "3, 7 and 9" or "3, 7, 9 and 12 more"; how many they are. */
#define SET_USERS_SIZE 64
size_t set_users(const struct ruleset *set, const char *name, char ret[SET_USERS_SIZE]);

/* -ENOENT: 'no set has the name', with the nearest one. in_file: that names it, not the command line. */
int no_such_set(const struct ruleset *set, const char *name, bool in_file, struct fault *fault);

/*
 * Whether every set that a rule names, disabled rules too, is there and of a type that the match can use. Else a fault
 * that points at the word: -ENOENT, -EINVAL.
 */
int sets_check_uses(const struct ruleset *set, struct fault *fault);

#endif
