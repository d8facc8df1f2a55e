/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interrupt.c - the packet path of OUTPUT, compiled natively, interrupted after every third instruction, with --long
 * after each: one packet is stepped through by the processor's trap flag, and there other packets go all the way, as a
 * softirq's do. Whatever flow they belong to and whatever rules they bring: in the end each packet is counted once,
 * under the rule that judged it. Then two CPUs at once share one CPU's table, which is more than preemption can do.
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "../../ctl/base/util.h"
#include "../lib/native_path.h"

#define MAX_OPS 12
#define PARALLEL_VISITS 1000000

struct scenario {
	const char *name;
	struct op before[MAX_OPS];
	int before_count;
	bool fold;    /* flow 0 is about to overflow its short counters */
	bool hold;    /* a reader holds evictions */
	struct op op; /* is interrupted by */
	struct op by[3];
	int by_count;
};

#define FULL                                                                  \
	{ 0, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 }, \
	{                                                                     \
		7, 0                                                          \
	}
#define NEW 9

static const struct scenario scenarios[] = {
	{ "hit, by a hit of it", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { { 0, 0 } }, 1 },
	{ "hit, by three of it",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, 0 },
	  { { 0, 0 }, { 0, 0 }, { 0, 0 } },
	  3 },
	{ "hit, by a hit of it under new rules", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { { 0, 1 } }, 1 },
	{ "hit, by it under new rules and old",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, 0 },
	  { { 0, 1 }, { 0, 1 } },
	  2 },
	{ "hit of one, by a new flow", { FULL }, 8, 0, 0, { 0, 0 }, { { NEW, 0 } }, 1 },
	{ "hit, by two new flows and it",
	  { FULL },
	  8,
	  0,
	  0,
	  { 0, 0 },
	  { { NEW, 0 }, { 10, 0 }, { 0, 0 } },
	  3 },
	{ "fold, by a hit of it", { { 0, 0 } }, 1, 1, 0, { 0, 0 }, { { 0, 0 } }, 1 },
	{ "fold, by it under new rules", { { 0, 0 } }, 1, 1, 0, { 0, 0 }, { { 0, 1 } }, 1 },
	{ "renew, by a hit of it", { { 0, 0 } }, 1, 0, 0, { 0, 1 }, { { 0, 0 } }, 1 },
	{ "renew, by it under other rules", { { 0, 0 } }, 1, 0, 0, { 0, 1 }, { { 0, 1 } }, 1 },
	{ "renew, by new flows", { FULL }, 8, 0, 0, { 0, 1 }, { { NEW, 0 }, { 10, 0 } }, 2 },
	{ "first packet, by it", {}, 0, 0, 0, { 0, 0 }, { { 0, 0 } }, 1 },
	{ "first packet, by another first", {}, 0, 0, 0, { 0, 0 }, { { NEW, 0 } }, 1 },
	{ "first packet, by another thrice",
	  {},
	  0,
	  0,
	  0,
	  { 0, 0 },
	  { { NEW, 0 }, { NEW, 1 }, { 0, 0 } },
	  3 },
	{ "eviction, by its own flow", { FULL }, 8, 0, 0, { NEW, 0 }, { { NEW, 0 } }, 1 },
	{ "eviction, by another", { FULL }, 8, 0, 0, { NEW, 0 }, { { 10, 0 } }, 1 },
	{ "eviction, by three others",
	  { FULL },
	  8,
	  0,
	  0,
	  { NEW, 0 },
	  { { 10, 0 }, { 11, 0 }, { 12, 0 } },
	  3 },
	{ "eviction, by a victim's packet", { FULL }, 8, 0, 0, { NEW, 0 }, { { 7, 0 } }, 1 },
	{ "eviction, by new rules", { FULL }, 8, 0, 0, { NEW, 0 }, { { 7, 1 }, { NEW, 0 } }, 2 },
	{ "eviction held, by its own flow", { FULL }, 8, 0, 1, { NEW, 0 }, { { NEW, 0 } }, 1 },
};

