/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_change.c - which fields a rule of nft changes. */
#include "../rules/names.h"
#include "import_change.h"
#include "import_nft.h"

void nft_note_changes(struct import *import, unsigned int hooks, const json_t *statements)
{
	const json_t *statement;
	size_t i;

	json_array_foreach(statements, i, statement)
	{
		const json_t *xt = json_object_get(statement, "xt");
		const json_t *to = json_object_get(json_object_get(statement, "mangle"), "key");
		const char *field = nft_key_field(to);

		if (xt)
			import_change_target(import, hooks, nft_string(xt, "name"));
		else if (field)
			import_change(import, hooks, (enum field)name_number(field_names, field));
		else if (json_object_get(to, "payload")) /* bytes without a name */
			import_change_target(import, hooks, NULL);
	}
}
