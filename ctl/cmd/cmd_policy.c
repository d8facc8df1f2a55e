/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_policy.c - "netctl policy": what happens to packets that no rule decides. */
#include <errno.h>
#include <stdio.h>

#include "cmd.h"
#include "../live/commit.h"
#include "../live/rules_read.h"
#include "../rules/names.h"

static int show(struct fault *fault)
{
	struct ruleset set;
	struct store store;
	int r = store_open(STORE_READ, &store, fault);

	if (r < 0)
		return r;
	r = rules_read(&store, &set, fault);
	store_close(&store);
	if (r < 0)
		return r;
	puts(name_text(verdict_names, set.policy));
	ruleset_free(&set);
	return 0;
}

static int change(enum verdict policy, struct fault *fault)
{
	struct ruleset set;
	struct store store;
	int r = store_open(STORE_CHANGE, &store, fault);

	if (r < 0)
		return r;
	r = rules_read(&store, &set, fault);
	if (!r && set.policy != policy) {
		set.policy = policy;
		r = rules_commit(&store, &set, fault);
	}
	if (!r)
		ruleset_free(&set);
	store_close(&store);
	return r;
}

static int run_policy(const struct args *args, struct fault *fault)
{
	int policy, r;

	if (!args->count)
		return show(fault);
	policy = name_number(verdict_names, args->words[0]);
	if (policy < 0)
		return usage_error(args, "no such policy: '%s'", args->words[0]);
	r = change(policy, fault);
	if (!r && policy == VERDICT_DROP)
		note("ARP and neighbour discovery are dropped too unless a rule passes them: "
		     "netctl rule add pass ethertype arp");
	return r;
}

const struct command cmd_policy = {
	.name = "policy",
	.usage = "[pass|drop]",
	.summary = "what happens to packets that no rule decides",
	.help = "Without a word it prints the policy in force; a first attach begins with pass.\n"
		"\n"
		"Policy drop takes everything that no rule passes, at every attached hook: your\n"
		"remote session, ARP and IPv6 neighbour discovery among it. Pass those first.\n",
	.examples = "  netctl policy\n"
		    "  netctl rule add pass ethertype arp\n"
		    "  netctl rule add pass proto icmpv6\n"
		    "  netctl rule add pass proto tcp port 22\n"
		    "  netctl policy drop\n",
	WORDS(0, 1, "one of pass and drop"),
	.run = run_policy,
};
