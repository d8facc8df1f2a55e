/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compile.c - the list of rules to a blob: boxes in rule order, and the rules as text behind them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boxes.h"

/*
 * The boxes of all rules so far. Frames that are not IP are compared as IPv4 ones without
 * addresses.
 */
struct lists {
	struct box4 *ip4, *other; /* MAX_BOXES each, owned */
	struct box6 *ip6;
	uint32_t count[FAMILIES];
	bool absent_ok; /* see struct ruleset */
};

static void lists_free(struct lists *lists)
{
	free(lists->ip4);
	free(lists->ip6);
	free(lists->other);
}

/* A fault about one rule: its text follows the message. */
static int rule_fault(struct fault *fault, int error, enum exit_code code, const char *message,
		      const struct rule *rule)
{
	autofree char *text = NULL;

	if (rule_print(rule, &text) < 0)
		return -ENOMEM;
	return fault_set(fault, error, code, "%s: '%.300s'", message, text);
}

static struct box box_of(const struct cube *cube, const struct rule *rule, uint32_t position)
{
	const struct span *a = cube->axis;

	return (struct box){
		.sport_lo = a[AXIS_SPORT].lo,
		.sport_hi = a[AXIS_SPORT].hi,
		.dport_lo = a[AXIS_DPORT].lo,
		.dport_hi = a[AXIS_DPORT].hi,
		.ifindex_lo = a[AXIS_IFINDEX].lo,
		.ifindex_hi = a[AXIS_IFINDEX].hi,
		.outer_lo = a[AXIS_OUTER].lo,
		.outer_hi = a[AXIS_OUTER].hi,
		.inner_lo = a[AXIS_INNER].lo,
		.inner_hi = a[AXIS_INNER].hi,
		.len_lo = a[AXIS_LEN].lo,
		.len_hi = a[AXIS_LEN].hi,
		.proto_lo = a[AXIS_PROTO].lo,
		.proto_hi = a[AXIS_PROTO].hi,
		.frag_lo = a[AXIS_FRAG].lo,
		.frag_hi = a[AXIS_FRAG].hi,
		.tcp_mask = cube->tcp_mask,
		.tcp_value = cube->tcp_value,
		.hooks = cube->hooks,
		.flags = cube->flags,
		.slot = rule->slot,
		.action = rule->action,
		.rule = position,
	};
}

static struct addr6 addr6_of(wide value)
{
	return (struct addr6){value >> 64, value};
}

static struct box4 box4_of(const struct cube *cube, const struct rule *rule, uint32_t position)
{
	return (struct box4){
		.src_lo = cube->axis[AXIS_SRC].lo,
		.src_hi = cube->axis[AXIS_SRC].hi,
		.dst_lo = cube->axis[AXIS_DST].lo,
		.dst_hi = cube->axis[AXIS_DST].hi,
		.box = box_of(cube, rule, position),
	};
}

static struct box6 box6_of(const struct cube *cube, const struct rule *rule, uint32_t position)
{
	return (struct box6){
		.src_lo = addr6_of(cube->axis[AXIS_SRC].lo),
		.src_hi = addr6_of(cube->axis[AXIS_SRC].hi),
		.dst_lo = addr6_of(cube->axis[AXIS_DST].lo),
		.dst_hi = addr6_of(cube->axis[AXIS_DST].hi),
		.box = box_of(cube, rule, position),
	};
}

static int too_many_boxes(const struct rule *rule, enum family family, size_t here, size_t before,
			  struct fault *fault)
{
	static const char *const names[FAMILIES] = {"IPv4 packets", "IPv6 packets", "other frames"};
	char message[192];

	if (here >= CUBES_LIMIT)
		snprintf(message, sizeof(message),
			 "for %s this rule alone needs more than %d comparisons", names[family],
			 CUBES_LIMIT);
	else
		snprintf(message, sizeof(message),
			 "for %s this rule needs %zu comparisons, the rules before it %zu, and %d "
			 "in all is "
			 "the limit of this version",
			 names[family], here, before, MAX_BOXES);
	return rule_fault(fault, -EINVAL, EXIT_REFUSED, message, rule);
}

/* Append the boxes of a rule for one family. */
static int add_family(struct lists *lists, const struct rule *rule, uint32_t position,
		      enum family family, struct fault *fault)
{
	autocubes struct cubes cubes = {};
	uint32_t *count = &lists->count[family];
	size_t i;
	int r;

	r = rule_expand(rule, family, lists->absent_ok, &cubes, fault);
	if (r == -E2BIG)
		return too_many_boxes(rule, family, CUBES_LIMIT, *count, fault);
	if (r < 0)
		return r;
	if (cubes.count > MAX_BOXES - *count)
		return too_many_boxes(rule, family, cubes.count, *count, fault);
	for (i = 0; i < cubes.count; i++, ++*count) {
		if (family == FAMILY_IP6)
			lists->ip6[*count] = box6_of(&cubes.cube[i], rule, position);
		else if (family == FAMILY_IP4)
			lists->ip4[*count] = box4_of(&cubes.cube[i], rule, position);
		else
			lists->other[*count] = box4_of(&cubes.cube[i], rule, position);
	}
	return 0;
}

static int add_rule(struct lists *lists, const struct rule *rule, uint32_t position,
		    struct fault *fault)
{
	uint32_t before =
		lists->count[FAMILY_IP4] + lists->count[FAMILY_IP6] + lists->count[FAMILY_OTHER];
	uint32_t after;
	enum family f;
	int r;

