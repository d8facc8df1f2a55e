/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench.c - nanoseconds a packet costs at each hook, by BPF_PROG_TEST_RUN; nothing is attached.
 *
 *	bench [--quick] [--hook=HOOK] [--rules=N[,N...] | --fields] [--rounds=N] BUILD
 *
 * The programs are those netctl loads, out of the same text; beside them, from BUILD/tests/bench,
 * stand one that does nothing, the parser alone, and one to which every packet is a new flow. All
 * cases take turns, round after round, so that a busy machine slows them alike. Prints a table and
 * writes BUILD/bench.json; --quick, one short round to see that all of it works, writes
 * BUILD/bench-quick.json. --hook measures one hook alone, --rules lists of as many rules as it names,
 * --fields a rule on each field that packets of one flow may differ in.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../ctl/attach/attach.h"
#include "bench.h"
#include "stand_in.h"
#include "../lib/harness.h"
#include "../lib/frame.h"

#define MOST_RULES 10000 /* of bench_rulesets */
#define REPEAT_MAX 50000U
#define WARM_UP 2000U /* enough to enter the flow, and for caches and branch predictors */

struct bench {
	struct harness harness;
	struct bpf_object *objects[HOOKS];
	int blobs[BENCH_RULESETS];
	uint32_t parts; /* slots taken: no ruleset's parts take another's place */
	struct frame frames[BENCH_CASES];
	struct bench_rows rows;
};

/* Idle ticks of a CPU since boot. */
static unsigned long long idle_ticks(int cpu)
{
	unsigned long long idle = 0;
	char name[16], line[512];
	FILE *f = fopen("/proc/stat", "re");

	snprintf(name, sizeof(name), "cpu%d ", cpu);
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), "%*u %*u %*u %llu", &idle);
	}
	if (f)
		fclose(f);
	return idle;
}

/* Stay on the CPU, of those we may use, that idled most in the last half second. */
static int pin_to_quiet_cpu(void)
{
	const struct timespec pause = { .tv_nsec = 500000000 };
	unsigned long long before[CPU_SETSIZE], idle, most = 0;
	cpu_set_t allowed, one;
	int best = -1;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return -errno;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		before[cpu] = CPU_ISSET(cpu, &allowed) ? idle_ticks(cpu) : 0;
	nanosleep(&pause, NULL);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		idle = idle_ticks(cpu) - before[cpu];
		if (best < 0 || idle > most) {
			best = cpu;
			most = idle;
		}
	}
	CPU_ZERO(&one);
	CPU_SET(best, &one);
	return sched_setaffinity(0, sizeof(one), &one) < 0 ? -errno : best;
}

/* Hosts and prefixes up to /25 that end in .128 and more: none holds an address of our packets. */
static void fill_set(struct set *set, unsigned int count)
{
	struct set batch = {};
	int r = 0;

	for (unsigned int i = 0; i < count && !r; i++) {
		uint32_t below = (1U << i % 8) - 1;
		uint32_t lo = ((0x10000000 + i * 2000) | 0x80) & ~below;

		r = set_push4(&batch, &(struct element4){ lo, lo + below, 0, 0 });
	}
	if (r < 0 || set_add(set, &batch, NULL) < 0)
		errx(1, "no memory");
	set_free(&batch);
}

/* Rules that match no packet of ours: a list would have to look at every one of them. */
static void make_rules(struct bench *b, size_t ruleset)
{
	static char texts[MOST_RULES][64];
	const struct bench_ruleset *wanted = &bench_rulesets[ruleset];
	const char *rules[MOST_RULES + 1];
	struct fault fault = {};
	size_t count = wanted->rules + !!wanted->prefixes;
	struct ruleset made;
	struct set *set;
	int r;

	for (unsigned int i = 0; i < wanted->rules; i++) {
		snprintf(texts[i], sizeof(texts[i]), "drop dst 10.9.%u.%u proto udp dport %u",
			 i / 256, i % 256, 1024 + i);
		rules[i] = texts[i];
	}
	rules[wanted->rules] = "drop src @s";
	if (wanted->field)
		count = bench_field_rules(wanted->field, rules);
	r = harness_parse(VERDICT_PASS, rules, count, &made, &fault);
	if (!r)
		r = ruleset_add_set(&made, "s", SET_ADDRESSES, &set);
	if (!r) {
		fill_set(set, wanted->prefixes);
		r = harness_compile(&b->harness, &made, &fault);
	}
	b->harness.blob->parts_slot = b->parts;
	b->parts += b->harness.blob->parts;
	if (!r && b->parts > PARTS_SLOTS)
		r = fault_set(&fault, -ENOSPC, 0, "too many parts");
	if (!r)
		r = harness_force(&b->harness, FORCE_WHOLE); /* its parts, if it has some, stay */
	if (r < 0)
		errx(1, "%u rules: %s", wanted->rules, fault.message);
	b->blobs[ruleset] = load_blob(b->harness.blob);
	if (b->blobs[ruleset] < 0)
		errx(1, "%u rules: %s", wanted->rules, strerror(-b->blobs[ruleset]));
	ruleset_free(&made);
}

