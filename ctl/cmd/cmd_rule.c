/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_rule.c - "netctl rule": words of the command line to an edit of the list of rules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../live/add_in_place.h"
#include "../live/edit.h"

/* The list compiled anew. */
static int insert(struct edit *edit, const struct place *place, struct rule *rule,
		  uint32_t *ret_id, struct fault *fault)
{
	int r = edit_load(edit, fault), position;

	if (!r)
		r = edit_place(&edit->set, place, fault);
	if (r < 0)
		return r;
	position = r;
	r = edit_take_slots(edit, &edit->set, rule, fault);
	if (!r)
		r = ruleset_insert(&edit->set, (size_t)position, rule, fault);
	if (r < 0)
		return r;
	edit_take_spares(edit, &edit->set);
	*ret_id = edit->set.rules[position].id;
	return rules_commit(&edit->store, &edit->set, fault);
}

/* In place where that is possible: a long list is not even read then. */
static int add_at(int count, char **words, const struct place *place, uint32_t *ret_id,
		  struct fault *fault)
{
	autorule struct rule rule = {};
	struct edit edit = {};
	int r = edit_parse(count, words, &rule, fault);

	if (!r)
		r = store_open(STORE_CHANGE, &edit.store, fault);
	if (r < 0)
		return r;
	r = rule_add_in_place(&edit.store, place->where, place->id, &rule, fault);
	*ret_id = rule.id;
	if (r == 1)
		r = insert(&edit, place, &rule, ret_id, fault);
	edit_close(&edit);
	return r;
}

static int run_add(int argc, char **argv)
{
	const struct place last = {.where = LAST};
	struct fault fault = {};
	uint32_t id;
	int r;

	if (argc < 2)
		return usage_error(&cmd_rule, "add: which rule?");
	r = add_at(argc - 1, argv + 1, &last, &id, &fault);
	if (r < 0)
		return fail(r, "rule add", &fault);
	printf("%u\n", id);
	return EXIT_DONE;
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

static int run_insert(int argc, char **argv)
{
	struct place place = {};
	struct fault fault = {};
	int count = argc - 1, skip = place_read(count, argv + 1, &place), r;
	uint32_t id;

	count -= skip ? skip : read_last_place(count, argv + 1, &place);
	if (place.where == LAST)
		return usage_error(&cmd_rule, "insert: say where: first, before ID or after ID");
	if (!count)
		return usage_error(&cmd_rule, "insert: which rule?");
	r = add_at(count, argv + 1 + skip, &place, &id, &fault);
	if (r < 0)
		return fail(r, "rule insert", &fault);
	printf("%u\n", id);
	return EXIT_DONE;
}

static int replace_at(struct edit *edit, size_t position, struct rule *rule, struct fault *fault)
{
	const struct rule *old = &edit->set.rules[position];
	int r = 0;

	if (rule_equal(old, rule) && !rule_is_timed(rule))
		return 0;
	rule->id = old->id;
	if (rule_judges_equal(old, rule))
		rule_keep_slots(rule, old);
	else
		r = edit_take_slots(edit, &edit->set, rule, fault);
	if (r < 0)
		return r;
	ruleset_remove(&edit->set, position);
	r = ruleset_insert(&edit->set, position, rule, fault);
	return r < 0 ? r : rules_commit(&edit->store, &edit->set, fault);
}

static int run_replace(int argc, char **argv)
{
	autorule struct rule rule = {};
	struct fault fault = {};
	struct edit edit;
	int r;

	if (argc < 3)
		return usage_error(&cmd_rule, "replace: wants an id, then the new rule");
	if (!edit_is_id(argv[1]))
		return usage_error(&cmd_rule, "replace: not a rule's id: '%s'", argv[1]);
	r = edit_parse(argc - 2, argv + 2, &rule, &fault);
	if (!r)
		r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "rule replace", &fault);
	r = edit_find_id(&edit.set, argv[1], &fault);
	if (r >= 0)
		r = replace_at(&edit, r, &rule, &fault);
	edit_close(&edit);
	return r < 0 ? fail(r, "rule replace", &fault) : EXIT_DONE;
}

