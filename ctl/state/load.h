/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * load.h - one hook's embedded BPF object, opened, sized, loaded: the only way programs enter the
 * kernel, for the CLI and for the tests. Nothing here attaches or pins.
 */
#ifndef NETCTL_LOAD_H
#define NETCTL_LOAD_H

#include "../../bpf/types.h"
#include "../base/util.h"

struct bpf_object;

/*
 * X(id, name, pin): maps every hook has for itself; the pin name follows the hook's: "xdp_flow4".
 */
#define HOOK_MAPS(X)                         \
	X(TAGS, "netctl_tags", "tags")       \
	X(FLOW4, "netctl_flow4", "flow4")    \
	X(FLOW6, "netctl_flow6", "flow6")    \
	X(MORE, "netctl_more", "more")       \
	X(TOTALS, "netctl_totals", "totals") \
	X(CLOSED, "netctl_closed", "closed") \
	X(REGION, "netctl_region", "region")

enum hook_map {
#define X(id, name, pin) MAP_##id,
	HOOK_MAPS(X)
#undef X
		HOOK_MAP_COUNT,
};

/* X(id, name, pin): maps all hooks of a network namespace share. */
#define SHARED_MAPS(X)                    \
	X(RULES, "netctl_rules", "rules") \
	X(PARTS, "netctl_parts", "parts") \
	X(BLOCKS, "netctl_blocks", "blocks") \
	X(CONTROL, ".data.control", "control") \
	X(BUCKETS, "netctl_buckets", "buckets") \
	X(BELOW, "netctl_below", "below") \
	X(FRAGMENTS, "netctl_fragments", "fragments")

enum shared_map {
#define X(id, name, pin) SHARED_##id,
	SHARED_MAPS(X)
#undef X
		SHARED_MAP_COUNT,
};

/* X(id, pin): programs, of which each hook has some; bound ones have no pin, for their device's link keeps them. */
#define HOOK_PROGRAMS(X)                                                                           \
	X(MAIN, "prog")		 /* of devices with an Ethernet header; nf: of all, the stub */    \
	X(BARE, "bare")		 /* of devices without */                                          \
	X(INGRESS, "ingress")	 /* xdp: the same two at TC ingress */                             \
	X(INGRESS_BARE, "ingress_bare")                                                            \
	X(BODY, "body")		 /* nf: what the stub jumps to */                                  \
	X(FRONT, NULL)		 /* xdp: bound to a device, asks it for the tag and jumps to MAIN */ \
	X(TAGGED, NULL)		 /* xdp: both in one, where the kernel refuses that jump */

enum program_id {
#define X(id, pin) PROGRAM_##id,
	HOOK_PROGRAMS(X)
#undef X
		PROGRAM_COUNT,
};

/* Their names in the objects. */
extern const char *const hook_map_names[HOOK_MAP_COUNT];
extern const char *const shared_map_names[SHARED_MAP_COUNT];

/*
 * Index arithmetic of the per-hook maps, all plain arrays (mmapable, see bpf/maps.bpf.h):
 *   tags    struct tag_group    [cpu * (groups4 + groups6) + group], IPv6 after IPv4: + groups4
 *   flow4   struct flow4_group  [cpu * groups4 + group]
 *   flow6   struct flow6_group  [cpu * groups6 + group]
 *   more    struct more_group   as tags
 *   totals  struct totals     [cpu * iface_slots + slot]
 *   closed  struct halves     [cpu * RULE_SLOTS + slot]
 *   region  struct region     [cpu]
 * and of a block of slots, which all hooks share:
 *   struct halves [(hook * cpus + cpu) * RULE_SLOTS + slot % RULE_SLOTS]
 */
struct loaded {
	enum hook_id hook;
	struct load_opts opts;
	/* Descriptors, owned; -1: there is none. */
	int maps[HOOK_MAP_COUNT];
	int shared[SHARED_MAP_COUNT];
	int program[PROGRAM_COUNT];
	/*
	 * xdp, nf: the program array of what jumps. It holds the program behind before anything that
	 * jumps is attached, and does while there is a descriptor or a pin of it.
	 */
	int jump;
	struct bpf_object *front; /* that fronts are made from; NULL: none was yet */
};