/* The same where a limit of two packets at once is the rule. */
static const struct scenario limited[] = {
	{ "limited, by it", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { { 0, 0 } }, 1 },
	{ "limited, by three of it",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, 0 },
	  { { 0, 0 }, { 0, 0 }, { 0, 0 } },
	  3 },
	{ "limited, by it under other rules", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { { 0, 1 } }, 1 },
	{ "beyond, by it under other rules",
	  { { 0, 0 }, { 0, 0 }, { 0, 0 } },
	  3,
	  0,
	  0,
	  { 0, 0 },
	  { { 0, 1 }, { 0, 1 } },
	  2 },
	{ "first of a limit, by others",
	  { FULL },
	  8,
	  0,
	  0,
	  { NEW, 0 },
	  { { NEW, 0 }, { 7, 0 } },
	  2 },
};

/* The same where the rules tell lengths apart: the first two have one outcome, the others others. */
static const struct scenario classed[] = {
	{ "a class is learnt, by a hit", { { 0, 0 } }, 1, 0, 0, { 0, OP_SECOND }, { { 0, 0 } }, 1 },
	{ "a class is learnt, by it", { { 0, 0 } }, 1, 0, 0, { 0, OP_SECOND }, { { 0, OP_SECOND } }, 1 },
	{ "a class is learnt, by another outcome",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, OP_SECOND },
	  { { 0, OP_OTHER }, { 0, OP_OTHER } },
	  2 },
	{ "a class is learnt, by new rules", { { 0, 0 } }, 1, 0, 0, { 0, OP_SECOND }, { { 0, 1 } }, 1 },
	{ "a class is learnt, by new rules and old",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, OP_SECOND },
	  { { 0, OP_OTHER | OP_SWAP }, { 0, OP_SECOND | OP_SWAP } },
	  2 },
	{ "a class is learnt in a fold, by a hit", { { 0, 0 } }, 1, 1, 0, { 0, OP_SECOND }, { { 0, 0 } }, 1 },
	{ "a class is learnt, by new flows",
	  { FULL },
	  8,
	  0,
	  0,
	  { 0, OP_SECOND },
	  { { NEW, 0 }, { 10, 0 } },
	  2 },
	{ "a hit, by classes that are learnt",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, 0 },
	  { { 0, OP_SECOND }, { 0, OP_OTHER } },
	  2 },
	{ "a fold, by a class that is learnt", { { 0, 0 } }, 1, 1, 0, { 0, 0 }, { { 0, OP_SECOND } }, 1 },
	{ "another outcome, by it", { { 0, 0 } }, 1, 0, 0, { 0, OP_OTHER }, { { 0, OP_OTHER } }, 1 },
	{ "another outcome, by a third",
	  { { 0, 0 } },
	  1,
	  0,
	  0,
	  { 0, OP_OTHER },
	  { { 0, OP_THIRD }, { 0, 0 } },
	  2 },
	{ "a fourth outcome, by the first ones",
	  { { 0, 0 }, { 0, OP_OTHER }, { 0, OP_THIRD } },
	  3,
	  0,
	  0,
	  { 0, OP_FOURTH },
	  { { 0, 0 }, { 0, OP_OTHER }, { 0, OP_THIRD } },
	  3 },
	{ "a fourth outcome, folded, by itself",
	  { { 0, 0 }, { 0, OP_OTHER }, { 0, OP_THIRD } },
	  3,
	  1,
	  0,
	  { 0, OP_FOURTH },
	  { { 0, OP_FOURTH } },
	  1 },
	{ "renewed outcomes, by another",
	  { { 0, 0 }, { 0, OP_OTHER }, { 0, OP_THIRD } },
	  3,
	  0,
	  0,
	  { 0, 1 },
	  { { 0, OP_OTHER }, { 0, OP_THIRD | OP_SWAP } },
	  2 },
};

/*
 * The same where a reader begins an epoch; no second one while a packet is on its way, as it waits for
 * that.
 */
