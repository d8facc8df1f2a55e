/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_set.c - "netctl set": words of the command line to a change of the sets in force. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../rules/rule_uses.h"
#include "../text/element_read.h"
#include "../text/set_words.h"
#include "cmd.h"
#include "../base/duration.h"
#include "../text/set_batch.h"
#include "../live/add_in_place.h"
#include "../live/set_edit.h"

static int create(struct edit *edit, const char *name, int count, char **words, struct fault *fault)
{
	struct set *set;
	int r;

	if (!set_name_is_good(name)) {
		fault_set(fault, -EINVAL, EXIT_USAGE, "not the name of a set: '%s'", name);
		fault_hint(fault, SET_NAME_HINT);
		return -EINVAL;
	}
	if (ruleset_find_set(&edit->set, name))
		return fault_set(fault, -EEXIST, EXIT_REFUSED, "set '%s' is there already", name);
	r = ruleset_add_set(&edit->set, name, SET_ADDRESSES, &set);
	for (int i = 0; i < count && !r; i++)
		r = set_word(set, words[i], fault);
	return r;
}

static int run_create(int argc, char **argv)
{
	struct fault fault = {};
	struct edit edit;
	int r;

	if (argc < 2)
		return usage_error(&cmd_set, "create: which name?");
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "set create", &fault);
	r = create(&edit, argv[1], argc - 2, argv + 2, &fault);
	if (!r)
		r = rules_commit(&edit.store, &edit.set, &fault);
	edit_close(&edit);
	return r < 0 ? fail(r, "set create", &fault) : EXIT_DONE;
}

/* "for TIME" as the last words; how many words that takes, or -EINVAL. */
static int read_lifetime(int count, char **words, uint32_t *ret, struct fault *fault)
{
	if (count > 2 && !strcmp(words[count - 1], "for")) {
		fault_set(fault, -EINVAL, EXIT_USAGE, "for needs a time");
		fault_hint(fault, DURATION_HINT);
		return -EINVAL;
	}
	if (count < 2 || strcmp(words[count - 2], "for"))
		return 0;
	if (duration_read(words[count - 1], ret))
		return 2;
	fault_set(fault, -EINVAL, EXIT_USAGE, "not a time: '%s'", words[count - 1]);
	fault_hint(fault, DURATION_HINT);
	return -EINVAL;
}

static int add(struct edit *edit, struct set *set, struct set *batch, struct fault *fault)
{
	struct set_report report;
	int r = set_add(set, batch, &report);

	if (!r && (report.added || report.renewed))
		r = edit_put_sets(edit, NULL, fault);
	if (!r)
		report_added("added", &report, set, batch);
	return r;
}

/* In place where that is possible: a large set is not even read then. 1: it is not, and nothing has changed. */
static int add_in_place(const char *name, int count, char **words, struct fault *fault)
{
	struct element elements[OVERLAY_MEMBERS];
	struct store store;
	int r = 0;

	if (count > OVERLAY_MEMBERS)
		return 1;
	/* What is wrong with a word is told by who knows the set's type. */
	for (int i = 0; i < count; i++)
		if (element_read(SET_ADDRESSES, words[i], strlen(words[i]), &elements[i], NULL) < 0)
			return 1;
	r = store_open(STORE_CHANGE, &store, fault);
	if (r < 0)
		return r;
	r = hosts_add_in_place(&store, name, elements, (size_t)count, fault);
	store_close(&store);
	if (!r)
		printf("added %d\n", count);
	return r;
}

static int run_add(int argc, char **argv)
{
	struct fault fault = {};
	uint32_t lifetime = 0;
	struct edit edit;
	struct set *set;
	int r = read_lifetime(argc, argv, &lifetime, &fault);

	if (r < 0)
		return fail(r, "set add", &fault);
	argc -= r;
	if (argc < 3)
		return usage_error(&cmd_set, "add: wants the name of a set, then elements");
	r = lifetime ? 1 : add_in_place(argv[1], argc - 2, argv + 2, &fault);
	if (r <= 0)
		return r < 0 ? fail(r, "set add", &fault) : EXIT_DONE;
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "set add", &fault);
	r = edit_find_set(&edit, argv[1], &set, &fault);
	if (!r) {
		struct set batch = { .type = set->type };

		r = batch_words(argc - 2, argv + 2, lifetime, &batch, &fault);
		if (!r)
			r = add(&edit, set, &batch, &fault);
		set_free(&batch);
	}
	edit_close(&edit);
	return r < 0 ? fail(r, "set add", &fault) : EXIT_DONE;
}

static int del(struct edit *edit, struct set *set, struct set *batch, struct fault *fault)
{
	struct set_report report;
	int r = set_remove(set, batch, &report);

	if (!r && !report.added) {
		fault_set(fault, -ENOENT, EXIT_MISSING, "nothing of this is in set '%s'",
			  set->name);
		fault_hint(fault, "'netctl set list %s' shows its elements", set->name);
		return -ENOENT;
	}
	if (!r)
		r = edit_put_sets(edit, NULL, fault);
	if (!r)
		report_deleted(&report);
	return r;
}

