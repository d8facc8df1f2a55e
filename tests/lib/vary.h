/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vary.h - the XDP path with a new flow in every packet of a repeated test run, on the tables and
 * rules of a harness: build/tests/bpf/vary.bpf.o.
 */
#ifndef NETCTL_TESTS_VARY_H
#define NETCTL_TESTS_VARY_H

#include "harness.h"

#define VARY_SPORT 34 /* where it counts: the source port of Ethernet, IPv4 without options */

/* The caller closes the object, with or without success. */
int vary_open(const struct harness *h, struct bpf_object **ret, int *ret_program,
	      struct fault *fault);

/*
 * Test runs with repetitions enter their program in the kernel's XDP dispatcher and take it out
 * again, a grace period each, unless it is there already: attached to the loopback device of this
 * namespace, which must be of one's own. The link, or -errno.
 */
int vary_hold(int program);

#endif
