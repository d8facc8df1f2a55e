/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan.h - what an attach has to do: what is asked for, compared with what is attached. */
#ifndef NETCTL_PLAN_H
#define NETCTL_PLAN_H

#include "attach.h"
#include "../live/edit.h"
#include "attached.h"

/* An attachment whose place another one takes, as the mode of XDP changes. */
struct former {
	struct attached attached; /* no ifindex: there is none */
	int links[HOOK_LINKS];
};

/* One attachment to make, and what came of it. */
struct job {
	const struct iface *iface;
	struct attach_target *target; /* it is of this one */
	enum hook_id hook;
	bool record_only; /* the hook is the namespace's and attached already */
	bool done;
	struct hook_made made;
	struct former former; /* leaves when this one is in force */
	struct attach_outcome *outcome;
};

struct attaching {
	const struct attach_options *options;
	struct edit edit;      /* the state, and the rules in force as far as they matter */
	struct ruleset *rules; /* that come in force with the attach */
	struct blob *blob;     /* of these; NULL: those in force stay; owned */
	struct stage stage;
	bool staged;
	struct meta meta; /* as it will be */
	struct loaded loaded[HOOKS]; /* of hooks that something is attached to now; of others nothing */
	unsigned int pinned[HOOKS];  /* programs of these that were there before */
	int shared[SHARED_MAP_COUNT];
	unsigned int fresh; /* hooks whose maps were made now */
	size_t count;
	struct job *jobs;
};

/* The next meta begins as the present one, or is made for a namespace without state. */
int plan_meta(struct attaching *a, struct fault *fault);

/* The jobs, and the outcome of what needs none; attachments that are gone leave the next meta. */
int plan(struct attaching *a, struct attach_target *targets, size_t count,
	 struct attach_result *result, struct fault *fault);

/* How a job's target is to be attached. */
struct hook_wish plan_wish(const struct attaching *a, const struct job *job);

/* It is optional, and has a reason now: the fault's, which is cleared. False: the fault is not the interface's own. */
bool plan_skip(struct attach_target *target, int error, struct fault *fault);

/* Which of the present pins stay. */
struct pin_filter plan_pins(const struct attaching *a);

#endif
