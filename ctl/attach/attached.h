/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attached.h - meta's list of attachments, and the pins that follow from it. */
#ifndef NETCTL_ATTACHED_H
#define NETCTL_ATTACHED_H

#include "../state/hook.h"

struct attached *attached_find(struct meta *meta, enum hook_id hook, uint32_t ifindex);
/* Beside the interface's others, in the order of hooks. There is room. */
void attached_add(struct meta *meta, const struct attached *attached);
void attached_remove(struct meta *meta, struct attached *attached);
/* How many interfaces have the hook that most have. */
size_t attached_most(const struct meta *meta);
bool attached_hook(const struct meta *meta, enum hook_id hook);

/* For stage_begin(): which pins of the present state the next one does without. */
struct pin_filter {
	const struct meta *meta; /* the attachments that stay */
	unsigned int hooks;	 /* whose maps and programs stay in any case */
	unsigned int keep;	 /* whose links, too, although no attachment is left */
	unsigned int renew;	 /* whose links do not, although some is */
	bool rules;		 /* the rules in force do not stay */
};
bool pin_unwanted(const char *name, void *filter);

/* What has become of an attachment; it is gone when its interface is. */
int attached_place(const struct store *store, const struct attached *attached,
		   struct hook_place *ret);

#endif