static int run_del(int argc, char **argv)
{
	struct fault fault = {};
	struct edit edit;
	struct set *set;
	int r;

	if (argc < 3)
		return usage_error(&cmd_set, "del: wants the name of a set, then elements");
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, "set del", &fault);
	r = edit_find_set(&edit, argv[1], &set, &fault);
	if (!r) {
		struct set batch = { .type = set->type };

		r = batch_words(argc - 2, argv + 2, 0, &batch, &fault);
		if (!r)
			r = del(&edit, set, &batch, &fault);
		set_free(&batch);
	}
	edit_close(&edit);
	return r < 0 ? fail(r, "set del", &fault) : EXIT_DONE;
}

static int destroy(struct edit *edit, const char *name, struct fault *fault)
{
	char users[SET_USERS_SIZE];
	struct set *set;
	int r = edit_find_set(edit, name, &set, fault);
	size_t count = r < 0 ? 0 : set_users(&edit->set, name, users);

	if (count) {
		fault_set(fault, -EBUSY, EXIT_REFUSED, "set '%s' is used by rule%s %s", name,
			  count > 1 ? "s" : "", users);
		fault_hint(fault, "delete %s first: 'netctl rule del'", count > 1 ? "them" : "it");
		return -EBUSY;
	}
	if (!r)
		ruleset_remove_set(&edit->set, name);
	return r;
}

static int flush(struct edit *edit, const char *name, struct fault *fault)
{
	struct set *set;
	int r = edit_find_set(edit, name, &set, fault);

	if (!r)
		set_free(set);
	return r;
}

static int run_empty(int argc, char **argv)
{
	bool destroys = !strcmp(argv[0], "destroy");
	const char *name = destroys ? "set destroy" : "set flush";
	struct fault fault = {};
	struct edit edit;
	int r;

	if (argc != 2)
		return usage_error(&cmd_set, "%s: wants the name of one set", argv[0]);
	r = edit_open(STORE_CHANGE, &edit, &fault);
	if (r < 0)
		return fail(r, name, &fault);
	r = destroys ? destroy(&edit, argv[1], &fault) : flush(&edit, argv[1], &fault);
	if (!r)
		r = rules_commit(&edit.store, &edit.set, &fault);
	edit_close(&edit);
	return r < 0 ? fail(r, name, &fault) : EXIT_DONE;
}

static const struct verb verbs[] = {
	{ "create", run_create }, { "add", run_add },	    { "del", run_del },
	{ "load", run_set_load }, { "list", run_set_list }, { "flush", run_empty },
	{ "destroy", run_empty },
};

static int run_set(int argc, char **argv)
{
	if (argc < 2)
		return usage_error(&cmd_set, "what to do? one of these:");
	return run_verb(&cmd_set, verbs, ARRAY_SIZE(verbs), argc, argv);
}

const struct command cmd_set = {
	.name = "set",
	.usage = "create NAME [ports|services] [counters]\n"
		 "add NAME ELEMENT... [for TIME]\n"
		 "del NAME ELEMENT...\n"
		 "load [--add] NAME FILE|- [for TIME]\n"
		 "list [-j] [NAME]\n"
		 "flush NAME\n"
		 "destroy NAME",
	.summary = "named sets of addresses, ports or services, for rules: src @NAME",
	.help = "A change is in force at every hook in the same instant, and leaves the rules and\n"
		"their counters as they are.\n"
		"\n"
		"create   an empty set; with counters, every element counts its packets, to be\n"
		"         seen by 'list NAME'\n"
		"add      elements, alone or joined by commas; 'for 10m': they go by themselves,\n"
		"         and adding one again renews its time\n"
		"del      elements, or parts of them: what is left of a prefix stays\n"
		"load     all elements anew from a file, or more of them with --add: one a line,\n"
		"         remarks begin with '#' or ';', or are what follows after a blank\n"
		"list     the sets; with NAME its elements, as load takes them\n"
		"destroy  unless rules use it\n"
		"\n"
		"What is listed twice or lies within another is merged, and the command says so.\n"
		"\n"
		"ELEMENT is, of a set of\n"
		"  addresses  10.0.0.1, 10.0.0.0/8, 10.0.0.1-10.0.0.9, 2001:db8::/32, mixed; none\n"
		"             has bits beyond its prefix\n"
		"  ports      80, 8000-8080, https\n"
		"  services   10.0.0.5:53/udp, [2001:db8::1]:443, 10.0.0.5:8000-8080\n"
		"Rules name sets of addresses by src, dst and host, of ports by sport, dport and\n"
		"port; of services by src and dst: address, port and protocol of one end.\n"
		"\n"
		"  -j, --json       list: as JSON\n"
		"\n"
		"Examples:\n"
		"  netctl set create bad\n"
		"  netctl set add bad 10.0.0.9 192.0.2.0/24,2001:db8::/32\n"
		"  netctl set add bad 10.9.9.9 for 1h30m\n"
		"  netctl rule add drop src @bad\n"
		"  printf '10.0.0.1\\n10.0.0.2 # seen twice\\n' | netctl set load --add bad -\n"
		"  netctl set list bad\n"
		"  netctl set del bad 192.0.2.7\n",
	.run = run_set,
};
