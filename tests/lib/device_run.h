/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device_run.h - a device attached in a mode: rules on its packets, known traffic over it, and a capture of that. */
#ifndef NETCTL_TESTS_DEVICE_RUN_H
#define NETCTL_TESTS_DEVICE_RUN_H

#include "../../bpf/types.h"
#include "device.h"
#include "wire.h"

#define UDP_OUT 7    /* datagrams from a */
#define HITS 3	     /* datagrams that a rule drops, */
#define HIT_SIZE 100 /* of so many bytes */

/* What is sent, of each family: conversations, and what is dropped at each hook. */
enum flow { UDP, TCP, ECHO, TALKS, HIT = TALKS, FLOWS = HIT + HOOKS };

/* As rules and tables have it. */
const char *hook_word(enum hook_id hook);

struct ip_family {
	unsigned int bit;
	uint8_t echo, headers; /* protocol; bytes of IP and UDP */
	const char *a, *b;     /* addresses */
};

extern const struct ip_family ip_families[2];

struct device_run {
	const struct device *device;
	unsigned int families, sees;
	struct ends flows[2][FLOWS];
	struct carried out[2][FLOWS], in[2][FLOWS]; /* of a, by the capture */
};

/* Flows that no other run has. Without the hook at OUTPUT nothing is seen there. */
struct device_run device_run_of(const struct device *device, bool has_output);

bool run_has(const struct device_run *run, size_t family);
/* By this hook, on the device itself. */
bool run_sees(const struct device_run *run, enum hook_id hook);

/* The rules of pair->a from now on: of each hook and family one that drops what is sent to it, and in this order. */
bool put_rules(const struct device_run *run, const struct pair *pair);

/* True: what should arrive does, and what a rule should drop does not. */
bool run_traffic(struct device_run *run, const struct pair *pair, size_t family);

/* Of all traffic until now; capture_open() it first, where device->peer is, or where the device is that has none. */
void run_capture(struct device_run *run, int capture);

#endif
