/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * harness.h - the hooks' programs loaded side by side, never attached: rules put in force, frames
 * run through them by BPF_PROG_TEST_RUN, and the counters read as netctl itself reads them.
 */
#ifndef NETCTL_TESTS_HARNESS_H
#define NETCTL_TESTS_HARNESS_H

#include "../../ctl/state/load.h"
#include "../../ctl/rules/ruleset.h"
#include "../../ctl/stats/snapshot.h"

/* Test runs name the loopback device of the namespace. */
#define HARNESS_IFINDEX 1

#define HARNESS_FRAME_MAX 20000 /* bytes, where an entry changes the frame; the kernel itself takes fewer */

/* Ways to run a frame; more than one leads to the same hook. */
#define ENTRIES(X)                                                            \
	X(XDP, HOOK_XDP, PROGRAM_MAIN, "xdp")                                 \
	X(XDP_SPLIT, HOOK_XDP, PROGRAM_MAIN, "xdp, 14 bytes linear")          \
	X(XDP_PAGED, HOOK_XDP, PROGRAM_MAIN, "xdp, nothing linear")           \
	X(XDP_NOTED, HOOK_XDP, PROGRAM_MAIN, "xdp, its tag noted")            \
	X(XDP_BARE, HOOK_XDP, PROGRAM_BARE, "xdp, bare")                      \
	X(INGRESS, HOOK_XDP, PROGRAM_INGRESS, "tcx ingress")                  \
	X(INGRESS_BARE, HOOK_XDP, PROGRAM_INGRESS_BARE, "tcx ingress, bare")  \
	X(TC, HOOK_TC, PROGRAM_MAIN, "tc")                                    \
	X(TC_BARE, HOOK_TC, PROGRAM_BARE, "tc, bare")                         \
	X(NF, HOOK_NF, PROGRAM_BODY, "nf")

enum entry {
#define X(id, hook, program, name) ENTRY_##id,
	ENTRIES(X)
#undef X
		ENTRY_COUNT,
};

/* What marked packets are sent through. */
struct output {
	int link[2], socket[2], sink;
	bool open;
};

struct harness {
	struct load_opts opts;
	struct loaded hook[HOOKS];
	bool have[HOOKS];
	struct shared_memory {
		void *at;
		size_t size;
	} memory[HOOKS][HOOK_MAP_COUNT];
	struct blocks blocks;
	struct ruleset rules; /* those of harness_rules() */
	struct blob *blob;   /* compiled last */
	uint32_t generation; /* the blob's */
	uint32_t mark;	     /* of the packets run from now on; XDP has none */
	struct output output;
	struct fragment_set *fragments; /* the map's memory, or NULL */
};

/*
 * Loads the hooks in "hooks" (1 << enum hook_id) with tables for "flows" flows; the first rules are
 * none.
 */
int harness_open(unsigned int hooks, uint32_t flows, struct harness *ret, struct fault *fault);
/*
 * The same on one CPU and in a network namespace of the caller's own, so that what a run leaves behind is found without
 * searching: in the tables of *ret_cpu.
 */
int harness_open_alone(unsigned int hooks, uint32_t flows, struct harness *ret,
		       unsigned int *ret_cpu, struct fault *fault);
void harness_close(struct harness *h);

/* Compile, check against the oracle and put in force. */
int harness_rules(struct harness *h, enum verdict policy, const char *const *texts, size_t count,
		  struct fault *fault);

/* The same step by step, for rulesets that are kept: to be freed by who has them. */
int harness_parse(enum verdict policy, const char *const *texts, size_t count,
		  struct ruleset *rules, struct fault *fault);
/* The same of a file's text, with its sets. */
int harness_script(const char *text, struct ruleset *rules, struct fault *fault);
/* To h->blob, as the generation after the one before. */
int harness_compile(struct harness *h, struct ruleset *rules, struct fault *fault);

/* Counters for slots beyond those the hooks have themselves; harness_compile() sees to it. */
int harness_need_blocks(struct harness *h, const struct ruleset *rules);

enum force {
	FORCE_WHOLE,
	FORCE_PARTS_LATE, /* wrongly: the blob before its parts */
};
int harness_force(struct harness *h, enum force force);

/*
 * Run one frame (OUTPUT and bare entries: its bytes from the IP header on, family 4 or 6; noted: with
 * the tag that is noted). 0 and the verdict;
 * -EPROTO for a return value that is none of the hook's, *ret_value says which; else what the
 * kernel refused with. With a mark OUTPUT sends it, in a network namespace of one's own: -EINVAL for
 * what the kernel would send otherwise.
 */
int harness_run(struct harness *h, enum entry entry, int family, const void *bytes, size_t len,
		enum verdict *ret, uint32_t *ret_value);

/* The same, "times" times in one system call; the verdict is the last one's. */
int harness_repeat(struct harness *h, enum entry entry, int family, const void *bytes, size_t len,
		   unsigned int times, enum verdict *ret, uint32_t *ret_value);

/* Marked, at OUTPUT, for harness_repeat(); and the end of it. */
int harness_send(struct harness *h, int family, const void *bytes, size_t len, unsigned int times,
		 enum verdict *ret);
void harness_output_close(struct harness *h);

/* Empty the hook's tables and counters: nothing runs meanwhile. */
void harness_clear(struct harness *h, enum hook_id hook);

/* The same for the counters of slots from RULE_SLOTS on, which all hooks share. */
int harness_clear_blocks(struct harness *h);

/* Forget first fragments, so that what is run next is a datagram of its own. */
int harness_forget_fragments(struct harness *h);

/* All buckets of limits are full again; and how many packets found none for their key since. */
int harness_clear_buckets(struct harness *h);
uint64_t harness_full_buckets(const struct harness *h);

/* The hooks (1 << enum hook_id) where what HARNESS_IFINDEX sees was charged to its limits below it. */
int harness_below(struct harness *h, uint32_t hooks);

/* The caller frees with snapshot_free(). */
int harness_read(struct harness *h, enum hook_id hook, struct snapshot *ret, struct fault *fault);

/* ---- harness_entry.c ---- */

enum hook_id entry_hook(enum entry entry);
bool entry_is_bare(enum entry entry);
const char *entry_name(enum entry entry);

#endif
