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
	if (ruleset_find_set(&edit->rules, name))
		return fault_set(fault, -EEXIST, EXIT_REFUSED, "set '%s' is there already", name);
	r = ruleset_add_set(&edit->rules, name, SET_ADDRESSES, &set);
	for (int i = 0; i < count && !r; i++)
		r = set_word(set, words[i], fault);
	return r;
}

static int run_create(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (!r)
		r = create(&edit, args->words[0], args->count - 1, args->words + 1, fault);
	return r < 0 ? r : edit_commit(&edit, fault);
}

/* "for TIME" as the last words; how many words that takes, or -EINVAL. */
static int read_lifetime(int count, char **words, uint32_t *ret, struct fault *fault)
{
	if (count > 1 && !strcmp(words[count - 1], "for")) {
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

/* Read elements, and do something with them to the set of that name. */
static int change(const char *name, int count, char **words, uint32_t lifetime,
		  int (*how)(struct edit *, struct set *, struct set *batch, struct fault *),
		  struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	struct set batch = {}, *set;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (!r)
		r = edit_find_set(&edit, name, &set, fault);
	if (r < 0)
		return r;
	batch.type = set->type;
	r = batch_words(count, words, lifetime, &batch, fault);
	if (!r)
		r = how(&edit, set, &batch, fault);
	set_free(&batch);
	return r;
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
	struct element elements[OVERLAY_HOSTS];
	struct store store;
	int r = 0;

	if (count > OVERLAY_HOSTS)
		return 1;
	/* What is wrong with a word depends on the set's type, which is not known here. */
	for (int i = 0; i < count; i++)
		if (element_read(SET_ADDRESSES, words[i], strlen(words[i]), &elements[i], NULL) < 0)
			return 1;
	r = store_open(STORE_CHANGE, &store, fault);
	if (r < 0)
		return r;
	r = hosts_add_in_place(&store, name, elements, (size_t)count, fault);
	if (!r)
		edit_note_kept(&store);
	store_close(&store);
	if (!r)
		printf("added %d\n", count);
	return r;
}

static int run_add(const struct args *args, struct fault *fault)
{
	const char *name = args->words[0];
	char **words = args->words + 1;
	uint32_t lifetime = 0;
	int r = read_lifetime(args->count, args->words, &lifetime, fault), count;

	if (r < 0)
		return r;
	count = args->count - 1 - r;
	if (count < 1)
		return usage_error(args, "expected %s", args->command->expects);
	r = lifetime ? 1 : add_in_place(name, count, words, fault);
	return r == 1 ? change(name, count, words, lifetime, add, fault) : r;
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

static int run_del(const struct args *args, struct fault *fault)
{
	return change(args->words[0], args->count - 1, args->words + 1, 0, del, fault);
}

static int run_destroy(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	const char *name = args->words[0];
	char users[SET_USERS_SIZE];
	struct set *set;
	size_t count;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (!r)
		r = edit_find_set(&edit, name, &set, fault);
	if (r < 0)
		return r;
	count = set_users(&edit.rules, name, users);
	if (count) {
		fault_set(fault, -EBUSY, EXIT_REFUSED, "set '%s' is used by rule%s %s", name,
			  count > 1 ? "s" : "", users);
		fault_hint(fault, "delete %s first: 'netctl rule del'", count > 1 ? "them" : "it");
		return -EBUSY;
	}
	ruleset_remove_set(&edit.rules, name);
	return edit_commit(&edit, fault);
}

static int run_flush(const struct args *args, struct fault *fault)
{
	autoedit struct edit edit = EDIT_CLOSED;
	struct set *set;
	int r = edit_open(STORE_CHANGE, &edit, fault);

	if (!r)
		r = edit_find_set(&edit, args->words[0], &set, fault);
	if (r < 0)
		return r;
	set_free(set);
	return edit_commit(&edit, fault);
}

static const struct command verb_create = {
	"set create", "NAME [ports|services] [counters]",
	"an empty set; with counters, every element counts its packets: see list NAME",
	WORDS(1, MANY, "a name"), .run = run_create,
};

static const struct command verb_add = {
	"set add", "NAME ELEMENT... [for TIME]",
	"add elements; 'for 10m': they expire, and adding one again renews its time",
	WORDS(2, MANY, "the name of a set, then elements"), .run = run_add,
};

static const struct command verb_del = {
	"set del", "NAME ELEMENT...",
	"delete elements, or parts of them: what is left of a prefix stays",
	WORDS(2, MANY, "the name of a set, then elements"), .run = run_del,
};

static const struct command verb_flush = {
	"set flush", "NAME", "remove all elements",
	WORDS(1, 1, "the name of one set"), .run = run_flush,
};

static const struct command verb_destroy = {
	"set destroy", "NAME", "remove the set, unless rules use it",
	WORDS(1, 1, "the name of one set"), .run = run_destroy,
};

static const struct command *const verbs[] = {
	&verb_create,	&verb_add,   &verb_del,	    &verb_set_load,
	&verb_set_list, &verb_flush, &verb_destroy, NULL,
};

const struct command cmd_set = {
	COMMAND("set", NULL, "named sets of addresses, ports or services, for rules: src @NAME"),
	.help = "A change is in force at every hook in the same instant, and leaves the rules and\n"
		"their counters as they are. What is listed twice or lies within another element\n"
		"is merged, and the command says so.\n"
		"\n"
		"ELEMENT is, of a set of\n"
		"  addresses  10.0.0.1, 10.0.0.0/8, 10.0.0.1-10.0.0.9, 2001:db8::/32, mixed; none\n"
		"             has bits beyond its prefix\n"
		"  ports      80, 8000-8080, https\n"
		"  services   10.0.0.5:53/udp, [2001:db8::1]:443, 10.0.0.5:8000-8080\n"
		"Rules name sets of addresses by src, dst and host, of ports by sport, dport and\n"
		"port; of services by src and dst: address, port and protocol of one end.\n",
	.examples = "  netctl set create bad\n"
		    "  netctl set add bad 10.0.0.9 192.0.2.0/24,2001:db8::/32\n"
		    "  netctl set add bad 10.9.9.9 for 1h30m\n"
		    "  netctl rule add drop src @bad\n"
		    "  printf '10.0.0.1\\n10.0.0.2 # seen twice\\n' | netctl set load --add bad -\n"
		    "  netctl set list bad\n"
		    "  netctl set del bad 192.0.2.7\n",
	.verbs = verbs,
	WORDS(0, MANY, NULL),
	.run = run_verb,
};
