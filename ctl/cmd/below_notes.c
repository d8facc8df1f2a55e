/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* below_notes.c - says of stacked interfaces which of them charges a packet twice, or not at all. */
#include <stdio.h>
#include <string.h>

#include "../base/text.h"
#include "../state/hook.h"
#include "below_notes.h"

const char *charges_name(enum charges charges)
{
	static const char *const names[] = {
#define X(id, name) [CHARGES_##id] = name,
		CHARGES(X)
#undef X
	};

	return names[charges];
}

static void print_below(const struct below *below)
{
	const char *hook = hook_name(below->attached.hook);
	autofree char *name = text_escape(below->attached.name, strlen(below->attached.name));
	autofree char *open = text_escape(below->open, strlen(below->open));

	if (!name || !open)
		return;
	if (below->charges == CHARGES_TWICE && open[0])
		printf("limits: %s: %s: what the interfaces below it have charged is charged twice, as %s "
		       "is not attached\n",
		       name, hook, open);
	else if (below->charges == CHARGES_TWICE)
		printf("limits: %s: %s: what the interface below it has charged is charged twice, as some "
		       "packets may not come by there\n",
		       name, hook);
	else if (below->charges == CHARGES_LATE)
		printf("limits: %s: %s: what the interfaces below it have charged is charged twice, as they "
		       "changed: 'netctl attach %s' again\n",
		       name, hook, name);
	else if (below->charges == CHARGES_LESS)
		printf("limits: warning: %s: %s: what comes by %s is not limited, as the interfaces below "
		       "it changed: 'netctl attach %s' again\n",
		       name, hook, open[0] ? open : "others", name);
}

void print_belows(const struct belows *belows)
{
	for (size_t i = 0; i < belows->count; i++)
		print_below(&belows->list[i]);
	for (int hook = 0; hook < HOOKS; hook++)
		if (belows->everywhere[hook])
			printf("limits: from rule %u on: %s: charged by each interface that sees the packet, as "
			       "they may differ over a rule before or its own matches\n",
			       belows->everywhere[hook], hook_name(hook));
}
