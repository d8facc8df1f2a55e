/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_read.c - the rules in force, read back from their blob. */
#include <sys/mman.h>

#include "../compile/blob_read.h"
#include "../state/blob_map.h"
#include "rules_read.h"

int rules_read_cost(const struct store *store, struct ruleset *ret, struct cost *ret_cost,
		    struct fault *fault)
{
	struct blob *blob;
	int r = store_map_blob(store, PROT_READ, &blob, fault);

	if (r < 0)
		return r;
	r = ruleset_load(blob, ret, fault);
	if (!r)
		*ret_cost = cost_of_all(blob);
	store_unmap_blob(blob);
	return r;
}

int rules_read(const struct store *store, struct ruleset *ret, struct fault *fault)
{
	struct cost worst;

	return rules_read_cost(store, ret, &worst, fault);
}