/* The stand-ins work on the tables of the hook itself: same maps, same options. */
static void load_stand_ins(struct bench *b, const char *build, enum hook_id hook)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tests/bench/bench_%s.bpf.o", build, bench_hooks[hook]);
	b->objects[hook] = stand_in_load(path, &b->harness.hook[hook]);
}

static int case_program(const struct bench *b, enum hook_id hook, enum bench_case what)
{
	char name[32];

	if (what == CASE_KNOWN || what == CASE_KNOWN6)
		return b->harness.hook[hook].program[PROGRAM_MAIN];
	snprintf(name, sizeof(name), "bench_%s", bench_cases[what].name);
	return stand_in_program(b->objects[hook], name);
}

static void add_rows(struct bench *b, enum hook_id hook)
{
	for (enum bench_case what = 0; what < BENCH_CASES; what++) {
		size_t rulesets = bench_cases[what].ruled ? bench_ruleset_count : 1;

		for (size_t i = 0; i < rulesets; i++)
			b->rows.row[b->rows.count++] = (struct bench_row){
				.hook = hook,
				.what = what,
				.ruleset = i,
				.program = case_program(b, hook, what),
			};
	}
}

static void open_all(struct bench *b, const char *build)
{
	struct fault fault = {};
	char why[128];

	if (harness_open((1U << HOOKS) - 1, FLOWS_DEFAULT, &b->harness, &fault) < 0)
		errx(1, "%s", fault_is_set(&fault) ? fault.message : "cannot load the programs");
	for (int i = 0; i < BENCH_CASES; i++) {
		if (frame_build(bench_cases[i].packet, &b->frames[i], why, sizeof(why)) < 0)
			errx(1, "%s", why);
	}
	for (size_t i = 0; i < bench_ruleset_count; i++)
		make_rules(b, i);
	for (int hook = 0; hook < HOOKS; hook++) {
		if (!(b->rows.hooks >> hook & 1))
			continue;
		load_stand_ins(b, build, hook);
		add_rows(b, hook);
	}
}

/* Mean nanoseconds of "repeat" runs, as the kernel measures them. */
static uint32_t run(const struct bench *b, const struct bench_row *row, unsigned int repeat)
{
	const struct frame *frame = &b->frames[row->what];
	struct {
		uint8_t hook, pf;
		uint64_t rest[5];
	} state = { NF_INET_LOCAL_OUT, row->what == CASE_KNOWN6 ? NFPROTO_IPV6 : NFPROTO_IPV4, {} };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->bytes, .data_size_in = frame->len,
		    .repeat = (int)repeat);

	if (row->hook == HOOK_NF) {
		opts.data_in = frame->bytes + frame->network;
		opts.data_size_in = frame->len - frame->network;
		opts.ctx_in = &state;
		opts.ctx_size_in = sizeof(state);
	}
	if (bpf_prog_test_run_opts(row->program, &opts) < 0)
		err(1, "test run, %s %s", bench_hooks[row->hook], bench_cases[row->what].name);
	return opts.duration;
}

static uint64_t inserted(const struct bench *b, enum hook_id hook)
{
	const volatile struct region *region = b->harness.memory[hook][MAP_REGION].at;

	return region[b->rows.cpu].inserted;
}

/* One sample, and a look at the table: did known flows hit, and were new ones entered? */
static uint32_t sample(const struct bench *b, const struct bench_row *row)
{
	uint64_t before, entered;
	uint32_t ns;

	run(b, row, WARM_UP);
	before = inserted(b, row->hook);
	ns = run(b, row, row->repeat);
	entered = inserted(b, row->hook) - before;
	if (entered != (row->what == CASE_NEW ? row->repeat : 0))
		errx(1, "%s %s: %llu flows entered", bench_hooks[row->hook],
		     bench_cases[row->what].name, (unsigned long long)entered);
	return ns;
}

