/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_edit.c - changes of sets in force, and reports of them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/element.h"
#include "../text/element_print.h"
#include "../text/set_uses.h"
#include "set_edit.h"
#include "../rules/set_items.h"
#include "../../bpf/boottime.h"

#define FEW_COVERED 1024 /* elements of a batch whose covers are looked for, to name the one */

int edit_find_set(const struct edit *edit, const char *name, struct set **ret, struct fault *fault)
{
	struct set *set = ruleset_find_set(&edit->rules, name);

	if (!set)
		return no_such_set(&edit->rules, name, false, fault);
	*ret = set;
	return 0;
}

int edit_put_sets(struct edit *edit, const struct set *replaced, struct fault *fault)
{
	int r = edit_give_slots(edit, &edit->rules, replaced, fault);

	return r < 0 ? r : rules_commit(&edit->store, &edit->rules, fault);
}

/* The element of the set that an element lies in, or nothing. */
static bool find_cover(const struct set *set, const struct element *inner, struct element *ret)
{
	uint32_t now = boottime_seconds();
	const void *found = NULL;

	*ret = *inner;
	switch (inner->kind) {
	case ELEMENT_IP4:
		found = set_find4(set, inner->ip4.lo, now);
		if (found)
			ret->ip4 = *(const struct element4 *)found;
		break;
	case ELEMENT_IP6:
		found = set_find6(set, &inner->ip6.lo, now);
		if (found)
			ret->ip6 = *(const struct element6 *)found;
		break;
	case ELEMENT_PORT:
		found = set_find_port(set, inner->port.lo, now);
		if (found)
			ret->port = *(const struct element_port *)found;
		break;
	default:
		break; /* several services may hold one */
	}
	return found;
}

/* The one element of the set that covers all that is covered of the batch; "" when there are several. */
static void name_cover(const struct set *set, const struct set *batch, char ret[ELEMENT_SIZE])
{
	char text[ELEMENT_SIZE], own[ELEMENT_SIZE];
	struct element inner, cover;

	ret[0] = '\0';
	if (set_size(batch) > FEW_COVERED)
		return;
	for (size_t n = 0; n < set_size(batch); n++) {
		inner = element_at(batch, n);
		if (!find_cover(set, &inner, &cover))
			continue;
		element_print(&cover, text);
		element_print(&inner, own);
		if (!strcmp(text, own) || !strcmp(text, ret))
			continue;
		if (ret[0]) {
			ret[0] = '\0';
			return;
		}
		strcpy(ret, text);
	}
}

void report_added(const char *verb, const struct set_report *report, const struct set *set,
		  const struct set *batch)
{
	char cover[ELEMENT_SIZE];

	printf("%s %zu", verb, report->added);
	if (report->same)
		printf(", %zu %s there already", report->same, report->same == 1 ? "was" : "were");
	if (report->renewed)
		printf(", %zu renewed", report->renewed);
	if (report->covered) {
		name_cover(set, batch, cover);
		printf(", %zu covered by %s", report->covered, cover[0] ? cover : "others");
	}
	if (report->merged)
		printf(", %zu merged into others", report->merged);
	putchar('\n');
}

void report_deleted(const struct set_report *report)
{
	printf("deleted %zu", report->added);
	if (report->missing)
		printf(", %zu %s not there", report->missing,
		       report->missing == 1 ? "was" : "were");
	putchar('\n');
}
