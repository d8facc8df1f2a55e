/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz.c - everything that reads what others wrote, with input changed by chance: no reader may
 * crash or hang, and what is accepted must come out the same when it is printed and read again.
 *
 *	fuzz [-t SECONDS] [-s SEED] [-n TIMES] [READER...]
 *
 * Each reader for so long (a second), or so many times from that seed on. What fails is named by a
 * seed: "fuzz -s SEED -n 1 READER" does it again. A build with SANITIZE=1 sees more.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/fuzz_targets.h"
#include "../lib/seconds.h"

#define HANGS 120 /* seconds that no input takes, on a busy machine as well */

struct options {
	uint64_t seed, times;
	double seconds;
};

/* What a child that dies leaves behind. */
struct last {
	uint64_t seed, tries;
};

static void run_target(const struct fuzz_target *r, const struct options *o,
		       volatile struct last *last)
{
	double end = seconds() + o->seconds;
	struct corpus corpus = {};

	if (r->begin)
		r->begin(&corpus);
	if (r->begin && !corpus.count)
		errx(1, "nothing to begin with: run it in the repository");
	for (uint64_t i = 0; o->times ? i < o->times : seconds() < end; i++) {
		struct prng prng = prng_seed(o->seed + i);

		last->seed = o->seed + i;
		last->tries = i + 1;
		alarm(HANGS);
		r->try(&corpus, &prng);
	}
	corpus_free(&corpus);
	exit(0);
}

static bool fuzz(const struct fuzz_target *r, const struct options *o, struct last *last)
{
	double begun = seconds();
	int status = 0;
	pid_t child;

	*last = (struct last){};
	fflush(stdout);
	child = fork();
	if (child == 0)
		run_target(r, o, last);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		err(1, "fork");
	if (status)
		printf("FAIL %s: %s %d: fuzz -s %llu -n 1 %s\n", r->name,
		       WIFSIGNALED(status) ? "signal" : "exit",
		       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		       (unsigned long long)last->seed, r->name);
	else
		printf("ok   %-9s %9llu inputs, %.1f s, from seed %llu\n", r->name,
		       (unsigned long long)last->tries, seconds() - begun, (unsigned long long)o->seed);
	return !status;
}

int main(int argc, char **argv)
{
	struct options o = { .seed = 1, .seconds = 1 };
	unsigned int passed = 0, failed = 0;
	struct last *last = mmap(NULL, sizeof(*last), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int option;

	while ((option = getopt(argc, argv, "t:s:n:")) != -1) {
		if (option == 't')
			o.seconds = atof(optarg);
		else if (option == 's')
			o.seed = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			o.times = strtoull(optarg, NULL, 10);
		else
			errx(2, "fuzz [-t SECONDS] [-s SEED] [-n TIMES] [READER...]");
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (last == MAP_FAILED)
		err(1, "no memory");
	for (size_t i = 0; fuzz_targets[i].name; i++) {
		bool named = optind == argc;

		for (int word = optind; word < argc; word++)
			named |= !strcmp(argv[word], fuzz_targets[i].name);
		if (!named)
			continue;
		if (fuzz(&fuzz_targets[i], &o, last))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
