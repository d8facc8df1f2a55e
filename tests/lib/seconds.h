/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* seconds.h - how long something took. */
#ifndef NETCTL_TESTS_SECONDS_H
#define NETCTL_TESTS_SECONDS_H

#include <time.h>

/* Of a clock that nobody sets. */
static inline double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
