/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach.h - programs to interfaces and away again, as transactions: all that was asked for, or
 * nothing. Whoever is killed on the way leaves the old state or the new one.
 */
#ifndef NETCTL_ATTACH_H
#define NETCTL_ATTACH_H

#include "../state/hook.h"

#define ALL_HOOKS ((1U << HOOKS) - 1)
#define FLOWS_DEFAULT 65536
#define FLOWS_MIN 1024
#define FLOWS_MAX (1U << 24)

struct attach_options {
	unsigned int hooks; /* bits 1 << enum hook_id */
	uint32_t flows;	    /* 0: not given */
	uint32_t buckets;   /* of rate limits; 0: not given */
	struct hook_wish wish;
};

/* What became of one interface's hook. */
struct attach_outcome {
	bool wanted, already;
	enum xdp_mode mode;
	bool clsact;
	char note[192];
};

struct attach_result {
	struct attach_outcome (*outcomes)[HOOKS]; /* one row an interface; owned */
	unsigned int loaded;			  /* hooks whose tables were made now */
	struct load_opts opts;
	int32_t nf_priority;
	bool stale_rules; /* rules that name an interface could not be compiled again */
};

int attach(const struct iface *ifaces, size_t count, const struct attach_options *options,
	   struct attach_result *ret, struct fault *fault);

struct detach_result {
	size_t count;
	char (*names)[16]; /* of the interfaces; owned */
	bool last;	   /* nothing is left of us in this namespace */
};

/* count 0: all. A name is an interface's, or the one it had when it was attached. */
int detach(char *const *names, size_t count, struct detach_result *ret, struct fault *fault);

/* ---- what both share: meta's list of attachments, and the pins that follow from it ---- */

struct attached *attached_find(struct meta *meta, enum hook_id hook, uint32_t ifindex);
void attached_remove(struct meta *meta, struct attached *attached);
bool attached_hook(const struct meta *meta, enum hook_id hook);

/* For stage_begin(): which pins of the present state the next one does without. */
struct pin_filter {
	const struct meta *meta; /* the attachments that stay */
	unsigned int hooks;	 /* whose maps and programs stay in any case */
	unsigned int keep;	 /* whose links, too, although no attachment is left */
	unsigned int renew;	 /* whose links do not, although some is */
};
bool pin_unwanted(const char *name, void *filter);

/* ---- what goes into the stage ---- */

struct stage;

/*
 * Of a namespace without state: the maps all hooks share, and an empty ruleset behind the closed
 * gate.
 */
int pin_first(const struct stage *stage, const int shared[SHARED_MAP_COUNT], struct fault *fault);
int pin_loaded(const struct stage *stage, const struct loaded *loaded, struct fault *fault);
int pin_links(const struct stage *stage, enum hook_id hook, uint32_t ifindex,
	      const int links[HOOK_LINKS], struct fault *fault);

#endif
