/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* burden.h - one CPU that judges packets without end, while another does what must not disturb it. */
#ifndef NETCTL_TESTS_BURDEN_H
#define NETCTL_TESTS_BURDEN_H

#include <pthread.h>
#include <stdatomic.h>

#include "frame.h"

#define WRITER_CPU 0
#define JUDGE_CPU 1
#define BURDEN_KINDS 2

struct burden {
	int program;
	struct frame *frames; /* not owned; of the kinds of packets, in turn */
	size_t kinds;
	size_t vary_at; /* new flows: where the program counts a port up; 0: it does not */
	atomic_ullong judged[BURDEN_KINDS];
	_Atomic int error;
	atomic_bool stop;
	pthread_t thread;
};

/* This thread, on that CPU from now on. */
int burden_pin(int cpu);

int burden_begin(struct burden *b);
/* The error of a test run, or 0. */
int burden_end(struct burden *b);

/* Packets of all kinds so far. */
unsigned long long burden_judged(const struct burden *b);

#endif
