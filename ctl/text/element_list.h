/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_list.h - text that holds many elements of a set: the inside of a block, or a list file. */
#ifndef NETCTL_ELEMENT_LIST_H
#define NETCTL_ELEMENT_LIST_H

#include "../rules/element.h"

/* Where the reading of a text is. */
struct element_list {
	const char *at, *end; /* what is still to be read */
	enum set_type type;
	/*
	 * A list file has one element a line; whatever follows it after a blank is taken for a remark, unless it is
	 * an element, too; ";" begins a remark. Otherwise it is the inside of a block, with ";" as good as an end
	 * of line.
	 */
	bool file;
	const char *word; /* the last word; faults are about it */
	size_t len;
};

enum element_found {
	FOUND_END,
	FOUND_ELEMENT,
	FOUND_WORD, /* in a block: "$NAME" or include, which are left to the caller */
};

/*
 * What comes next: enum element_found. *ret_lifetime: seconds after "for", 0 without it. -EINVAL with a fault that
 * shows the word alone; list->word is its place, and the next call continues after that line.
 */
int element_next(struct element_list *list, struct element *ret, uint32_t *ret_lifetime,
		 struct fault *fault);
/* The word after a FOUND_WORD, with its quotes, is list->word then; false: there is none in that line. */
bool element_word(struct element_list *list);
/* After that, as after an element: -EINVAL unless a comma or the line's end follows. */
int element_end(struct element_list *list, struct fault *fault);

#endif
