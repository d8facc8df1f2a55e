/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_words.c - the words that follow the name of a new set. */
#include <errno.h>
#include <string.h>

#include "../rules/names.h"
#include "set_words.h"

int set_word(struct set *set, const char *word, struct fault *fault)
{
	int type = name_number(set_type_names, word);

	if (!strcmp(word, "counters") && !set->counters) {
		set->counters = true;
		return 0;
	}
	if (type > SET_ADDRESSES && set->type == SET_ADDRESSES && !set->counters) {
		set->type = (enum set_type)type;
		return 0;
	}
	fault_set(fault, -EINVAL, EXIT_USAGE, "unexpected word: '%s'", word);
	fault_hint(fault, "behind the name: [ports|services] [counters]");
	return -EINVAL;
}
