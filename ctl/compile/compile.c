/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * compile.c - the list of rules to a blob: boxes in rule order, and after them the rules as text.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/array.h"
#include "../../bpf/boottime.h"
#include "../rules/alike.h"
#include "../rules/rule_uses.h"
#include "../text/rule_print.h"
#include "../text/set_uses.h"
#include "compile.h"
#include "expand.h"
#include "blob_write.h"
#include "blob_layout.h"
#include "blob_sets.h"
#include "might.h"

/* A fault about one rule: its text follows the message. */
static int rule_fault(struct fault *fault, int error, enum exit_code code, const char *message,
		      const struct rule *rule)
{
	autofree char *text = NULL;

	if (rule_print(rule, &text) < 0)
		return -ENOMEM;
	return fault_set(fault, error, code, "%s: '%.300s'", message, text);
}

static struct rest rest_of(const struct cube *cube)
{
	const struct span *a = cube->axis;

	return (struct rest){
		.ifindex_lo = a[AXIS_IFINDEX].lo,
		.ifindex_hi = a[AXIS_IFINDEX].hi,
		.outer_lo = a[AXIS_OUTER].lo,
		.outer_hi = a[AXIS_OUTER].hi,
		.inner_lo = a[AXIS_INNER].lo,
		.inner_hi = a[AXIS_INNER].hi,
		.len_lo = a[AXIS_LEN].lo,
		.len_hi = a[AXIS_LEN].hi,
		.src_class_lo = a[AXIS_SRC_CLASS].lo,
		.src_class_hi = a[AXIS_SRC_CLASS].hi,
		.dst_class_lo = a[AXIS_DST_CLASS].lo,
		.dst_class_hi = a[AXIS_DST_CLASS].hi,
		.tcp_mask = cube->tcp_mask,
		.tcp_value = cube->tcp_value,
	};
}

static struct more more_of(const struct cube *cube)
{
	const struct span *bytes = &cube->axis[AXIS_BYTE], *numbers = &cube->axis[AXIS_NUMBER];
	struct more more = { .until = cube->until };

	for (int i = 0; i < BYTE_COUNT; i++) {
		more.byte_lo[i] = bytes[i].lo;
		more.byte_hi[i] = bytes[i].hi;
	}
	for (int i = 0; i < NUMBER_COUNT; i++) {
		more.class_lo[i] = numbers[i].lo;
		more.class_hi[i] = numbers[i].hi;
	}
	return more;
}

/* What no packet that matches is: NOT_HOOK() and the like. */
static uint8_t refuses_of(const struct cube *cube)
{
	const struct span *frag = &cube->axis[AXIS_FRAG];
	uint8_t refuses = cube->ports ? NOT_PORTLESS : 0;

	refuses |= cube->sighted ? NOT_BLIND : 0;
	refuses |= cube->ether ? NOT_BARE : 0;
	for (int h = 0; h < HOOKS; h++)
		refuses |= cube->hooks >> h & 1 ? 0 : NOT_HOOK(h);
	for (unsigned int f = 0; f <= 1; f++)
		refuses |= frag->lo <= f && f <= frag->hi ? 0 : NOT_FRAG(f);
	return refuses;
}

/* enum box_flags */
static uint8_t flags_of(const struct rest *rest, const struct more *more)
{
	const struct cube full = cube_full();
	struct rest open = rest_of(&full);
	const struct more none = more_of(&full);

	if (memcmp(more, &none, sizeof(none)))
		return BOX_REST | BOX_MORE | (more->until ? BOX_TIMED : 0);
	if (!memcmp(rest, &open, sizeof(open)))
		return 0;
	open.src_class_lo = rest->src_class_lo;
	open.src_class_hi = rest->src_class_hi;
	open.dst_class_lo = rest->dst_class_lo;
	open.dst_class_hi = rest->dst_class_hi;
	return BOX_REST | (memcmp(rest, &open, sizeof(open)) ? 0 : BOX_CLASSES);
}

struct whole_box box_of(const struct cube *cube, const struct rule *rule, uint32_t number)
{
	const struct rest rest = rest_of(cube);
	struct more more = more_of(cube);
	const struct span *a = cube->axis;

	if (rule->until && (!more.until || rule->until < more.until))
		more.until = rule->until;
	return (struct whole_box){ .more = more, .six = {
		.src_lo = addr6_of(a[AXIS_SRC].lo),
		.src_hi = addr6_of(a[AXIS_SRC].hi),
		.dst_lo = addr6_of(a[AXIS_DST].lo),
		.dst_hi = addr6_of(a[AXIS_DST].hi),
		.box = {
			.sport_lo = a[AXIS_SPORT].lo,
			.sport_hi = a[AXIS_SPORT].hi,
			.dport_lo = a[AXIS_DPORT].lo,
			.dport_hi = a[AXIS_DPORT].hi,
			.proto_lo = a[AXIS_PROTO].lo,
			.proto_hi = a[AXIS_PROTO].hi,
			.refuses = refuses_of(cube),
			.flags = flags_of(&rest, &more),
			.rule = number,
		},
		.rest = rest,
	} };
}

