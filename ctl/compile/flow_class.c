/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow_class.c - what rules distinguish among packets of one flow key: TCP flags and length. */
#include <string.h>
#include <errno.h>

#include "../../bpf/rules/lane.h"
#include "flow_class.h"

static void match_flags(const struct match *match, bool ret_in[256])
{
	int flags;
	size_t i;

	for (flags = 0; flags < 256; flags++) {
		bool listed = false;

		for (i = 0; i < match->count; i++)
			listed |= (flags & match->values[i].masked.mask) ==
				  match->values[i].masked.value;
		ret_in[flags] = match->count && listed != match->negated;
	}
}

/*
 * Disjoint mask and value pairs for the members of in[] that satisfy the pair given: split bit by
 * bit.
 */
static int flag_cubes(const bool in[256], uint8_t mask, uint8_t value, struct cubes *ret)
{
	struct cube cube = cube_full();
	bool all = true, none = true;
	uint8_t bit = 0;
	int flags, b, r;

	for (flags = 0; flags < 256; flags++) {
		if ((flags & mask) != value)
			continue;
		all &= in[flags];
		none &= !in[flags];
		for (b = 1; b < 256 && !bit; b <<= 1)
			if (!(mask & b) && in[flags] != in[flags ^ b])
				bit = b;
	}
	if (none)
		return 0;
	if (all) {
		cube.tcp_mask = mask;
		cube.tcp_value = value;
		return cubes_add(ret, &cube);
	}
	r = flag_cubes(in, mask | bit, value, ret);
	return r < 0 ? r : flag_cubes(in, mask | bit, value | bit, ret);
}

int flags_expand(const struct match *match, struct cubes *ret)
{
	bool in[256];

	match_flags(match, in);
	return flag_cubes(in, 0, 0, ret);
}

/* A class begins at length: keep the last lengths before sorted and unique. False when there is no room. */
static bool add_length(struct blob *blob, uint32_t begin)
{
	uint32_t length = begin - 1;
	size_t at = 0, i;

	if (!begin || begin > UINT16_MAX)
		return true; /* nothing lies on the other side */
	while (at < blob->len_classes && blob->len_class[at] < length)
		at++;
	if (at < blob->len_classes && blob->len_class[at] == length)
		return true;
	if (blob->len_classes == LEN_CLASSES)
		return false;
	for (i = blob->len_classes++; i > at; i--)
		blob->len_class[i] = blob->len_class[i - 1];
	blob->len_class[at] = length;
	return true;
}

/* Split every class of flags by one more match; returns how many there are then. */
static unsigned int refine(const struct match *match, uint16_t class_of[256])
{
	uint16_t new_of[256][2] = {}; /* old class and whether it matches: new class + 1 */
	unsigned int classes = 0;
	bool in[256];
	int flags;

	match_flags(match, in);
	for (flags = 0; flags < 256; flags++) {
		uint16_t *class = &new_of[class_of[flags]][in[flags]];

		if (!*class)
			*class = ++classes;
		class_of[flags] = *class - 1;
	}
	return classes;
}

/* The narrowest lanes that have room for so many classes: the more of them an entry knows at once. */
static uint8_t class_bits(unsigned int classes)
{
	uint8_t bits = 1;

	if (classes <= 1)
		return 0;
	while (bits < LANE_MAX_BITS && LANE_CLASSES(bits) < classes)
		bits *= 2;
	return bits;
}

int flow_classes_fill(const struct ruleset *rules, struct blob *blob, struct fault *fault)
{
	uint16_t class_of[256] = {};
	unsigned int classes = 1;
	size_t i, j, k;
	int flags;

	blob->len_classes = 0;
	memset(blob->len_class, 0xff, sizeof(blob->len_class));
	for (i = 0; i < rules->count; i++) {
		if (rules->rules[i].disabled)
			continue;
		for (j = 0; j < rules->rules[i].count; j++) {
			const struct match *match = &rules->rules[i].matches[j];

			if (match->field == FIELD_FLAGS)
				classes = refine(match, class_of);
			if (match->field != FIELD_LEN)
				continue;
			for (k = 0; k < match->count; k++) {
				if (add_length(blob, match->values[k].range.lo) &&
				    add_length(blob, MIN(match->values[k].range.hi, 65535) + 1))
					continue;
				return fault_set(fault, -EINVAL, EXIT_REFUSED,
						 "the rules' \"len\" ranges have more than %d "
						 "different ends, the limit of this version",
						 LEN_CLASSES);
			}
		}
	}
	blob->class_bits = class_bits(classes * (blob->len_classes + 1));
	for (flags = 0; flags < 256; flags++)
		blob->flag_class[flags] = class_of[flags] * (blob->len_classes + 1);
	return 0;
}
