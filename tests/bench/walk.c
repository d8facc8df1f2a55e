/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * walk.c - nanoseconds a new flow costs under large rulesets in ClassBench's format, by test runs at
 * XDP over headers none of which comes twice; of that the rules' share.
 *
 *	walk [-6] [-r ROUNDS] FILE...
 */
#include <arpa/inet.h>
#include <err.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../lib/classbench.h"
#include "../lib/harness.h"
#include "stand_in.h"
#include "walk.h"

#define ROUNDS 9
#define LOOPBACK 1
#define FLOWS 65536

enum program { BARE, PICK, JUDGE, NEW, PROGRAMS };

static const char *const names[PROGRAMS] = { "bench_bare", "walk_pick", "walk_judge", "bench_new" };

struct bench {
	struct harness harness;
	struct bpf_object *object;
	int program[PROGRAMS];
	struct walk_header *headers;
	bool ip6;
	unsigned int rounds;
};

static uint64_t state = 0x243f6a8885a308d3;

static uint32_t below(uint64_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 32) * n >> 32);
}

static uint32_t within(uint32_t lo, uint32_t hi)
{
	return lo + below((uint64_t)hi - lo + 1);
}

/* Nine of ten lie in a rule, the rest anywhere. */
static struct walk_header make_header(const struct classbench_rule *filters, size_t count, bool ip6)
{
	const struct classbench_rule *f = &filters[below(count)];
	struct walk_header h = { .family = ip6 ? 6 : 4 };
	bool anything = !below(10);

	for (int i = 0; i < 2; i++) {
		h.address[i] =
			anything ? below(1ULL << 32) : within(f->address[i][0], f->address[i][1]);
		h.port[i] = htons(anything ? below(65536) : within(f->port[i][0], f->port[i][1]));
	}
	h.proto = f->proto_mask && !anything ? f->proto : below(2) ? IPPROTO_TCP : IPPROTO_UDP;
	h.flags = h.proto != IPPROTO_TCP	    ? 0
		  : f->flags_mask >> 8 && !anything ? f->flags >> 8
						    : below(256);
	return h;
}

static void load_walkers(struct bench *b)
{
	char path[PATH_MAX], self[PATH_MAX - 32];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len] = '\0';
	snprintf(path, sizeof(path), "%s.bpf.o", self);
	b->object = stand_in_load(path, &b->harness.hook[HOOK_XDP]);
	for (int i = 0; i < PROGRAMS; i++)
		b->program[i] = stand_in_program(b->object, names[i]);
	b->headers =
		stand_in_memory(b->object, "walk_headers", WALK_HEADERS * sizeof(*b->headers));
}

static void use_rules(struct bench *b, const char *name)
{
	struct classbench_rule *filters = calloc(MAX_RULES, sizeof(*filters));
	char **texts = calloc(MAX_RULES, sizeof(*texts)), line[256];
	FILE *in = fopen(name, "r");
	struct fault fault = {};
	size_t count = 0;

	if (!in)
		err(1, "%s", name);
	while (count < MAX_RULES && fgets(line, sizeof(line), in)) {
		if (!classbench_parse(line, &filters[count]))
			continue;
		texts[count] =
			classbench_text(&filters[count], b->ip6, count % 4 ? "drop" : "pass");
		count += texts[count] != NULL;
	}
	fclose(in);
	if (harness_rules(&b->harness, VERDICT_DROP, (const char *const *)texts, count, &fault) < 0)
		errx(1, "%s: %s", name, fault.message);
	for (size_t i = 0; i < WALK_HEADERS; i++)
		b->headers[i] = make_header(filters, count, b->ip6);
	while (count)
		free(texts[--count]);
	free(texts);
	free(filters);
}

static uint32_t run(const struct bench *b, enum program program, unsigned int repeat)
{
	static uint8_t frame[64] = {
		[12] = 8, [14] = 0x45, [17] = 50, [22] = 64, [23] = 17, [39] = 30
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = (int)repeat);

	if (bpf_prog_test_run_opts(b->program[program], &opts) < 0)
		err(1, "test run of %s", names[program]);
	return opts.duration;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(struct bench *b, const char *name)
{
	const struct family_rules *f = &b->harness.blob->family[b->ip6 ? FAMILY_IP6 : FAMILY_IP4];
	double walk[b->rounds], fresh[b->rounds];

	run(b, NEW, 3 * WALK_HEADERS);
	for (unsigned int i = 0; i < b->rounds; i++) {
		double bare = run(b, BARE, WALK_HEADERS), pick = run(b, PICK, WALK_HEADERS);

		run(b, JUDGE, WALK_HEADERS);
		walk[i] = run(b, JUDGE, 2 * WALK_HEADERS) - pick;
		run(b, NEW, WALK_HEADERS);
		fresh[i] = run(b, NEW, 2 * WALK_HEADERS) - bare - (pick - bare);
	}
	qsort(walk, b->rounds, sizeof(*walk), compare);
	qsort(fresh, b->rounds, sizeof(*fresh), compare);
	printf("%-10s %6u %3u %3u %7zu %7.0f %5.0f %5.0f %9.0f %5.0f %5.0f\n",
	       strrchr(name, '/') ? strrchr(name, '/') + 1 : name, f->total, f->worst_nodes,
	       f->worst_boxes, blob_size(b->harness.blob) >> 10, walk[b->rounds / 2], walk[0],
	       walk[b->rounds - 1], fresh[b->rounds / 2], fresh[0], fresh[b->rounds - 1]);
}

int main(int argc, char **argv)
{
	static struct bench b = { .rounds = ROUNDS };
	struct fault fault = {};
	int option;

	while ((option = getopt(argc, argv, "6r:")) != -1) {
		if (option == '6')
			b.ip6 = true;
		else if (option == 'r' && atoi(optarg) > 0)
			b.rounds = (unsigned int)atoi(optarg);
		else
			errx(2, "walk [-6] [-r ROUNDS] FILE...");
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (harness_open(1 << HOOK_XDP, FLOWS, &b.harness, &fault) < 0)
		errx(1, "%s", fault.message);
	load_walkers(&b);
	printf("ns a packet: median, least and most of %u rounds\n"
	       "rules       boxes  worst     KiB    walk   min   max  new-bare   min   max\n",
	       b.rounds);
	for (int i = optind; i < argc; i++) {
		use_rules(&b, argv[i]);
		measure(&b, argv[i]);
	}
	bpf_object__close(b.object);
	harness_close(&b.harness);
	return 0;
}