	for (f = 0; f < FAMILIES; f++) {
		r = add_family(lists, rule, position, f, fault);
		if (r < 0)
			return r;
	}
	after = lists->count[FAMILY_IP4] + lists->count[FAMILY_IP6] + lists->count[FAMILY_OTHER];
	if (after > before)
		return 0;
	return rule_fault(fault, -EINVAL, EXIT_USAGE, "this rule can never match a packet", rule);
}

/*
 * What a packet that hides some of its headers might be meant by. A protocol and "frag" count as
 * transport: they stand at the end of an IPv6 header chain, which may be longer than the parser
 * follows.
 */
static uint8_t unparsed_of(const struct rule *rule)
{
	uint8_t bits = 0;
	size_t i;

	if (rule->action != ACTION_DROP)
		return 0;
	for (i = 0; i < rule->count; i++) {
		enum field field = rule->matches[i].field;

		if (field != FIELD_HOOK && field != FIELD_IN && field != FIELD_OUT)
			bits |= UNPARSED_IP;
		if (field_needs_transport(field) || field == FIELD_PROTO || field == FIELD_FRAG)
			bits |= UNPARSED_L4;
	}
	return bits;
}

/* One rule a line: "ID SLOT RULE". */
static int print_rules(const struct ruleset *set, char **ret_text, size_t *ret_len)
{
	autofree char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);
	int r = 0;
	size_t i;

	if (!out)
		return -ENOMEM;
	for (i = 0; r == 0 && i < set->count; i++) {
		const struct rule *rule = &set->rules[i];
		autofree char *line = NULL;

		r = rule_print(rule, &line);
		if (r == 0 && strchr(line, '\n'))
			r = -EINVAL;
		if (r == 0)
			fprintf(out, "%u %u %s\n", rule->id, rule->slot, line);
	}
	if (fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0)
		*ret_text = take_ptr(text);
	return r;
}

/* The next multiple of "size" from *end on, and *end behind "count" boxes there. */
static uint32_t place(uint32_t *end, uint32_t size, uint32_t count)
{
	uint32_t at = ROUND_UP(*end, size);

	*end = at + size * count;
	return at;
}

static int fill_blob(const struct ruleset *set, const struct lists *lists, struct blob *blob,
		     struct fault *fault)
{
	autofree char *text = NULL;
	uint32_t end = sizeof(*blob);
	size_t text_len = 0;
	char *base = (char *)blob;
	int r;

	r = print_rules(set, &text, &text_len);
	if (r < 0)
		return r;
	blob->count4 = lists->count[FAMILY_IP4];
	blob->count6 = lists->count[FAMILY_IP6];
	blob->count_other = lists->count[FAMILY_OTHER];
	blob->boxes4 = place(&end, sizeof(struct box4), blob->count4);
	blob->boxes_other = place(&end, sizeof(struct box4), blob->count_other);
	blob->boxes6 = place(&end, sizeof(struct box6), blob->count6);
	blob->text = end;
	blob->text_len = text_len;
	if (end + text_len > BLOB_SIZE)
		return fault_set(
			fault, -EINVAL, EXIT_REFUSED,
			"the rules need %zu bytes (%u for comparisons, %zu for their text); "
			"%d is the limit of this version",
			end + text_len, end, text_len, BLOB_SIZE);
	memcpy(base + blob->boxes4, lists->ip4, blob->count4 * sizeof(struct box4));
	memcpy(base + blob->boxes_other, lists->other, blob->count_other * sizeof(struct box4));
	memcpy(base + blob->boxes6, lists->ip6, blob->count6 * sizeof(struct box6));
	memcpy(base + blob->text, text, text_len);
	return 0;
}

/* Where the rule at fault is to be found: in its file, or in the list in force. */
static void name_rule(const struct ruleset *set, const struct rule *rule, int error,
		      struct fault *fault)
{
	if (fault && rule->file) {
		fault->file = rule->file;
		fault->line = rule->line;
	} else if (error == -ENODEV && rule->id + 1 < set->next_id) {
		fault_hint(fault,
			   "rule %u, already in the list, names it: delete or disable it first",
			   rule->id);
	}
}

static int compile_lists(const struct ruleset *set, struct lists *lists, struct blob *blob,
			 struct fault *fault)
{
	size_t i;
	int r = 0;

	lists->ip4 = calloc(MAX_BOXES, sizeof(*lists->ip4));
	lists->ip6 = calloc(MAX_BOXES, sizeof(*lists->ip6));
	lists->other = calloc(MAX_BOXES, sizeof(*lists->other));
	if (!lists->ip4 || !lists->ip6 || !lists->other)
		return -ENOMEM;
	lists->absent_ok = set->absent_ok;
	for (i = 0; r == 0 && i < set->count; i++) {
		const struct rule *rule = &set->rules[i];

		if (rule->disabled)
			continue;
		r = add_rule(lists, rule, i, fault);
		if (r < 0)
			name_rule(set, rule, r, fault);
		blob->unparsed |= unparsed_of(rule);
	}
	return r < 0 ? r : fill_blob(set, lists, blob, fault);
}

int ruleset_compile(const struct ruleset *set, struct blob *blob, struct fault *fault)
{
	struct lists lists = {};
	int r;

	if (set->count > MAX_RULES)
		return fault_set(fault, -EINVAL, EXIT_REFUSED,
				 "%zu rules, and %d rules is the limit of this version", set->count,
				 MAX_RULES);
	blob->magic = BLOB_MAGIC;
	blob->generation = set->generation + 1 ? set->generation + 1 : 1;
	blob->policy = set->policy;
	blob->rules = set->count;
	blob->next_id = set->next_id;
	blob->next_slot = set->next_slot;
	r = compile_lists(set, &lists, blob, fault);
	lists_free(&lists);
	return r < 0 ? r : classes_fill(set, blob, fault);
}
