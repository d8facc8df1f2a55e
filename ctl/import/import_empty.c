/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_empty.c - finds rules that no packet meets, by expanding them as the compiler does. */
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "../compile/expand.h"
#include "../compile/packet_classes.h"
#include "../rules/rule_uses.h"
#include "import_empty.h"

/* Numbers for the devices of a rule, so that expanding tells them apart. */
static int number_devices(const struct rule *rule, struct ruleset *ret)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct match *m = &rule->matches[i];

		for (size_t k = 0; k < m->count && field_is_iface(m->field); k++) {
			struct rule_iface *iface;

			if (array_grow(ret->ifaces, ret->iface_count) < 0)
				return -ENOMEM;
			iface = &ret->ifaces[ret->iface_count++];
			*iface = (struct rule_iface){ .index = (uint32_t)ret->iface_count };
			memcpy(iface->name, m->values[k].iface, sizeof(iface->name));
		}
	}
	return 0;
}

bool import_is_empty(const struct rule *rule)
{
	struct ruleset alone = { .count = 1, .rules = (struct rule *)rule }; /* borrowed */
	struct packet_classes classes = {};
	const struct scope scope = { .rules = &alone, .classes = &classes };
	bool nothing = !rule_uses_sets(rule) && /* their contents are not known yet */
		       !number_devices(rule, &alone) &&
		       !packet_classes_build(&alone, &classes, NULL);

	for (int family = 0; family < FAMILIES && nothing; family++) {
		autocubes struct cubes cubes = {};

		nothing = !rule_expand(rule, (enum family)family, &scope, &cubes) && !cubes.count;
	}
	packet_classes_free(&classes);
	free(alone.ifaces);
	return nothing;
}