/* Descriptors of maps that all hooks share, for one that has none of them yet: the first that is loaded makes them. */
int load_share(const int from[SHARED_MAP_COUNT], int to[SHARED_MAP_COUNT]);

/* None of its descriptors is there. */
void load_init(enum hook_id hook, const struct load_opts *opts, struct loaded *ret);
void load_free(struct loaded *loaded);

/*
 * Load programs (1 << enum program_id) that are not there yet, and make the maps that are not; 0:
 * the maps alone. An existing map is compared with the object's definition first (type, key, value,
 * entries, flags): -EUCLEAN and a fault when it differs. A missing capability is named in the
 * fault. -ENOENT: the kernel has no such program, or the hook has not.
 */
int load_programs(struct loaded *loaded, unsigned int programs, struct fault *fault);

/* Put the program behind into the array of what jumps, where both are and it is empty; loading it does so. */
int load_fill_jump(const struct loaded *loaded);

/*
 * Do the programs of devices without Ethernet header find the IP header wherever it is? They need BTF and a function
 * of Linux 6.2; else it has to be the first.
 */
bool load_finds_prefix(void);

/* All that any device may attach. */
unsigned int hook_programs(enum hook_id hook);

/*
 * A program that is bound to a device, over the maps that are there; its descriptor is the
 * caller's. What PROGRAM_FRONT jumps to is loaded before it is attached.
 */
int load_bound(struct loaded *loaded, enum program_id program, uint32_t ifindex);

/*
 * The hook's object with one program alone, set up over the maps that are there but not loaded: the
 * caller loads it in another way (libxdp's dispatcher) and closes it.
 */
int load_prepare(const struct loaded *loaded, enum program_id program, struct bpf_object **ret);

/* ---- load_sizes.c ---- */

/*
 * A random seed, the possible CPUs, a clock of bare jiffies (CLOCK_MONOTONIC's is the caller's); sets for "flows" entries of each family a hook over all
 * CPUs, and for "buckets" of rate limits (0: BUCKETS_DEFAULT); totals for four times "ifaces"
 * interfaces, as they come and go. -ERANGE beyond what can be had.
 */
#define BUCKETS_MIN 64
#define BUCKETS_MAX (1U << 26) /* 1 GiB */
#define BUCKETS_DEFAULT 65536
int load_opts_make(uint32_t flows, uint32_t buckets, size_t ifaces, struct load_opts *ret);

/* Entries of a map; bytes of it, to map it into memory. */
uint32_t load_map_entries(enum hook_map map, const struct load_opts *opts);
uint64_t load_map_size(enum hook_map map, const struct load_opts *opts);

/* Kernel memory in bytes that one hook's maps take with these options; and the table of buckets. */
uint64_t load_memory(const struct load_opts *opts);
uint64_t load_bucket_memory(const struct load_opts *opts);

/* ---- load_blob.c: the inner maps of a ruleset: its blob, its frozen parts, blocks of counters ---- */

/* A new block of counters; its fd is the caller's. */
int load_block(const struct load_opts *opts);
size_t load_block_size(const struct load_opts *opts); /* bytes, to map it */

/*
 * The inner map (its fd is the caller's), and the one update that puts it in force. Its parts are
 * in their slots by then.
 */
int load_blob(const struct blob *blob);
int load_slot(int rules_map, uint32_t slot, int inner_map);

/* What follows a blob: a frozen map each. */
struct parts {
	uint32_t count;
	int fd[MAX_PARTS]; /* owned */
};

int load_parts(const struct blob *blob, struct parts *ret);
void close_parts(struct parts *parts);
/* Put them into their slots: at once, because the kernel waits for its programs after each update. */
int load_part_slots(int parts_map, const struct blob *blob, const struct parts *parts);
/* The same of any maps in any slots. */
int load_slots(int map, const uint32_t *slots, const int *inner_maps, uint32_t count);

#endif