static void use_ruleset(const struct bench *b, size_t ruleset)
{
	int r = load_slot(b->harness.hook[HOOK_XDP].shared[SHARED_RULES], 0, b->blobs[ruleset]);

	if (r < 0)
		errx(1, "cannot put the rules in force: %s", strerror(-r));
}

/* Every sample of a case is about as long. Tables are filled first: a new flow then closes an old one. */
static void set_repeats(struct bench *b)
{
	for (size_t ruleset = 0; ruleset < bench_ruleset_count; ruleset++) {
		use_ruleset(b, ruleset);
		for (size_t i = 0; i < b->rows.count; i++) {
			struct bench_row *row = &b->rows.row[i];
			uint32_t ns;

			if (row->ruleset != ruleset)
				continue;
			if (row->what == CASE_NEW && !ruleset)
				run(b, row, 4 * FLOWS_DEFAULT);
			ns = run(b, row, WARM_UP);
			row->repeat = MIN(b->rows.sample_ns / MAX(ns, 1U), REPEAT_MAX);
			/* New flows go round the table, or each would be the first in its page. */
			if (row->what == CASE_NEW && b->rows.rounds > 1)
				row->repeat = 2 * FLOWS_DEFAULT;
		}
	}
}

static void measure(struct bench *b)
{
	for (int round = 0; round < b->rows.rounds; round++) {
		for (size_t ruleset = 0; ruleset < bench_ruleset_count; ruleset++) {
			use_ruleset(b, ruleset);
			for (size_t i = 0; i < b->rows.count; i++)
				if (b->rows.row[i].ruleset == ruleset)
					b->rows.row[i].samples[round] = sample(b, &b->rows.row[i]);
		}
	}
}

/* N[,N...] in place of the rulesets that are measured otherwise. */
static void choose_rules(const char *text)
{
	char *end;

	bench_ruleset_count = 0;
	do {
		struct bench_ruleset wanted = { .rules = strtoul(text, &end, 10) };

		if (end == text || wanted.rules > MOST_RULES || bench_ruleset_count == BENCH_RULESETS)
			errx(2, "--rules: up to %d numbers of at most %d", BENCH_RULESETS,
			     MOST_RULES);
		bench_rulesets[bench_ruleset_count++] = wanted;
		text = end + 1;
	} while (*end == ',');
}

static void choose_hook(struct bench_rows *rows, const char *name)
{
	rows->hooks = 0;
	for (int hook = 0; hook < HOOKS; hook++)
		rows->hooks |= !strcmp(name, bench_hooks[hook]) << hook;
	if (!rows->hooks)
		errx(2, "--hook: no such hook");
}

/* True: --quick. */
static bool read_options(int argc, char **argv, struct bench_rows *rows)
{
	static const struct option options[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ "hook", required_argument, NULL, 'h' },
		{ "rules", required_argument, NULL, 'r' },
		{ "fields", no_argument, NULL, 'f' },
		{ "rounds", required_argument, NULL, 'n' },
		{},
	};
	bool quick = false;
	int c;

	*rows = (struct bench_rows){ .hooks = (1U << HOOKS) - 1, .rounds = BENCH_ROUNDS };
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'q')
			quick = true;
		else if (c == 'h')
			choose_hook(rows, optarg);
		else if (c == 'r')
			choose_rules(optarg);
		else if (c == 'f')
			bench_choose_fields();
		else if (c == 'n')
			rows->rounds = atoi(optarg);
		else
			exit(2);
	}
	if (optind != argc - 1 || rows->rounds < 1 || rows->rounds > BENCH_ROUNDS)
		errx(2, "usage: bench [--quick] [--hook=HOOK] [--rules=N[,N...] | --fields] [--rounds=1..%d] BUILD",
		     BENCH_ROUNDS);
	rows->rounds = quick ? 1 : rows->rounds;
	rows->sample_ns = quick ? BENCH_SAMPLE_NS / 10 : BENCH_SAMPLE_NS;
	return quick;
}

int main(int argc, char **argv)
{
	static struct bench b;
	bool quick = read_options(argc, argv, &b.rows);
	const char *build = argv[optind];
	char path[PATH_MAX];
	int r;

	b.rows.cpu = pin_to_quiet_cpu();
	if (b.rows.cpu < 0)
		errx(1, "cannot stay on one CPU: %s", strerror(-b.rows.cpu));
	open_all(&b, build);
	set_repeats(&b);
	measure(&b);
	snprintf(path, sizeof(path), "%s/bench%s.json", build, quick ? "-quick" : "");
	r = bench_report(&b.rows, path);
	if (r < 0)
		errx(1, "%s: %s", path, strerror(-r));
	harness_close(&b.harness);
	return 0;
}
