/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* duration.h - spans of time as people write them: "for 10m", "for 1h30m". */
#ifndef NETCTL_DURATION_H
#define NETCTL_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_MAX (3650U * 86400) /* seconds */
#define DURATION_HINT "for example 30s, 10m, 2h, 1d or 1h30m, at most 3650d"
#define DURATION_SIZE 24 /* bytes of text, its NUL included */

/*
 * "1d2h3m4s" to seconds: each unit at most once, the larger before the smaller, 1 to DURATION_MAX in all. False, and
 * *ret untouched, for anything else.
 */
bool duration_read(const char *word, uint32_t *ret);

/* The inverse, in the fewest units: 5400 is "1h30m", 90000 "1d1h", 0 "0s". Returns buf. */
const char *duration_print(uint32_t seconds, char buf[DURATION_SIZE]);

#endif
