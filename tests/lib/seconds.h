/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* seconds.h - how long something took. */
#ifndef NETCTL_TESTS_SECONDS_H
#define NETCTL_TESTS_SECONDS_H

#include <time.h>

static inline double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of a clock that nobody sets. */
static inline double seconds(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* That this process has computed: as long on a busy machine. */
static inline double cpu_seconds(void)
{
	return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

#endif