static const char *const family_names[FAMILIES] = { "IPv4 packets", "IPv6 packets",
						    "other frames" };

/* "before": 0 when the rule alone is too much. */
static int too_many_boxes(const struct rule *rule, enum family family, size_t here, size_t before,
			  size_t limit, struct fault *fault)
{
	char message[192];

	if (here >= CUBES_LIMIT)
		snprintf(message, sizeof(message),
			 "for %s this rule alone needs more than %d comparisons",
			 family_names[family], CUBES_LIMIT);
	else if (!before)
		snprintf(message, sizeof(message),
			 "for %s this rule needs %zu comparisons, and %zu is the limit of this "
			 "version",
			 family_names[family], here, limit);
	else
		snprintf(message, sizeof(message),
			 "for %s this rule needs %zu comparisons, the %srules before it %zu, and "
			 "%zu in all is the limit of this version",
			 family_names[family], here, rule->action == ACTION_AUDIT ? "audit " : "",
			 before, limit);
	return rule_fault(fault, -EINVAL, EXIT_REFUSED, message, rule);
}

static int append(struct box_list *list, const struct cubes *cubes, const struct rule *rule,
		  uint32_t number)
{
	int r = array_reserve(list->boxes, list->count, cubes->count, &list->capacity);

	if (r < 0)
		return r;
	for (size_t i = 0; i < cubes->count; i++)
		list->boxes[list->count++] = box_of(&cubes->cube[i], rule, number);
	return 0;
}

/* Append the boxes of a rule for one family; *ret_count of them. */
static int add_family(struct compiled *compiled, const struct rule *rule, uint32_t number,
		      enum family family, size_t *ret_count, struct fault *fault)
{
	bool audits = rule->action == ACTION_AUDIT;
	struct box_list *list = audits ? &compiled->audits[family] : &compiled->lists[family];
	size_t limit = audits ? MAX_AUDITS : MAX_BOXES;
	const struct scope scope = { compiled->rules, &compiled->lookup, &compiled->classes };
	autocubes struct cubes cubes = {};
	int r;

	r = rule_expand(rule, family, &scope, &cubes);
	if (r == -E2BIG)
		return too_many_boxes(rule, family, CUBES_LIMIT, 0, 0, fault);
	if (r < 0)
		return r;
	if (cubes.count > MIN(CUBES_MOST, limit))
		return too_many_boxes(rule, family, cubes.count, 0, MIN(CUBES_MOST, limit), fault);
	if (cubes.count > limit - list->count)
		return too_many_boxes(rule, family, cubes.count, list->count, limit, fault);
	*ret_count = cubes.count;
	return append(list, &cubes, rule, number);
}

int compile_rule(struct compiled *compiled, const struct rule *rule, uint32_t number,
		 struct fault *fault)
{
	size_t count = 0, sum = 0;
	enum family f;
	int r;

	for (f = 0; f < FAMILIES; f++) {
		r = add_family(compiled, rule, number, f, &count, fault);
		if (r < 0)
			return r;
		sum += count;
	}
	/* What is in a set may change. */
	if (sum || rule_uses_sets(rule))
		return 0;
	return rule_fault(fault, -EINVAL, EXIT_USAGE, "this rule can never match a packet", rule);
}

int compile_line(const struct rule *rule, FILE *out)
{
	struct rule timeless = *rule;
	autofree char *line = NULL;
	int r;

	timeless.lifetime = timeless.until = 0;
	r = rule_print(&timeless, &line);
	if (!r && strchr(line, '\n'))
		r = -EINVAL;
	if (!r)
		fprintf(out, "%u %u %u %u %s\n", rule->id, rule->slot, rule->limit.beyond,
			rule->until, line);
	return r;
}

static int print_rules(const struct ruleset *rules, char **ret_text, size_t *ret_len)
{
	autofree char *text = NULL;
	FILE *out = open_memstream(&text, ret_len);
	int r = 0;

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; !r && i < rules->count; i++)
		r = compile_line(&rules->rules[i], out);
	if (fclose(out) != 0 && r == 0)
		r = -ENOMEM;
	if (r == 0)
		*ret_text = take_ptr(text);
	return r;
}

