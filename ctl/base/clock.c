/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* clock.c - measures jiffies against CLOCK_MONOTONIC and converts flow times to times of day. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "clock.h"

#define SECOND_NS 1000000000ULL
#define MILLISECOND_NS 1000000ULL

static uint64_t now_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* A program that returns jiffies64 >> shift; a test run hands out its low 32 bits. */
static int load_reader(int shift)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_jiffies64},
		{.code = BPF_ALU64 | BPF_RSH | BPF_K, .imm = shift},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "netctl_clock", "GPL", insns,
			       ARRAY_SIZE(insns), NULL);

	return fd < 0 ? -errno : fd;
}

static int run_reader(int program, uint32_t *ret)
{
	char frame[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame));

	if (bpf_prog_test_run_opts(program, &opts))
		return -errno;
	*ret = opts.retval;
	return 0;
}

static int read_jiffies(int low, int high, uint64_t *ret)
{
	uint32_t before, part, after;
	int r;

	do {
		r = run_reader(high, &before);
		if (!r)
			r = run_reader(low, &part);
		if (!r)
			r = run_reader(high, &after);
		if (r)
			return r;
	} while (before != after);
	*ret = (uint64_t)after << 32 | part;
	return 0;
}

int clock_measure(struct clock *ret, struct fault *fault)
{
	autoclose int low = load_reader(0);
	autoclose int high = load_reader(32);
	uint64_t before, after, jiffies = 0;
	struct timespec tick;
	int r, tries = 100;

	if (low < 0 || high < 0)
		return fault_set(fault, low < 0 ? low : high, 0,
				 "cannot load a program that reads the kernel's clock");
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);

	/*
	 * The coarse clock moves with jiffies: unmoved over a reading, it is the time of that
	 * jiffy.
	 */
	do {
		before = now_ns(CLOCK_MONOTONIC_COARSE);
		r = read_jiffies(low, high, &jiffies);
		if (r)
			return fault_set(fault, r, 0, "cannot read the kernel's clock");
		after = now_ns(CLOCK_MONOTONIC_COARSE);
	} while (before != after && --tries);

	ret->tick_ns = (uint64_t)tick.tv_sec * SECOND_NS + (uint64_t)tick.tv_nsec;
	ret->jiffies_at_zero = jiffies - before / ret->tick_ns;
	return 0;
}

void clock_now(const struct clock *clock, struct instant *ret)
{
	uint64_t monotonic = now_ns(CLOCK_MONOTONIC);

	ret->tick_ns = clock->tick_ns;
	ret->realtime = now_ns(CLOCK_REALTIME);
	ret->jiffies = clock->jiffies_at_zero + monotonic / clock->tick_ns;
	/*
	 * Rounded, or the nanoseconds between two clock readings would show as flows changing their
	 * start.
	 */
	ret->start = ret->realtime - monotonic + MILLISECOND_NS / 2;
	ret->start -= ret->start % MILLISECOND_NS;
	ret->offset = ret->start - clock->jiffies_at_zero * clock->tick_ns;
}

uint64_t clock_realtime_jiffies(const struct instant *now, uint64_t jiffies)
{
	/* Modulo 2^64, as "offset" is: the sum is the time of day. */
	uint64_t when = now->offset + jiffies * now->tick_ns;

	return MIN(when, now->realtime);
}

uint64_t clock_realtime_monotonic(const struct instant *now, uint64_t ns)
{
	uint64_t when = now->start + ns;

	return MIN(when, now->realtime);
}
