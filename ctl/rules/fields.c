/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fields.c - the rows of fields.def as tables. */
#include "fields.h"

const struct match_field match_fields[FIELDS] = {
#define FIELD(id, text, axis, ...) [FIELD_##id] = { .word = text, __VA_ARGS__ },
#include "fields.def"
#undef FIELD
};

const struct name field_names[] = {
#define FIELD(id, text, ...) { FIELD_##id, text },
#include "fields.def"
#undef FIELD
	{ 0, NULL },
};
