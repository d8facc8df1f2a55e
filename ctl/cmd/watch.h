/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watch.h - commands that show a screen again and again: their options, and when the next one is due. */
#ifndef NETCTL_WATCH_H
#define NETCTL_WATCH_H

#include "options.h"

/* --watch and -c; interval: a uint64_t, 0 without --watch. count: an unsigned long, 0 for no end. */
#define WATCH_ROWS(type, interval, count)                                                          \
	{ "watch", 0, "[=SECONDS]", "again every SECONDS (1)", INTO(type, interval),               \
	  .read = watch_interval },                                                                \
	{ "count", 'c', "N", "stop after N screens of --watch", INTO(type, count),                 \
	  .read = option_number, .min = 1, .max = 999999999 }

/* "2", "0.5": a tenth of a second at least, a day at most; kept as nanoseconds. */
int watch_interval(const struct option_row *row, const char *value, void *options,
		   struct fault *fault);

/*
 * Call screen() when an interval (nanoseconds) is over, and when each further one is, however long it took: until it
 * fails, or count times if that is not 0.
 */
int watch(uint64_t interval, unsigned long count, int (*screen)(void *arg, struct fault *fault),
	  void *arg, struct fault *fault);

#endif
