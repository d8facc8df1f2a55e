/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * charged.h - what packets cost: CPU time of this process, which has one CPU for itself, and of that CPU's ksoftirqd.
 */
#ifndef NETCTL_BENCH_CHARGED_H
#define NETCTL_BENCH_CHARGED_H

#include <stdint.h>
#include <time.h>

uint64_t clock_ns(clockid_t clock);

/* First: this process runs on that CPU from now on, and threads that it makes. */
void pin(const char *cpu);

/* 0 where processes of the kernel cannot be seen. */
uint64_t ksoftirqd_ns(void);

/* Of both. */
uint64_t charged_ns(void);

#endif
