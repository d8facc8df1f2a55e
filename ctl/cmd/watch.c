/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watch.c - a screen again and again, at fixed times. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "watch.h"

#define SECOND_NS 1000000000ULL

int watch_interval(const struct option_row *row, const char *value, void *options,
		   struct fault *fault)
{
	const char *text = value ? value : "1";
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (strspn(text, "0123456789.") != strlen(text) || !*text || *end ||
	    !(seconds >= 0.1 && seconds <= 86400))
		return option_fault(row, "a number from 0.1 to 86400", text, fault);
	*(uint64_t *)((char *)options + row->at) = (uint64_t)(seconds * (double)SECOND_NS);
	return 0;
}

static void nap_until(uint64_t ns)
{
	const struct timespec when = { (time_t)(ns / SECOND_NS), (long)(ns % SECOND_NS) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

int watch(uint64_t interval, unsigned long count, int (*screen)(void *arg, struct fault *fault),
	  void *arg, struct fault *fault)
{
	struct timespec now;
	uint64_t due;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	due = (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
	for (unsigned long i = 0; !r && (!count || i < count); i++) {
		due += interval;
		nap_until(due);
		r = screen(arg, fault);
	}
	return r;
}
