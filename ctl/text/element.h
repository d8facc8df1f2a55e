/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element.h - elements of sets as text: one of them, and lists of them as files and blocks hold them. */
#ifndef NETCTL_ELEMENT_H
#define NETCTL_ELEMENT_H

#include "../rules/set.h"

enum element_kind {
	ELEMENT_IP4,
	ELEMENT_IP6,
	ELEMENT_PORT,
	ELEMENT_SERVICE,
};

/* One element of any set. */
struct element {
	enum element_kind kind;
	union {
		struct element4 ip4;
		struct element6 ip6;
		struct element_port port;
		struct service service;
	};
};

/*
 * One word: "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "2001:db8::/32" of SET_ADDRESSES; "80", "8000-8080",
 * "https" of SET_PORTS; "10.0.0.5:53/udp", "[2001:db8::1]:443" of SET_SERVICES. It stays, and has no counter.
 * -EINVAL with a fault that shows the word alone.
 */
int element_read(enum set_type type, const char *word, size_t len, struct element *ret,
		 struct fault *fault);

/* The inverse, canonical and without its lifetime. Returns the length. */
#define ELEMENT_SIZE 96
size_t element_print(const struct element *element, char ret[ELEMENT_SIZE]);

/* Into a batch (see set.h), to last until then. */
int element_push(struct set *batch, const struct element *element, uint32_t until);

/* The nth of a set's elements of one kind; the kinds are those of set_items.h. */
struct element element_of(const struct set *set, enum element_kind kind, size_t n);
/* The nth of a set: IPv4 first, then IPv6; ports; services. */
struct element element_at(const struct set *set, size_t n);
uint32_t element_until(const struct element *element);
uint32_t element_slot(const struct element *element);

/* ---- element_list.c: text that holds many ---- */

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
	FOUND_WORD, /* in a block: "$NAME" or include, which are not the reader's business */
};

/*
 * What comes next: enum element_found. *ret_lifetime: seconds behind "for", 0 without it. -EINVAL with a fault that
 * shows the word alone; list->word is its place, and the next call goes on behind that line.
 */
int element_next(struct element_list *list, struct element *ret, uint32_t *ret_lifetime,
		 struct fault *fault);
/* The word after a FOUND_WORD, with its quotes, is list->word then; false: there is none in that line. */
bool element_word(struct element_list *list);
/* After that, as after an element: -EINVAL unless a comma or the line's end follows. */
int element_end(struct element_list *list, struct fault *fault);

#endif
