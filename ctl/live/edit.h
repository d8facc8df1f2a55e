/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* edit.h - a change of the rules in force: the list taken out, words that name rules and places in it. */
#ifndef NETCTL_EDIT_H
#define NETCTL_EDIT_H

#include "commit.h"
#include "counter_slots.h"

/* The list between reading it and putting the next one in force. */
struct edit {
	struct store store;
	struct ruleset rules;
	struct counter_slots *slots; /* NULL while there are fresh ones */
};

/* Without attachments it is of the rules that are kept, which a note says; without any, with STORE_CREATE, of none. */
int edit_open(enum store_mode mode, struct edit *ret, struct fault *fault);
/* Its second half, but for the note, where the store of a zeroed edit is open already. */
int edit_load(struct edit *edit, struct fault *fault);
void edit_close(struct edit *edit);
void edit_note_kept(const struct store *store);
/* Put the edited list in force. */
int edit_commit(struct edit *edit, struct fault *fault);

/* Closed when the scope ends, whether edit_open() succeeded or not: "autoedit struct edit edit = EDIT_CLOSED". */
#define autoedit __attribute__((cleanup(edit_close)))
#define EDIT_CLOSED { .store = { .root = -1, .dir = -1, .state = -1, .bpffs = -1 } }

/*
 * Give the rule counters of its own where it has none yet: fresh ones of "next", the list that is to
 * replace edit->rules (or edit->rules itself), while there are any. No slot of either list is given
 * out again, for the old list goes on counting until then.
 */
int edit_take_slots(struct edit *edit, struct ruleset *next, struct rule *rule,
		    struct fault *fault);

/*
 * Once fresh slots are used up, finding others takes long. So those for rules that may be added in
 * place later are found as well: last, since nobody waits for them.
 */
void edit_take_spares(struct edit *edit, struct ruleset *next);

/*
 * Counters for the elements of "next", which may be edit->rules itself, that are to have one and
 * have none yet. replaced: a set in force that is in neither list any more, or NULL.
 */
int edit_give_slots(struct edit *edit, struct ruleset *next, const struct set *replaced,
		    struct fault *fault);

bool edit_is_id(const char *word);
/* The position of the rule with an id given as digits; -ENOENT. */
int edit_find_id(const struct ruleset *rules, const char *word, struct fault *fault);

/* "3-7,9" */
bool edit_is_id_list(const char *word);
/*
 * Mark the positions of the rules listed. Each id must be there; of a range, one at least. -EINVAL for what is no
 * list.
 */
int edit_mark_ids(const struct ruleset *rules, const char *word, bool *marks, struct fault *fault);

#define PLACES "first, last, before ID or after ID"

struct place {
	enum where where;
	const char *id; /* digits */
};

/* "first", "last", "before ID" or "after ID" at words[0]; returns how many words that takes, or 0. */
int place_read(int count, char **words, struct place *ret);
/* The position a rule gets that is put in there. */
int edit_place(const struct ruleset *rules, const struct place *place, struct fault *fault);

#endif
