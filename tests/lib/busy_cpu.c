/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* busy_cpu.c - batches of packets through a program, on a CPU of their own. */
#include <sched.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "busy_cpu.h"

#define BATCH 2000 /* packets a test run; the writer's grace periods wait for its end */

int pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static int judge_batch(struct busy_cpu *b, size_t kind)
{
	struct frame *frame = &b->frames[kind];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->bytes, .data_size_in = frame->len,
		    .repeat = BATCH);
	uint16_t port = (uint16_t)atomic_load(&b->judged[kind]);
	int r;

	/* The program counts the source port up: each batch goes on where the last one ended. */
	if (b->count_up_at)
		memcpy(frame->bytes + b->count_up_at, &port, sizeof(port));
	r = bpf_prog_test_run_opts(b->program, &opts);
	if (!r)
		atomic_fetch_add(&b->judged[kind], BATCH);
	return r;
}

static void *judge(void *arg)
{
	/*
	 * A swap waits for this CPU: on an idle machine a tenth of a second, unless the CPU
	 * changes tasks now and then.
	 */
	const struct timespec nap = { .tv_nsec = 1000 };
	struct busy_cpu *b = arg;
	size_t kind = 0;
	int r = -pin_to_cpu(JUDGE_CPU);

	while (!r && !atomic_load(&b->stop)) {
		r = judge_batch(b, kind);
		kind = (kind + 1) % b->kinds;
		nanosleep(&nap, NULL);
	}
	b->error = r;
	return NULL;
}

int busy_cpu_begin(struct busy_cpu *b)
{
	return -pthread_create(&b->thread, NULL, judge, b);
}

int busy_cpu_end(struct busy_cpu *b)
{
	atomic_store(&b->stop, true);
	pthread_join(b->thread, NULL);
	return b->error;
}

unsigned long long busy_cpu_judged(const struct busy_cpu *b)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < b->kinds; i++)
		sum += atomic_load(&b->judged[i]);
	return sum;
}
