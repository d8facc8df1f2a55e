/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_policy.c - "netctl policy": what happens to packets that no rule decides. */
#include <errno.h>
#include <stdio.h>

#include "cmd.h"
#include "../live/edit.h"
#include "../rules/names.h"

static int run_policy(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	int policy = args->count ? name_number(verdict_names, args->words[0]) : 0, r;

	if (policy < 0)
		return usage_error(args, "no such policy: '%s'", args->words[0]);
	r = edit_open(args->count ? STORE_CHANGE : STORE_READ, &edit, fault);
	if (r < 0)
		return r;
	if (!args->count) {
		puts(name_text(verdict_names, edit.rules.policy));
		return EXIT_DONE;
	}
	if (edit.rules.policy != (enum verdict)policy) {
		edit.rules.policy = policy;
		r = edit_commit(&edit, fault);
	}
	if (!r && policy == VERDICT_DROP)
		note("ARP and neighbour discovery are dropped too unless a rule passes them: "
		     "netctl rule add pass ethertype arp");
	return r;
}

const struct command cmd_policy = {
	COMMAND("policy", "[pass|drop]", "what happens to packets that no rule decides"),
	.help = "Without an argument it prints the policy in force; pass by default.\n"
		"\n"
		"Policy drop drops everything that no rule passes, at every attached hook: also\n"
		"your remote session, ARP and IPv6 neighbour discovery. Pass those first.\n",
	.examples = "  netctl policy\n"
		    "  netctl rule add pass ethertype arp\n"
		    "  netctl rule add pass proto icmpv6\n"
		    "  netctl rule add pass proto tcp port 22\n"
		    "  netctl policy drop\n",
	WORDS(0, 1, "one of pass and drop"),
	.run = run_policy,
};
