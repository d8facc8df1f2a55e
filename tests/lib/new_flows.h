/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vary.h - the XDP path with a new flow in every packet of a repeated test run, on the tables and
 * rules of a harness: build/tests/bpf/vary.bpf.o.
 */
#ifndef NETCTL_TESTS_VARY_H
#define NETCTL_TESTS_VARY_H

#include "harness.h"

/* Where it counts: the source port behind Ethernet and IPv4 without options, or IPv6. */
#define VARY_SPORT 34
#define VARY_SPORT6 54

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
