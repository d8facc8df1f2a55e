/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_overlay.c - fills the overlay of a compiled ruleset with random rules. */
#include <errno.h>

#include "../../ctl/check/overlay_check.h"
#include "../../ctl/compile/overlay.h"
#include "../../ctl/live/ifaces.h"
#include "../../ctl/text/rule_parse.h"
#include "random_overlay.h"
#include "random_rules.h"

#define TRIED (3 * OVERLAY_RULES)

/* 1: it does not fit, or not beside what lasts for a time only. */
static int add(struct harness *h, struct prng *prng, const char *text, struct fault *fault)
{
	enum where where = below(prng, 2) ? FIRST : below(prng, 2) ? BEFORE : AFTER;
	size_t beside = below(prng, (uint32_t)h->rules.count), at = where == FIRST ? 0 : beside;
	struct overlay_edit edit;
	struct rule rule = {}, copy = {};
	struct ruleset alone = { .count = 1, .rules = &rule };
	int r = rule_parse(text, &rule, fault);

	if (!r)
		r = rule_parse(text, &copy, fault);
	if (!r)
		r = ifaces_find(&alone, false, fault);
	if (!r)
		r = overlay_add(h->blob, where, h->rules.rules[beside].id, &alone, &edit, fault);
	if (!r)
		r = overlay_check(h->blob, edit.before, edit.state, &alone, edit.number, fault);
	if (r == -ENOENT && rule_is_timed(&h->rules.rules[beside]))
		r = 1;
	rule_free(&rule);
	free(alone.ifaces);
	if (!r) {
		overlay_publish(h->blob, &edit);
		r = ruleset_insert(&h->rules, at + (where == AFTER), &copy, fault);
	}
	rule_free(&copy);
	return r;
}

int random_overlay(struct harness *h, uint64_t seed, struct fault *fault)
{
	struct prng prng = prng_seed(seed);
	char **texts = random_rules(MANNER_TUPLES, seed, TRIED);
	int r = 0;

	for (size_t i = 0; i < TRIED && r >= 0 && h->rules.count >= OVERLAY_FROM; i++)
		r = add(h, &prng, texts[i], fault);
	random_rules_free(texts, TRIED);
	h->generation = h->rules.generation = h->blob->generation;
	return r < 0 ? r : harness_need_blocks(h, &h->rules);
}
