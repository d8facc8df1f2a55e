/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_rule.c - "netctl rule": words of the command line to an edit of the list of rules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../live/add_in_place.h"
#include "../live/edit.h"
#include "../text/rule_parse.h"
#include "rule_notes.h"

/* The list compiled anew. */
static int insert(struct edit *edit, const struct place *place, struct rule *rule,
		  uint32_t *ret_id, struct fault *fault)
{
	int r = edit_load(edit, fault), position;

	if (!r)
		r = edit_place(&edit->rules, place, fault);
	if (r < 0)
		return r;
	position = r;
	r = edit_take_slots(edit, &edit->rules, rule, fault);
	if (!r)
		r = ruleset_insert(&edit->rules, (size_t)position, rule, fault);
	if (r < 0)
		return r;
	edit_take_spares(edit, &edit->rules);
	*ret_id = edit->rules.rules[position].id;
	r = edit_commit(edit, fault);
	if (!r)
		rule_notes(&edit->rules, &edit->rules.rules[position]);
	return r;
}

/* In place where that is possible: a long list is not even read then. */
static int add_at(int count, char **words, const struct place *place, uint32_t *ret_id,
		  struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	autorule struct rule rule = {};
	int r = rule_parse_words(count, words, &rule, fault);

	if (!r)
		r = store_open(STORE_CHANGE, &edit.store, fault);
	if (r < 0)
		return r;
	edit_note_kept(&edit.store);
	r = rule_add_in_place(&edit.store, place->where, place->id, &rule, fault);
	*ret_id = rule.id;
	return r == 1 ? insert(&edit, place, &rule, ret_id, fault) : r;
}

/* What add and insert end with. */
static int add_and_print(int count, char **words, const struct place *place, struct fault *fault)
{
	uint32_t id;
	int r = add_at(count, words, place, &id, fault);

	if (!r)
		printf("%u\n", id);
	return r;
}

static int run_add(const struct args *args, struct fault *fault)
{
	const struct place last = { .where = LAST };

	return add_and_print(args->count, args->words, &last, fault);
}

/* A place as the last words; what follows "comment" is the comment, whatever it says. */
static int read_last_place(int count, char **words, struct place *ret)
{
	for (int n = 2; n >= 1; n--)
		if (count > n && strcmp(words[count - n - 1], "comment") &&
		    place_read(n, words + count - n, ret) == n)
			return n;
	return 0;
}

static int run_insert(const struct args *args, struct fault *fault)
{
	struct place place = {};
	int before = place_read(args->count, args->words, &place);
	int after = before ? 0 : read_last_place(args->count, args->words, &place);
	int count = args->count - before - after;

	if (!before && !after)
		return usage_error(args, "expected a place: " PLACES);
	if (!count)
		return usage_error(args, "missing rule");
	return add_and_print(count, args->words + before, &place, fault);
}

static int replace_at(struct edit *edit, size_t position, struct rule *rule, struct fault *fault)
{
	const struct rule *old = &edit->rules.rules[position];
	int r = 0;

	if (rule_equal(old, rule) && !rule_is_timed(rule))
		return 0;
	rule->id = old->id;
	if (rule_judges_equal(old, rule))
		rule_keep_slots(rule, old);
	else
		r = edit_take_slots(edit, &edit->rules, rule, fault);
	if (r < 0)
		return r;
	ruleset_remove(&edit->rules, position);
	r = ruleset_insert(&edit->rules, position, rule, fault);
	if (!r)
		r = edit_commit(edit, fault);
	if (!r)
		rule_notes(&edit->rules, &edit->rules.rules[position]);
	return r;
}

static int run_replace(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	autorule struct rule rule = {};
	int r;

	if (!edit_is_id(args->words[0]))
		return usage_error(args, "not a rule's id: '%s'", args->words[0]);
	r = rule_parse_words(args->count - 1, args->words + 1, &rule, fault);
	if (!r)
		r = edit_open(STORE_CHANGE, &edit, fault);
	if (!r)
		r = edit_find_id(&edit.rules, args->words[0], fault);
	return r < 0 ? r : replace_at(&edit, (size_t)r, &rule, fault);
}

