/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * verifier.c - how many instructions the kernel's verifier walks for each embedded program, against
 * the budget.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../ctl/state/load.h"

/* A tenth of what kernels allow: the rest is for other kernels' verifiers and for what comes. */
#define BUDGET 100000

/* Table sizes are constants to the verifier: the walk may depend on them. */
static const uint32_t flows[] = {1024, 65536, 1 << 20};

struct sums {
	unsigned int passed, failed;
};

static int walked(const struct bpf_program *program, uint32_t *ret)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_prog_get_info_by_fd(bpf_program__fd(program), &info, &len) < 0)
		return -errno;
	/* Kernels before 5.16 do not tell. */
	if (!info.verified_insns)
		return -EOPNOTSUPP;
	*ret = info.verified_insns;
	return 0;
}

static void measure(const struct bpf_program *program, uint32_t entries, struct sums *sums)
{
	const char *name = bpf_program__name(program);
	uint32_t count = 0;
	int r = walked(program, &count);
	bool good = !r && count <= BUDGET;

	if (r < 0)
		printf("FAIL %s: %s\n", name, strerror(-r));
	else
		printf("%-4s %-16s flows %-8u %6u of %u\n", good ? "ok" : "FAIL", name, entries,
		       count, BUDGET);
	sums->passed += good;
	sums->failed += !good;
}

static int measure_hook(enum hook_id hook, uint32_t entries, struct sums *sums, struct fault *fault)
{
	struct bpf_program *program;
	struct load_opts opts;
	struct loaded loaded;
	int r = load_opts_make(entries, 0, 0, &opts);

	if (!r)
		r = load_hook(hook, &opts, NULL, NULL, &loaded, fault);
	if (r < 0)
		return r;
	bpf_object__for_each_program (program, loaded.object)
		measure(program, entries, sums);
	load_free(&loaded);
	return 0;
}

int main(void)
{
	struct sums sums = {};

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