static int fill_blob(const struct ruleset *rules, const struct compiled *compiled,
		     struct blob *blob, struct fault *fault)
{
	autofree char *text = NULL;
	struct blob_writer w;
	size_t text_len = 0;
	int r;

	r = print_rules(rules, &text, &text_len);
	if (r < 0)
		return r;
	blob_begin(blob, &w);
	for (enum family f = 0; f < FAMILIES && !r; f++) {
		r = blob_put_boxes(&w, f, compiled);
		if (r == -E2BIG)
			return fault_set(fault, -EINVAL, EXIT_REFUSED,
					 "for %s the rules overlap in too many ways: %zu "
					 "comparisons cannot be told apart",
					 family_names[f], compiled->lists[f].count);
	}
	if (!r)
		r = blob_put_might(&w, compiled);
	if (r == -E2BIG)
		return fault_set(fault, -EINVAL, EXIT_REFUSED,
				 "for fragments and packets that hide headers the rules overlap "
				 "in too many ways");
	if (!r)
		r = packet_classes_write(&w, rules, &compiled->classes);
	if (!r)
		r = lookup_write(&w, &compiled->lookup);
	if (r == -E2BIG)
		return fault_set(fault, -EINVAL, EXIT_REFUSED,
				 "the sets that rules use have too many elements for this version");
	if (!r)
		r = blob_put_sets(&w, rules, &compiled->lookup);
	if (!r)
		r = blob_put_records(&w, compiled);
	if (!r)
		r = blob_end(&w, text, text_len);
	if (r == -ENOSPC)
		return fault_set(fault, -EINVAL, EXIT_REFUSED,
				 "the rules need %zu bytes, and %d is the limit of this version",
				 w.wanted, BLOB_MAX);
	return r;
}

/* What packets that meet a rule need to know beside its boxes. */
static int make_records(struct compiled *compiled, const struct ruleset *rules)
{
	unsigned int alike = ON_ALL; /* hooks */
	compiled->records = calloc(rules->count + 1, sizeof(*compiled->records));
	compiled->extras = calloc(ruleset_limits(rules) + 1, sizeof(*compiled->extras));
	if (!compiled->records || !compiled->extras)
		return -ENOMEM;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];
		struct rule_record *record = &compiled->records[compiled->record_count++];

		record->slot = rule->slot;
		record->action = rule->action;
		alike = rule_alike_after(rules, rule, alike);
		if (rule->action != ACTION_LIMIT)
			continue;
		compiled->extras[compiled->extra_count].meter = limit_meter(&rule->limit);
		compiled->extras[compiled->extra_count++].meter.once = (uint8_t)alike;
		record->extra = compiled->extra_count;
	}
	return 0;
}

static int compile_rules(const struct ruleset *rules, struct compiled *compiled, struct blob *blob,
			 struct fault *fault)
{
	int r = make_records(compiled, rules);
	size_t i;

	compiled->rules = rules;
	if (!r)
		r = lookup_build(rules, boottime_seconds(), &compiled->lookup, fault);
	if (!r)
		r = packet_classes_build(rules, &compiled->classes, fault);
	for (i = 0; r == 0 && i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->disabled)
			continue;
		r = compile_rule(compiled, rule, RULE_NUMBER(i), fault);
		if (!r)
			r = might_add(compiled, rule, RULE_NUMBER(i));
		if (r < 0 && fault && rule->file) {
			fault->file = rule->file;
			fault->line = rule->line;
		}
	}
	return r < 0 ? r : fill_blob(rules, compiled, blob, fault);
}

int ruleset_compile(const struct ruleset *rules, struct blob *blob, struct fault *fault)
{
	struct compiled compiled = {};
	int r;

	if (rules->count > MAX_RULES)
		return fault_set(fault, -EINVAL, EXIT_REFUSED,
				 "%zu rules, and %d rules is the limit of this version",
				 rules->count, MAX_RULES);
	r = sets_check_uses(rules, fault);
	if (r < 0)
		return r;
	blob->magic = BLOB_MAGIC;
	blob->built = rules->generation + 1 ? rules->generation + 1 : 2;
	blob->state = OVERLAY_STATE(blob->built, 0);
	blob->parts_slot = blob->built % PARTS_PLACES * MAX_PARTS;
	blob->policy = rules->policy;
	blob->rules = rules->count;
	blob->next_id = rules->next_id;
	blob->next_slot = rules->next_slot;
	blob->next_audit = rules->next_audit;
	blob->spares = rules->spares;
	memcpy(blob->spare, rules->spare, sizeof(blob->spare));
	r = compile_rules(rules, &compiled, blob, fault);
	compiled_free(&compiled);
	return r;
}