static int run_flush(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (r < 0 || !edit.rules.count)
		return r;
	while (edit.rules.count)
		ruleset_remove(&edit.rules, edit.rules.count - 1);
	return edit_commit(&edit, fault);
}

static const struct command verb_add = {
	"rule add", "RULE...", "append a rule, and print its id",
	WORDS(1, MANY, "a rule"), .run = run_add,
};

static const struct command verb_insert = {
	"rule insert", "first|last|before ID|after ID RULE...",
	"the same at a place, which may also follow RULE",
	WORDS(0, MANY, NULL), .run = run_insert,
};

static const struct command verb_replace = {
	"rule replace", "ID RULE...", "another rule with the same id and place",
	WORDS(2, MANY, "an id and the new rule"), .run = run_replace,
};

static const struct command verb_flush = {
	"rule flush", NULL, "remove all rules; the policy stays",
	.run = run_flush,
};

static const struct command *const verbs[] = {
	&verb_add,	   &verb_insert,       &verb_replace,	&verb_rule_del, &verb_rule_move,
	&verb_rule_enable, &verb_rule_disable, &verb_rule_list, &verb_flush,	NULL,
};

/* The fields, those in one line that take the same: "in|out IFACE", "ether src|dst ADDRESS". */
static void print_matches(void)
{
	const struct match_field *f = match_fields, *next;

	printf("\nMatches:\n");
	for (; f < match_fields + FIELDS; f = next) {
		const char *blank = strchr(f->word, ' ');
		size_t shared = blank ? (size_t)(blank + 1 - f->word) : 0;
		int width = printf("  %s", f->word);

		for (next = f + 1; next < match_fields + FIELDS && !strcmp(next->help, f->help); next++)
			width += printf("|%s", next->word + shared);
		if (f->takes)
			width += printf(" %s", f->takes);
		printf("%*s%s\n", MAX(25 - width, 1), "", f->help);
	}
}

const struct command cmd_rule = {
	COMMAND("rule", NULL, "change or show the list of rules"),
	.help = "The first rule that matches a packet decides; what no rule decides is for\n"
		"'netctl policy'. A change is in force at every hook in the same instant. A rule\n"
		"that is replaced by one that judges differently counts anew.\n"
		"\n"
		"RULE is pass, drop or audit (count what drop would drop, and go on), or\n"
		"  limit RATE [burst N] [per KEY]  passes what is within the rate, drops the\n"
		"                                  rest: 1000pps, 5/m, 10mbit; per src, dst,\n"
		"                                  src/24, flow\n"
		"then any of the matches below, all of which must match. Values may be lists:\n"
		"dport 53,80,443. 'not' before a match inverts it. After the matches 'for 10m'\n"
		"makes the rule expire, then 'comment \"TEXT\"' may follow. 'disabled' before the\n"
		"action keeps a rule in the list without effect.\n"
		"\n"
		"A match says nothing where packets have no such thing: received ones have no\n"
		"mark, those of nf no Ethernet addresses. A rule that names one is added with a\n"
		"note that says at which hooks it judges, unless it names them itself.\n",
	.print_tables = print_matches,
	.examples = "  netctl rule add drop dst 10.0.0.5\n"
		    "  netctl rule add drop proto udp dport 53 not src 192.168.0.0/16,fd00::/8\n"
		    "  netctl rule insert first pass proto tcp port 22 comment \"my way in\"\n"
		    "  netctl rule insert audit proto tcp dport 25 before 2\n"
		    "  netctl rule move 3 after 1\n"
		    "  netctl rule disable 1-2\n"
		    "  netctl rule add limit 1000pps per src/24 proto udp dport 53\n"
		    "  netctl rule add drop src 192.0.2.0/24 for 1h\n"
		    "  netctl rule list -s\n"
		    "  netctl rule del 1\n",
	.verbs = verbs,
	WORDS(0, MANY, NULL),
	.run = run_verb,
};
