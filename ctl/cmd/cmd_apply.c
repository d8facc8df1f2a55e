/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_apply.c - "netctl apply" and "netctl save": the rules in force from a file, and to one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../attach/below.h"
#include "../text/script.h"
#include "applied.h"
#include "cmd.h"

static int put_in_force(struct ruleset *next, struct apply_counts *ret, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (r == -ENOENT) { /* nothing is attached, nor kept */
		fault_clear(fault);
		r = edit_open(STORE_CREATE, &edit, fault);
	}
	if (!r)
		r = apply_prepare(&edit, next, ret, fault);
	if (r == 1)
		r = rules_commit(&edit.store, next, fault);
	else if (!r && ruleset_limits(&edit.rules)) /* depend on what their interfaces stand on now */
		r = rules_commit(&edit.store, &edit.rules, fault);
	if (!r && store_is_live(&edit.store))
		r = below_write(&edit.store, &edit.store.meta);
	return r;
}

static int run_apply(const struct args *args, struct fault *fault)
{
	autoscript struct script script = {};
	struct apply_counts counts = {};
	int r;

	/* Before the lock: it may wait for a terminal. */
	r = script_read(args->words[0], &script, fault);
	if (!r)
		r = put_in_force(&script.rules, &counts, fault);
	if (r < 0) /* may name the file that the script holds */
		return fail(r, args->command->name, fault);
	print_applied(&script.rules, &counts);
	return EXIT_DONE;
}

const struct command cmd_apply = {
	COMMAND("apply", "FILE|-", "put the rules and the policy of a file in force, as a whole"),
	.help = "All of it is in force at every hook in the same instant, or nothing is changed.\n"
		"What the file does not say is gone: no policy line means policy pass.\n"
		"\n"
		"A rule that the file and the list in force both have keeps id and counters,\n"
		"wherever it is; so does one whose comment changed, or that is disabled now.\n"
		"Of a set that both have, the elements that both have keep counters, and what is\n"
		"left of their time if both have one: 'netctl set add' renews it.\n"
		"\n"
		"Where nothing is attached the rules are kept for the next 'netctl attach', until a\n"
		"reboot: its first packet is judged by them. 'netctl status' says so, the commands\n"
		"about rules show and change them, and 'netctl detach --all' forgets them.\n"
		"'netctl help check' says what a file may hold, 'netctl diff' what would change.\n",
	.examples = "  netctl save | netctl apply -\n"
		    "  printf 'policy pass\\ndrop dst 10.0.0.5\\n' | netctl apply -\n",
	WORDS(1, 1, "one FILE, or - for standard input"),
	.run = run_apply,
};

static int run_save(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	int r = edit_open(STORE_READ, &edit, fault);

	return r < 0 ? r : script_print(&edit.rules, stdout);
}

const struct command cmd_save = {
	COMMAND("save", NULL, "print the policy and the rules in force as a file for apply"),
	.help = "After 'netctl apply' of what it prints, 'netctl diff'\n"
		"of the same finds nothing.\n",
	.examples = "  netctl save >/tmp/netctl.rules\n",
	.run = run_save,
};
