/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz_blob.c - the native walk of random rulesets, and the reader of damaged ones. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/compile/blob_read.h"
#include "../../ctl/compile/compile.h"
#include "../../ctl/live/ifaces.h"
#include "../../ctl/text/rule_print.h"
#include "test_packet.h"
#include "harness.h"
#include "native.h"
#include "fuzz_try.h"
#include "random_rules.h"

#define RULESET_PACKETS 400
#define DAMAGES 40 /* of one ruleset */

static struct blob *blob; /* room for any */

static int compile_random(struct prng *prng, size_t most, struct ruleset *rules)
{
	enum manner manner = below(prng, MANNER_COUNT);
	autofree char *text =
		random_script(manner, FIELDS, prng_word(prng), below(prng, most + 1));
	struct fault fault = {};
	int r = harness_script(text, rules, &fault);

	blob = blob ? blob : calloc(1, BLOB_MAX);
	if (!blob)
		errx(1, "no memory");
	memset(blob, 0, sizeof(*blob));
	if (!r)
		r = ifaces_find(rules, false, &fault);
	if (!r)
		r = ruleset_compile(rules, blob, &fault);
	fault_done(&fault);
	return r;
}

/* The native walk against the list. */
void try_ruleset(const struct corpus *corpus, struct prng *prng)
{
	struct oracle_answer list;
	struct decision walk;
	struct native native;
	struct test_frame frame;
	struct ruleset rules;
	struct test_packet d;

	if (compile_random(prng, 400, &rules) == 0) {
		for (size_t i = 0; rules.count && i < RULESET_PACKETS; i++) {
			const struct rule *rule = &rules.rules[below(prng, rules.count)];
			enum hook_id hook = below(prng, 2); /* OUTPUT sees no frames */

			if (i % 2)
				test_packet_corner(prng, &rules, rule,
						   below(prng, test_packet_corners(rule)), &d);
			else
				test_packet_for(prng, &rules, rule, below(prng, 4), &d);
			test_packet_frame(&d, &frame);
			native_parse(frame.bytes, frame.len, hook, frame.family, 1, frame.mark,
				     &native);
			oracle_ask(&rules, &native.packet, &native.envelope, hook, &list);
			classify(blob, &native.packet, &native.envelope, hook, &walk);
			if (walk.verdict != list.verdict || walk.slot != list.slot ||
			    walk.audits != list.audit_count)
				wrong("ruleset", "the list", "the walk");
		}
	}
	ruleset_free(&rules);
}

/* What a reader of the state may meet after anything: it says no, or gives rules that print. */
static void read_damaged(const struct blob *copy)
{
	struct fault fault = {};
	struct ruleset read;

	if (ruleset_load(copy, &read, &fault) == 0) {
		for (size_t i = 0; i < read.count; i++) {
			autofree char *text = NULL;

			rule_print(&read.rules[i], &text);
		}
		ruleset_free(&read);
	}
	fault_done(&fault);
}

void try_blob(const struct corpus *corpus, struct prng *prng)
{
	autofree struct blob *copy = NULL;
	struct ruleset rules;
	size_t size;

	if (compile_random(prng, 60, &rules) == 0) {
		size = blob_size(blob);
		copy = malloc(size); /* of the very size: what is behind it nobody may read */
		for (int i = 0; copy && i < DAMAGES; i++) {
			memcpy(copy, blob, size);
			damage(copy, sizeof(*copy) - sizeof(copy->classes), prng);
			if (below(prng, 2) && copy->text < BLOB_SIZE - 4)
				damage((char *)copy + copy->text,
				       MIN(BLOB_SIZE - copy->text, (uint32_t)4096), prng);
			if (below(prng, 2) && blob->sets_len > 4)
				damage((char *)copy + blob->sets,
				       MIN(blob->sets_len, (uint32_t)2048), prng);
			copy->parts = blob->parts; /* is compared with the map that holds them */
			read_damaged(copy);
		}
	}
	ruleset_free(&rules);
}
