/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* charged.c - CPU time of this process and of the ksoftirqd of its CPU. */
#include <err.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charged.h"

static char ksoftirqd[64]; /* the file that tells its time */

uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ksoftirqd/N is among the first processes there are, if its name is visible here at all. */
static void find_ksoftirqd(int cpu)
{
	char path[64], name[32], wanted[32];
	FILE *f;

	snprintf(wanted, sizeof(wanted), "ksoftirqd/%d\n", cpu);
	for (int pid = 2; pid < 4096; pid++) {
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		f = fopen(path, "re");
		if (f && fgets(name, sizeof(name), f) && !strcmp(name, wanted))
			snprintf(ksoftirqd, sizeof(ksoftirqd), "/proc/%d/schedstat", pid);
		if (f)
			fclose(f);
	}
}

void pin(const char *cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(atoi(cpu), &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		err(1, "CPU %s", cpu);
	find_ksoftirqd(atoi(cpu));
}

uint64_t ksoftirqd_ns(void)
{
	FILE *f = fopen(ksoftirqd, "re");
	uint64_t ns = 0;

	if (f && fscanf(f, "%" SCNu64, &ns) != 1)
		errx(1, "%s tells no time", ksoftirqd);
	if (f)
		fclose(f);
	return ns;
}

uint64_t charged_ns(void)
{
	return ksoftirqd_ns() + clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}
