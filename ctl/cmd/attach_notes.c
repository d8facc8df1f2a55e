/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attach_notes.c - says what native XDP costs, and which interfaces see nothing of what is theirs. */
#include <stdio.h>
#include <string.h>

#include "../base/device.h"
#include "../base/driver.h"
#include "../base/stack.h"
#include "../base/text.h"
#include "attach_notes.h"

#define MOST_NAMED 4 /* interfaces */

/* "eth0, eth1 and 3 more". */
struct names {
	char text[256];
	size_t count;
};

static void add_name(struct names *names, const char *name)
{
	size_t length = strlen(names->text);
	autofree char *shown = text_escape(name, strlen(name));

	if (names->count++ < MOST_NAMED)
		snprintf(names->text + length, sizeof(names->text) - length, "%s%s", length ? ", " : "",
			 shown ? shown : "?");
}

static const char *more(const struct names *names, char ret[32])
{
	ret[0] = '\0';
	if (names->count > MOST_NAMED)
		snprintf(ret, 32, " and %zu more", names->count - MOST_NAMED);
	return ret;
}

static const struct driver *price_of(const struct iface *iface, const struct attach_outcome *outcome)
{
	char name[32];

	if (!outcome->wanted || outcome->already || outcome->mode != MODE_NATIVE)
		return NULL;
	device_driver(iface->name, name);
	return driver_of(name)->price ? driver_of(name) : NULL;
}

void note_prices(const struct attach_target *targets, size_t count, const struct attach_result *result)
{
	autofree const struct driver **drivers = calloc(count + 1, sizeof(const struct driver *));
	char rest[32];

	for (size_t i = 0; i < count && drivers; i++)
		drivers[i] = price_of(&targets[i].iface, &result->outcomes[i][HOOK_XDP]);
	for (size_t i = 0; i < count && drivers; i++) {
		const struct driver *driver = drivers[i];
		struct names names = {};

		for (size_t j = i; j < count && driver; j++) {
			if (drivers[j] != driver)
				continue;
			add_name(&names, targets[j].iface.name);
			drivers[j] = NULL;
		}
		if (driver)
			note("native XDP of %s (%s%s): %s; not so with '--mode tc'", driver->name, names.text,
			     more(&names, rest), driver->price);
	}
}

void note_unseen_masters(const struct attach_target *targets, size_t count)
{
	struct stack stack = {};
	char rest[32];

	for (size_t i = 0; i < count; i++) {
		autofree char *name = text_escape(targets[i].iface.name, strlen(targets[i].iface.name));
		struct names ports = {};

		if (targets[i].skipped[0] || strcmp(targets[i].iface.kind, "vrf") || (!stack.count && stack_read(&stack)))
			continue;
		for (size_t j = 0; j < stack.count; j++)
			if (stack.ifaces[j].master == targets[i].iface.index)
				add_name(&ports, stack.ifaces[j].name);
		note("%s: packets of a VRF pass XDP and TC of its ports, not its own: attach %s%s", name ? name : "?",
		     ports.count ? ports.text : "the ports, when it has some", more(&ports, rest));
	}
	stack_free(&stack);
}
