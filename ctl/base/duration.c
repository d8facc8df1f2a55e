/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* duration.c - spans of time as people write them: "1h30m". */
#include <stddef.h>
#include <stdio.h>

#include "duration.h"
#include "util.h"

static const struct {
	char letter;
	uint32_t seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

bool duration_read(const char *word, uint32_t *ret)
{
	uint64_t sum = 0;
	size_t next = 0; /* the largest unit that may still come */

	do {
		uint64_t n = 0;

		if (*word < '0' || *word > '9')
			return false;
		for (; *word >= '0' && *word <= '9'; word++)
			n = MIN(n * 10 + (uint64_t)(*word - '0'), UINT32_MAX);
		while (next < ARRAY_SIZE(units) && units[next].letter != *word)
			next++;
		if (next == ARRAY_SIZE(units))
			return false;
		sum += n * units[next++].seconds;
	} while (*++word);
	if (!sum || sum > DURATION_MAX)
		return false;
	*ret = (uint32_t)sum;
	return true;
}

const char *duration_print(uint32_t seconds, char buf[DURATION_SIZE])
{
	int at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		uint32_t n = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (n || (!at && units[i].seconds == 1))
			at += snprintf(buf + at, DURATION_SIZE - (size_t)at, "%u%c", n,
				       units[i].letter);
	}
	return buf;
}
