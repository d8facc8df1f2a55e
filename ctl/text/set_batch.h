/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set_batch.h - elements that a command line or a list file names, as a batch for a set. */
#ifndef NETCTL_SET_BATCH_H
#define NETCTL_SET_BATCH_H

#include "../rules/set.h"

/*
 * Append the elements that words hold, alone or joined by commas, each with its "for TIME" or to last "lifetime"
 * seconds (0: for ever). -EINVAL: the fault points into the word.
 */
int batch_words(int count, char *const *words, uint32_t lifetime, struct set *batch,
		struct fault *fault);

/* A list file as it was read. */
struct list_text {
	const char *name; /* for faults; not owned */
	char *text;	  /* owned */
	size_t len;
};

/* A whole file, "-": standard input. */
int list_open(const char *path, struct list_text *ret, struct fault *fault);
void list_close(struct list_text *list);
#define autolist __attribute__((cleanup(list_close)))

/* What is wrong with a file: the first faults, and how many lines have one. */
#define MOST_FAULTS 10
struct list_faults {
	size_t count;
	struct fault fault[MOST_FAULTS]; /* as many as fit */
};

/* Append the elements of a file, one a line. -EINVAL with all faults. */
int batch_list(const struct list_text *list, uint32_t lifetime, struct set *batch,
	       struct list_faults *ret);

#endif