#define OLD_IN_EPOCH { 0, OP_EPOCH }
#define SWAP_IN_EPOCH { 0, OP_EPOCH | OP_SWAP }
static const struct scenario epochs[] = {
	{ "hit, by it in an epoch", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { OLD_IN_EPOCH }, 1 },
	{ "hit, by another verdict in an epoch", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { SWAP_IN_EPOCH }, 1 },
	{ "hit, by both verdicts in an epoch", { { 0, 0 } }, 1, 0, 0, { 0, 0 }, { SWAP_IN_EPOCH, { 0, 1 } }, 2 },
	{ "first of an epoch, by it", { { 0, 0 } }, 1, 0, 0, OLD_IN_EPOCH, { { 0, 0 } }, 1 },
	{ "first of an epoch, by another verdict", { { 0, 0 } }, 1, 0, 0, OLD_IN_EPOCH, { { 0, 1 } }, 1 },
	{ "another verdict in an epoch, by it", { { 0, 0 } }, 1, 0, 0, SWAP_IN_EPOCH, { { 0, 0 } }, 1 },
	{ "another verdict in an epoch, by the old", { { 0, 0 } }, 1, 0, 0, SWAP_IN_EPOCH, { { 0, 1 } }, 1 },
	{ "another verdict, by it in an epoch", { { 0, 0 } }, 1, 0, 0, { 0, 1 }, { OLD_IN_EPOCH }, 1 },
	{ "another verdict, by the old in an epoch", { { 0, 0 } }, 1, 0, 0, { 0, 1 }, { SWAP_IN_EPOCH }, 1 },
	{ "both verdicts and an epoch, by both", { { 0, 0 }, { 0, 1 } }, 2, 0, 0, { 0, 1 },
	  { SWAP_IN_EPOCH, { 0, 0 } }, 2 },
	{ "fold, by it in an epoch", { { 0, 0 } }, 1, 1, 0, { 0, 0 }, { OLD_IN_EPOCH }, 1 },
	{ "fold, by another verdict in an epoch", { { 0, 0 } }, 1, 1, 0, { 0, 0 }, { SWAP_IN_EPOCH }, 1 },
	{ "first packet, by it in an epoch", {}, 0, 0, 0, { 0, 0 }, { OLD_IN_EPOCH }, 1 },
	{ "first packet, by another in an epoch", {}, 0, 0, 0, { 0, 0 }, { { NEW, OP_EPOCH } }, 1 },
	{ "eviction, by a victim's in an epoch", { FULL }, 8, 0, 0, { NEW, 0 }, { { 7, OP_EPOCH } }, 1 },
	{ "eviction in an epoch, by its own flow", { FULL }, 8, 0, 0, { NEW, OP_EPOCH }, { { NEW, 0 } }, 1 },
	{ "eviction held in an epoch, by a verdict", { FULL }, 8, 0, 1, { NEW, OP_EPOCH }, { { NEW, 1 } }, 1 },
	{ "a verdict held, by it in an epoch", { { 0, 0 } }, 1, 0, 1, { 0, 1 }, { OLD_IN_EPOCH }, 1 },
};

/* And where the rules differ in what decides, not in the verdict. */
static const struct scenario passing[] = {
	{ "another rule, by it in an epoch", { { 0, OP_OTHER } }, 1, 0, 0, { 0, OP_OTHER | OP_SWAP },
	  { { 0, OP_OTHER | OP_EPOCH } }, 1 },
	{ "a hit, by another rule in an epoch", { { 0, OP_OTHER } }, 1, 0, 0, { 0, OP_OTHER },
	  { { 0, OP_OTHER | OP_SWAP | OP_EPOCH } }, 1 },
	{ "first of an epoch, by another rule", { { 0, OP_OTHER } }, 1, 0, 0, { 0, OP_OTHER | OP_EPOCH },
	  { { 0, OP_OTHER | OP_SWAP } }, 1 },
};

/* What the first rules are; the others pass. */
static const struct manner {
	const char *name;
	const struct scenario *scenarios;
	size_t count;
	void (*put)(void); /* in force instead of what drops */
} manners[] = {
	{ "", scenarios, ARRAY_SIZE(scenarios), NULL },
	{ ", limited", limited, ARRAY_SIZE(limited), path_limit },
	{ ", of many lengths", classed, ARRAY_SIZE(classed), path_classes },
	{ ", in epochs", epochs, ARRAY_SIZE(epochs), NULL },
	{ ", in epochs, all passing", passing, ARRAY_SIZE(passing), path_classes },
};

