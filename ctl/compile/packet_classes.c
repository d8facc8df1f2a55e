/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_classes.c - what rules distinguish among packets of one flow key: flags, bytes, numbers and the length. */
#include <string.h>
#include <errno.h>

#include "../../bpf/rules/lane.h"
#include "../rules/names.h"
#include "../rules/rule_match.h"
#include "blob_write.h"
#include "expand.h"
#include "packet_classes.h"

#define WEIGHT_MOST (1ULL << 40) /* sums stay below 2^63 */

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

/* ---- classes of the values of a byte ---- */

static void match_byte(const struct match *match, bool ret_in[256])
{
	for (uint32_t value = 0; value < 256; value++)
		ret_in[value] = match->count && match_lists(match, value) != match->negated;
}

/* Split every class by one more match; returns how many there are then. */
static uint32_t refine(const bool in[256], uint32_t class_of[256])
{
	uint16_t new_of[256][2] = {}; /* old class and whether it matches: new class + 1 */
	uint32_t classes = 0;

	for (int value = 0; value < 256; value++) {
		uint16_t *class = &new_of[class_of[value]][in[value]];

		if (!*class)
			*class = ++classes;
		class_of[value] = *class - 1;
	}
	return classes;
}

/* By all matches of the list that are about the field. */
static uint32_t classes_of(const struct ruleset *rules, enum field field,
			   void (*match_values)(const struct match *match, bool ret_in[256]),
			   uint32_t ret_class[256])
{
	uint32_t classes = 1;
	bool in[256];

	memset(ret_class, 0, 256 * sizeof(*ret_class));
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t j = 0; !rule->disabled && j < rule->count; j++) {
			if (rule->matches[j].field != field)
				continue;
			match_values(&rule->matches[j], in);
			classes = refine(in, ret_class);
		}
	}
	return classes;
}

/* ---- the whole ---- */

/* The field of a byte or number. */
static enum field field_at(enum field_place place)
{
	enum field field = 0;

	while (field < FIELDS && match_fields[field].place != place)
		field++;
	return field;
}

static enum field field_of_number(int number)
{
	return number == NUMBER_LENGTH ? FIELD_LEN : field_at(PLACE_NUMBER + number);
}

int packet_classes_build(const struct ruleset *rules, struct packet_classes *ret,
			 struct fault *fault)
{
	int r = 0;

	for (int i = 0; i <= NUMBER_COUNT && !r; i++) {
		enum field field = field_of_number(i);

		r = number_plan_build(rules, field, &ret->number[i]);
		/* Boxes compare lengths as they are; what tells too many apart leaves no classes. */
		if (r == -E2BIG && i == NUMBER_LENGTH)
			r = 0;
		else if (r == -E2BIG)
			r = fault_set(
				fault, -EINVAL, EXIT_REFUSED,
				"the rules name too many kinds of '%s' to tell apart: at most %d "
				"different masks, and %d combinations of what they match",
				name_text(field_names, field), MAX_MASKS, MAX_NUMBER_CLASSES);
	}
	return r;
}

void packet_classes_free(struct packet_classes *classes)
{
	for (int i = 0; i <= NUMBER_COUNT; i++)
		number_plan_free(&classes->number[i]);
}

/* The narrowest lanes that have room for so many classes: the more of them an entry knows at once. */
static uint32_t class_bits(uint64_t classes)
{
	uint32_t bits = 1;

	if (classes <= 1)
		return 0;
	while (bits < LANE_MAX_BITS && LANE_CLASSES(bits) < classes)
		bits *= 2;
	return bits;
}

/* What adds to the sum that is a packet's class. */
struct addend {
	uint64_t classes;
	__u64 *weight; /* what one class more adds */
};

static int compare_addends(const void *a, const void *b)
{
	return COMPARE(((const struct addend *)a)->classes, ((const struct addend *)b)->classes);
}

/*
 * Each has as many classes as the sum of all lighter ones at most, and one more: no two packets of
 * different classes have the same sum. The ones with the fewest classes are the lightest, so that
 * what does not fit is some classes of the others.
 */
static uint64_t weigh(struct addend *addends, size_t count)
{
	uint64_t product = 1;

	qsort(addends, count, sizeof(*addends), compare_addends);
	for (size_t i = 0; i < count; i++) {
		*addends[i].weight = product;
		product = MIN(product * addends[i].classes, WEIGHT_MOST);
	}
	return product;
}

static void scale(uint32_t class[256], uint64_t weight)
{
	for (int value = 0; value < 256; value++)
		class[value] = MIN(class[value] * weight, (uint64_t)NO_CLASS);
}

int packet_classes_write(struct blob_writer *w, const struct ruleset *rules,
			 const struct packet_classes *classes)
{
	struct flow_classes *c = &w->blob->classes;
	struct addend addends[1 + BYTE_COUNT + NUMBER_COUNT + 1];
	const struct number_plan *lengths = &classes->number[NUMBER_LENGTH];
	__u64 weights[1 + BYTE_COUNT], product;
	int count = 0, r = 0;

	addends[count] = (struct addend){ classes_of(rules, FIELD_FLAGS, match_flags, c->flags),
					  &weights[count] };
	count++;
	for (int i = 0; i < BYTE_COUNT; i++, count++)
		addends[count] = (struct addend){ classes_of(rules, field_at(PLACE_BYTE + i),
							     match_byte, c->byte[i]),
						  &weights[count] };
	for (int i = 0; i <= NUMBER_COUNT && !r; i++) {
		const struct number_plan *plan = &classes->number[i];
		unsigned int hooks = match_fields[field_of_number(i)].only_on ?: ON_ALL;

		r = number_plan_write(w, plan, &c->number[i]);
		if (!plan->count)
			continue;
		for (int h = 0; h < HOOKS; h++)
			c->numbers[h] |= (hooks >> h & 1) << i;
		addends[count++] = (struct addend){ plan->count, &c->number[i].weight };
	}
	product = weigh(addends, count);
	scale(c->flags, weights[0]);
	for (int i = 0; i < BYTE_COUNT; i++)
		scale(c->byte[i], weights[1 + i]);
	c->whole = LANE_WHOLE;
	c->bits = class_bits(product);
	if (lengths->match_count && !lengths->count) {
		c->bits = LANE_MAX_BITS;
		memset(c->flags, 0xff, sizeof(c->flags));
	}
	return r;
}
