/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach.h - programs to interfaces, as a transaction: all that was asked for, or nothing. Whoever
 * is killed on the way leaves the old state or the new one.
 */
#ifndef NETCTL_ATTACH_H
#define NETCTL_ATTACH_H

#include "../live/apply.h"
#include "../state/hook.h"
#include "below.h"

#define ALL_HOOKS ((1U << HOOKS) - 1)
#define FLOWS_DEFAULT 65536
#define FLOWS_MIN 1024
#define FLOWS_MAX (1U << 24)

struct attach_options {
	unsigned int hooks; /* bits 1 << enum hook_id */
	uint32_t flows;	    /* 0: not given */
	uint32_t buckets;   /* of rate limits; 0: not given */
	struct hook_wish wish;
	struct ruleset *rules; /* NULL: those in force, or kept, or none; it is given ids and counters */
};

/* An interface that is to be attached. */
struct attach_target {
	struct iface iface;
	bool optional;	   /* chosen by a pattern: skipped where it cannot be attached */
	bool careful;	   /* no native XDP but by request: a restart of the device might cut the session */
	char skipped[256]; /* why, or "" */
};

/* What became of one interface's hook. */
struct attach_outcome {
	bool wanted, already;
	enum xdp_mode mode, former; /* former: until now; MODE_NONE: it was not attached */
	bool clsact;
	char note[192];
};

struct attach_result {
	struct attach_outcome (*outcomes)[HOOKS]; /* one row an interface; owned */
	unsigned int loaded;			  /* hooks whose tables were made now */
	struct load_opts opts;
	size_t renewed;	 /* interfaces whose device has begun to count anew, and so has the comparison with it */
	size_t attached; /* interfaces at the hook that has most */
	int32_t nf_priority;
	struct apply_counts applied;		  /* of options->rules */
	bool kept;	  /* rules that were kept for this attach are in force: */
	size_t rules;
	enum verdict policy;
	struct belows below; /* what each attachment charges to limits; owned */
	bool stale_rules; /* rules that name an interface could not be compiled again */
};

/* Targets with a reason to be skipped are; others that are optional may get one. -ENODEV if that is all of them. */
int attach(struct attach_target *targets, size_t count, const struct attach_options *options,
	   struct attach_result *ret, struct fault *fault);

#endif
