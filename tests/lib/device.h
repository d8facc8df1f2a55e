/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * device.h - network interfaces of each kind between two namespaces, a and b: which there are, how they are made,
 * and what of netctl's hooks sees their packets.
 */
#ifndef NETCTL_TESTS_DEVICE_H
#define NETCTL_TESTS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MOST_COMMANDS 20

/* Two namespaces, which w0 joins: a veth pair that cuts, joins and checksums nothing. */
struct pair {
	char a[32], b[32];
	bool ipv6;
	pid_t shuttle; /* the process behind tun devices; 0: there is none */
};

/* "word" begins their names. Without IPv6 nothing speaks of its own accord. */
bool pair_make(struct pair *pair, const char *word, bool ipv6);
void pair_remove(const struct pair *pair);

/* netctl in a; its output is shown when it fails and is not "quiet". */
bool run_netctl(const struct pair *pair, bool quiet, const char *words);
/* The program: NETCTL in the environment, or build/netctl. */
const char *netctl_path(void);

enum { FOUR = 1, SIX = 2, BOTH = FOUR | SIX };

/* How XDP is attached. */
enum mode { MODE_AUTO, MODE_NATIVE, MODE_GENERIC, MODE_TC, MODES };

/* What comes in, what goes out, what this host sends: where a hook sees it on the device itself. */
enum { SEES_IN = 1, SEES_OUT = 2, SEES_OUTPUT = 4, SEES_ALL = 7 };

struct device {
	const char *name;
	/*
	 * "a link add ...": ip in that namespace. "A wg ...": another program there. Addresses are added after these,
	 * 10.9.0.1 and fd09::1 in a, .2 and ::2 in b.
	 */
	const char *commands[MOST_COMMANDS];
	const char *dev, *peer;		     /* in a; and in b, where what it carries is captured */
	const char *a_address, *b_address;   /* who has the addresses, if not those two */
	const char *bound;		     /* sockets in a are bound to this one */
	const char *path;		     /* of a conversation, if not dev */
	const char *match;		     /* rules have these words, too */
	const char *tun;		     /* "tun" or "tap": made by a process, not by commands */
	const char *below;		     /* to be removed with it, beside w0 */
	bool tags_off;			     /* w0 takes VLAN tags off frames, in both namespaces */
	bool no_native;			     /* native XDP is refused */
	unsigned int families, modes, sees;  /* bits of those to be tried; 0: all */
};

extern const struct device devices[];
extern const size_t device_count;

/* NULL: there is none of that name. */
const struct device *find_device(const char *name);

/* With w0. False: this kernel has no such interfaces; the command that failed is *ret_failed. */
bool device_make(struct pair *pair, const struct device *device, const char **ret_failed);
/* With w0. */
void device_remove(struct pair *pair, const struct device *device);

#endif