static int run_flush(int argc, char **argv)
{
	struct fault fault = {};
	struct edit edit;
	int r;

	if (argc > 1)
		return usage_error(&cmd_rule, "flush: takes no more words");
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "rule flush", &fault);
	if (edit.set.count) {
		while (edit.set.count)
			ruleset_remove(&edit.set, edit.set.count - 1);
		r = rules_commit(&edit.store, &edit.set, &fault);
	}
	edit_close(&edit);
	return r < 0 ? fail(r, "rule flush", &fault) : EXIT_DONE;
}

static const struct verb verbs[] = {
	{"add", run_add},
	{"insert", run_insert},
	{"replace", run_replace},
	{"del", run_rule_del},
	{"move", run_rule_move},
	{"enable", run_rule_switch},
	{"disable", run_rule_switch},
	{"list", run_rule_list},
	{"flush", run_flush},
};

static int run_rule(int argc, char **argv)
{
	if (argc < 2)
		return usage_error(&cmd_rule, "what to do? add, del, list, or one of these:");
	return run_verb(&cmd_rule, verbs, ARRAY_SIZE(verbs), argc, argv);
}

const struct command cmd_rule = {
	.name = "rule",
	.usage = "add RULE...\n"
		 "insert first|before ID|after ID RULE...\n"
		 "replace ID RULE...\n"
		 "del ID[-ID][,...]|RULE...\n"
		 "move ID first|last|before ID|after ID\n"
		 "enable|disable ID[-ID][,...]\n"
		 "list [-s] [-j] [-H] [ID]\n"
		 "flush",
	.summary = "change or show the list of rules",
	.help = "The first rule that matches a packet decides; what no rule decides is for\n"
		"'netctl policy'. A change is in force at every hook in the same instant.\n"
		"\n"
		"add, insert  print the new rule's id; the place may stand before or after RULE\n"
		"replace      keeps id and place; a rule that judges differently counts anew\n"
		"del          takes ids (3-7,9), or the rule as list shows it\n"
		"move         keeps id and counters, as enable and disable do\n"
		"disable      the rule stays in the list, and judges nothing\n"
		"flush        removes all rules and leaves the policy\n"
		"\n"
		"  -s, --stats      list: with packets and bytes\n"
		"  -j, --json       list: as JSON, with packets and bytes\n"
		"  -H, --no-header  list: without the line that names the columns\n"
		"\n"
		"RULE is pass, drop or audit (count what drop would drop, and go on), or\n"
		"  limit RATE [burst N] [per KEY]  passes what is within the rate, drops the rest:\n"
		"                                  1000pps, 5/m, 10mbit; per src, dst, src/24, flow\n"
		"then any of these, all of which must match:\n"
		"  src|dst|host ADDRESS    10.0.0.5, 10.0.0.0/8, 10.0.0.1-10.0.0.9, 2001:db8::/32\n"
		"  proto NAME              tcp, udp, icmp, icmpv6, 47\n"
		"  sport|dport|port PORT   53, domain, 1024-65535\n"
		"  icmp TYPE[/CODE]        echo-request, 3/4\n"
		"  flags FLAGS             syn, of TCP\n"
		"  in|out IFACE            hook xdp|tc|nf\n"
		"  vlan ID                 ethertype NAME\n"
		"  len BYTES               frag\n"
		"Values may be lists: dport 53,80,443. 'not' before a match turns it round.\n"
		"'for 10m' behind them ends the rule by itself; 'comment \"TEXT\"' may stand last,\n"
		"'disabled' before the action.\n"
		"\n"
		"Examples:\n"
		"  netctl rule add drop dst 10.0.0.5\n"
		"  netctl rule add drop proto udp dport 53 not src 192.168.0.0/16\n"
		"  netctl rule insert first pass proto tcp port 22 comment \"my way in\"\n"
		"  netctl rule insert audit proto tcp dport 25 before 2\n"
		"  netctl rule move 3 after 1\n"
		"  netctl rule disable 1-2\n"
		"  netctl rule add limit 1000pps per src/24 proto udp dport 53\n"
		"  netctl rule add drop src 192.0.2.0/24 for 1h\n"
		"  netctl rule list -s\n"
		"  netctl rule del 1\n",
	.run = run_rule,
};
