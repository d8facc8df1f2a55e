/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * verifier.c - how many instructions the kernel's verifier walks for each embedded program, against
 * the budget.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "../../ctl/state/load.h"

/* A tenth of what kernels allow: the rest is for other kernels' verifiers and for what comes. */
#define BUDGET 100000

/* Table sizes are constants to the verifier: the walk may depend on them. */
static const uint32_t flows[] = {1024, 65536, 1 << 20};

struct sums {
	unsigned int passed, failed;
};

static int look(int program, struct bpf_prog_info *ret)
{
	uint32_t len = sizeof(*ret);

	memset(ret, 0, sizeof(*ret));
	if (bpf_prog_get_info_by_fd(program, ret, &len) < 0)
		return -errno;
	/* Kernels before 5.16 do not tell. */
	return ret->verified_insns ? 0 : -EOPNOTSUPP;
}

static void measure(int program, uint32_t entries, struct sums *sums)
{
	struct bpf_prog_info info;
	int r = look(program, &info);
	bool good = !r && info.verified_insns <= BUDGET;

	if (r < 0)
		printf("FAIL %s: %s\n", info.name, strerror(-r));
	else
		printf("%-4s %-16s flows %-8u %6u of %u\n", good ? "ok" : "FAIL", info.name, entries,
		       info.verified_insns, BUDGET);
	sums->passed += good;
	sums->failed += !good;
}

/* Those that are bound to a device, where this kernel has such. */
static void measure_bound(struct loaded *loaded, uint32_t ifindex, uint32_t entries, struct sums *sums)
{
	static const enum program_id bound[] = { PROGRAM_FRONT, PROGRAM_TAGGED };

	for (size_t i = 0; i < ARRAY_SIZE(bound); i++) {
		autoclose int program = load_bound(loaded, bound[i], ifindex);

		if (program >= 0)
			measure(program, entries, sums);
		else
			printf("skip program %d bound to a device: %s\n", bound[i], strerror(-program));
	}
}

static int measure_hook(enum hook_id hook, uint32_t entries, struct sums *sums, struct fault *fault)
{
	struct loaded loaded;
	struct load_opts opts;
	int r = load_opts_make(entries, 0, 0, &opts);

	if (r)
		return r;
	load_init(hook, &opts, &loaded);
	r = load_programs(&loaded, hook_programs(hook), fault);
	for (int i = 0; i < PROGRAM_COUNT && !r; i++)
		if (loaded.program[i] >= 0)
			measure(loaded.program[i], entries, sums);
	if (!r && hook == HOOK_XDP)
		measure_bound(&loaded, if_nametoindex("bound0"), entries, sums);
	load_free(&loaded);
	return r;
}

int main(void)
{
	struct sums sums = {};

	if (unshare(CLONE_NEWNET) || system("ip link add bound0 type veth peer name bound1"))
		printf("skip programs bound to a device: no veth\n");
	for (enum hook_id hook = 0; hook < HOOKS; hook++) {
		for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
			struct fault fault = {};
			int r = measure_hook(hook, flows[i], &sums, &fault);

			if (r < 0) {
				printf("FAIL hook %d: %s\n", hook,
				       fault_is_set(&fault) ? fault.message : strerror(-r));
				sums.failed++;
			}
		}
	}
	printf("%u passed, %u failed\n", sums.passed, sums.failed);
	return sums.failed ? 1 : 0;
}
