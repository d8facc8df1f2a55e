/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hook.h - the user side of an attach point: how a loaded program gets there and how it is found
 * again. A hook's folder exports one struct hook; nothing else of it is seen.
 */
#ifndef NETCTL_HOOK_H
#define NETCTL_HOOK_H

#include "../base/iface.h"
#include "load.h"
#include "meta.h"

struct store;

enum xdp_wish { WISH_AUTO, WISH_NATIVE, WISH_GENERIC, WISH_TC };

#define NF_PRIORITY_DEFAULT \
	(-350) /* after defragmentation (-400), before raw (-300) and conntrack (-200) */

struct hook_wish {
	enum xdp_wish mode;
	bool nf_priority_given;
	int32_t nf_priority;
	uint32_t former; /* our program whose place this one takes, in another mode; 0: none, or not by a link */
	int bpffs;
};

#define HOOK_LINKS 2

/* A fresh attachment. Its links are not pinned: closing them undoes it. */
struct hook_made {
	int links[HOOK_LINKS]; /* -1: none */
	enum xdp_mode mode;
	bool dispatched;	 /* not by a link, as is clsact: hook->remove() undoes it */
	bool tags;		 /* at XDP: what the device took off is seen */
	uint8_t clsact;		 /* CLSACT_* */
	int32_t nf_priority;
	char note[192]; /* why it is not what one would expect, or "" */
};

/* What has become of one of our attachments. */
struct hook_place {
	bool gone;
	bool misread; /* the interface's packets begin with something else now */
	uint32_t position, programs; /* 1 of 3; 0: unknown */
};

struct hook {
	bool whole_namespace; /* attached once, however many interfaces ask for it */
	const char
		*links[HOOK_LINKS]; /* names of the pins, with %u for the interface; NULL: fewer */

	/*
	 * Programs (1 << enum program_id) that attach() will need, as far as can be told: they are
	 * loaded before anything is attached, as that takes a while.
	 */
	unsigned int (*needs)(struct loaded *loaded, const struct iface *iface,
			      const struct hook_wish *wish);

	/*
	 * Fails with a fault and leaves nothing attached. iface: who asks, when it is for the whole
	 * namespace. What it said it needs is loaded; what it needs besides it loads itself.
	 */
	int (*attach)(struct loaded *loaded, const struct iface *iface,
		      const struct hook_wish *wish, struct hook_made *ret, struct fault *fault);

	/*
	 * Asked when loading failed: says so, with a fault, if this kernel has no such hook. NULL:
	 * all have it.
	 */
	int (*missing)(struct fault *fault);

	/* Undo what is not held by a link; NULL where there is no such thing. */
	int (*remove)(const int programs[PROGRAM_COUNT], const struct attached *attached, int bpffs,
		      struct fault *fault);

	/* links: opened from the pins, -1 each where missing. */
	void (*find)(const int programs[PROGRAM_COUNT], const struct attached *attached,
		     const int links[HOOK_LINKS], int bpffs, struct hook_place *ret);
};

extern const struct hook hook_xdp, hook_tc, hook_nf;

const char *hook_name(enum hook_id id);

/* ---- what all of them need ---- */

#define PIN_NAME 32

/* The pinned programs of a hook, -1 each where there is none; closed with programs_close(). */
int programs_open(const struct store *store, enum hook_id id, int ret[PROGRAM_COUNT]);
void programs_close(int programs[PROGRAM_COUNT]);
/* A hook as it is pinned, or none of it; closed with load_free(). */
int loaded_open(const struct store *store, enum hook_id id, struct loaded *ret);

/* Close links, and write -1 over them. */
void links_close(int links[HOOK_LINKS]);

/* 0 for a bad descriptor. */
uint32_t program_id(int program);
uint32_t link_program(int link);

/*
 * The first program of these that another netctl (by name) left there, and is not "own"; 0: none of
 * them.
 */
uint32_t program_stray(const uint32_t *ids, size_t count, uint32_t own);
int fault_stray(struct fault *fault, const char *hook, const struct iface *iface, uint32_t id);

#endif