static int family;

static void set_up(const struct scenario *s, const struct manner *manner,
		   struct expected *expected)
{
	path_reset(family, expected);
	if (manner->put)
		manner->put();
	for (int i = 0; i < s->before_count; i++) {
		path_run(&s->before[i], expected);
		path_tick();
	}
	if (s->fold)
		path_fill(expected);
	if (s->hold)
		path_hold();
}

static const struct scenario *now;
static struct expected expected;
static volatile long steps, failures;
static volatile bool interrupted; /* in a child: its one interruption has been */

#define TRAP 0x100 /* in the flags register: stop after each instruction */

static long stride = 3; /* instructions from one place to the next */

/*
 * After each instruction a child of this process goes on as if it had been interrupted here, so
 * that one walk through the packet path serves all of them.
 */
static void on_trap(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	int status = 0;
	pid_t child;

	if (++steps % stride)
		return;
	child = fork();
	if (child) {
		waitpid(child, &status, 0);
		failures += child < 0 || status;
		return;
	}
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP;
	interrupted = true;
	for (int i = 0; i < now->by_count; i++)
		path_run(&now->by[i], &expected);
}

static inline void trap_on(void)
{
	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq" ::: "memory", "cc");
}

static inline void trap_off(void)
{
	__asm__ volatile("pushfq; andl $0xfffffeff, (%%rsp); popfq" ::: "memory", "cc");
}

static bool run_scenario(const struct scenario *s, const struct manner *manner)
{
	struct op op = s->op;
	const char *wrong;

	set_up(s, manner, &expected);
	now = s;
	steps = failures = 0;
	if (s->op.how & OP_EPOCH)
		path_epoch(&expected);
	op.how &= ~OP_EPOCH;
	trap_on();
	path_run(&op, &expected);
	trap_off();
	wrong = path_check(&expected);
	if (interrupted) {
		if (wrong)
			printf("FAIL IPv%d, %s, after %ld instructions: %s\n", family, s->name, steps, wrong);
		fflush(stdout);
		_exit(wrong != NULL);
	}
	if (!failures)
		printf("ok   IPv%d, %-36s %5ld places\n", family, s->name, steps / stride);
	return !wrong && !failures;
}

/* ---- two CPUs in one CPU's table ---- */

static void *visit_many(void *arg)
{
	uint64_t random = (uintptr_t)arg * 0x9e3779b97f4a7c15ULL | 1;

	for (int i = 0; i < PARALLEL_VISITS; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		path_run(&(struct op){ (int)(random % 13), random >> 32 & 0xff
								   ? (random >> 48) % OP_ALL & ~OP_SWAP
								   : OP_SWAP },
			 &expected);
		if (!(random >> 40 & 7))
			path_tick();
	}
	return NULL;
}

static bool run_parallel(const struct manner *manner)
{
	pthread_t threads[3];
	const char *wrong;

	set_up(&(struct scenario){}, manner, &expected);
	for (uintptr_t i = 0; i < ARRAY_SIZE(threads); i++)
		if (pthread_create(&threads[i], NULL, visit_many, (void *)(i + 1)))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	wrong = path_check(&expected);
	printf("%-4s IPv%d, %zu threads, %d packets each%s%s%s\n", wrong ? "FAIL" : "ok", family,
	       ARRAY_SIZE(threads), PARALLEL_VISITS, manner->name, wrong ? ": " : "",
	       wrong ? wrong : "");
	return !wrong;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
	unsigned int passed = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "--long"))
		stride = 1;
	if (path_open() < 0 || sigaction(SIGTRAP, &action, NULL) < 0)
		return perror("interrupt"), 1;
	for (family = 4; family <= 6; family += 2) {
		for (const struct manner *m = manners; m < manners + ARRAY_SIZE(manners); m++) {
			for (size_t i = 0; i < m->count; i++)
				*(run_scenario(&m->scenarios[i], m) ? &passed : &failed) += 1;
			*(run_parallel(m) ? &passed : &failed) += 1;
		}
	}
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
