/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * new_flows.h - the XDP path with a new flow in every packet of a repeated test run, on the tables and
 * rules of a harness: build/tests/bpf/new_flows.bpf.o.
 */
#ifndef NETCTL_TESTS_NEW_FLOWS_H
#define NETCTL_TESTS_NEW_FLOWS_H

#include "harness.h"

/* Where it counts: the source port behind Ethernet and IPv4 without options, or IPv6. */
#define NEW_FLOWS_SPORT 34
#define NEW_FLOWS_SPORT6 54

/* The caller closes the object, with or without success. */
int new_flows_open(const struct harness *h, struct bpf_object **ret, int *ret_program,
		   struct fault *fault);

/*
 * Test runs with repetitions enter their program in the kernel's XDP dispatcher and take it out
 * again, a grace period each, unless it is there already: attached to the loopback device of this
 * namespace, which must be of one's own. The link, or -errno.
 */
int new_flows_hold(int program);

#endif
