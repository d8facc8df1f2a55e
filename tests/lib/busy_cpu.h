/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* busy_cpu.h - one CPU that judges packets without end, while another does what must not disturb it. */
#ifndef NETCTL_TESTS_BUSY_CPU_H
#define NETCTL_TESTS_BUSY_CPU_H

#include <pthread.h>
#include <stdatomic.h>

#include "frame.h"

#define WRITER_CPU 0
#define JUDGE_CPU 1
#define BUSY_KINDS 2

struct busy_cpu {
	int program;
	struct frame *frames; /* not owned; of the kinds of packets, in turn */
	size_t kinds;
	size_t count_up_at; /* new flows: where the program counts a port up; 0: it does not */
	atomic_ullong judged[BUSY_KINDS];
	_Atomic int error;
	atomic_bool stop;
	pthread_t thread;
};

/* This thread, on that CPU from now on. */
int pin_to_cpu(int cpu);

int busy_cpu_begin(struct busy_cpu *b);
/* The error of a test run, or 0. */
int busy_cpu_end(struct busy_cpu *b);

/* Packets of all kinds so far. */
unsigned long long busy_cpu_judged(const struct busy_cpu *b);

#endif
