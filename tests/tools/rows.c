/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rows.c - runs every row of tests/rows.t at every hook: verdict, reason, flow and counters must be
 * as written.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "../lib/row_check.h"
#include "../lib/parse_check.h"
#include "../lib/harness.h"
#include "../lib/row.h"
#include "../lib/frame.h"

#define FLOWS 256 /* every row starts with empty tables */

/* Kernels refuse test runs of skbs without a whole IP header, or longer than a page holds. */
#define SKB_MIN 54
#define SKB_MAX 3600

#define TIMES 3	 /* runs of a frame on tables that begin empty */
#define CUTS 300 /* a chain of 16 extension headers is 190 bytes */

struct run {
	struct harness harness;
	struct parse_check check;
	const char *file;
	struct row row;
	struct frame frame;
	char rules[32768]; /* text of those in force */
	bool native;	   /* without the kernel: the parser and the oracle alone */
	unsigned int passed, failed, skipped;
};

/*
 * A test run of an skb begins with an Ethernet header, which programs of bare devices step over where the kernel says
 * where the packet begins (6.2).
 */
static bool runs_bare_skb(void)
{
	static int known = -1;

	if (known < 0)
		known = load_finds_prefix();
	return known;
}

static bool names_ether(const struct row *row)
{
	for (size_t i = 0; i < row->rule_count; i++)
		if (strstr(row->rules[i], "ether "))
			return true;
	return false;
}

/* Fill in *a; false where the row does not run. */
static bool runs_at(struct run *run, enum entry entry, struct row_check *a)
{
	const struct frame *f = &run->frame;
	bool main = entry == ENTRY_XDP || entry == ENTRY_TC || entry == ENTRY_NF;

	*a = (struct row_check){
		.harness = &run->harness,
		.row = &run->row,
		.file = run->file,
		.entry = entry,
		.hook = entry_hook(entry),
		.bytes = f->bytes,
		.len = f->len,
		.mark = f->mark,
	};
	if (!(run->row.hooks & 1 << a->hook))
		return false;
	if (run->native ? !main : !run->harness.have[a->hook])
		return false;
	if (entry == ENTRY_XDP_NOTED)
		return f->tagged && f->len >= 18 && f->network <= 14 + 4 * MAX_TAGS; /* one goes further */
	if (a->hook != HOOK_NF && !entry_is_bare(entry))
		return !run->row.bare;
	if (entry_is_bare(entry) && names_ether(&run->row) && !run->row.bare)
		return false;
	if (entry_is_bare(entry) && entry != ENTRY_XDP_BARE && !runs_bare_skb())
		return false;
	if (f->tagged || f->network >= f->len || (f->ethertype != 0x0800 && f->ethertype != 0x86dd))
		return false;
	a->bytes += f->network;
	a->len -= f->network;
	a->family = f->ethertype == 0x0800 ? 4 : 6;
	/* There the version says which it is. */
	return entry != ENTRY_XDP_BARE || *a->bytes >> 4 == a->family;
}

/* Run the frame "times" times more; the verdict must be the row's when "row_verdict" says so. */
static int run_times(struct row_check *a, unsigned int times, bool row_verdict)
{
	enum verdict verdict;
	uint32_t value;
	int r;

	a->harness->mark = a->mark;
	for (unsigned int i = 0; i < times; i++) {
		r = harness_run(a->harness, a->entry, a->family, a->bytes, a->len, &verdict,
				&value);
		if (r == -EPROTO)
			row_check_failed(a, "the program returned %d", (int)value);
		else if (r < 0)
			return r;
		else if (row_verdict && verdict != a->row->verdict)
			row_check_failed(a, "%s", verdict == VERDICT_DROP ? "dropped" : "passed");
		a->times++;
	}
	return 0;
}

static void add_result(struct run *run, struct row_check *a, int r)
{
	if (r == -EINVAL && (a->len < SKB_MIN || a->len > SKB_MAX)) {
		printf("skip %s:%u %s: the kernel refuses a test run of %zu bytes\n", run->file,
		       run->row.line, entry_name(a->entry), a->len);
		run->skipped++;
		return;
	}
	if (r < 0)
		row_check_failed(a, "test run: %s", strerror(-r));
	run->passed += !a->bad;
	run->failed += a->bad;
}

/* The first packet enters the flow, the others find it there. */
static void run_entry(struct run *run, enum entry entry)
{
	struct row_check a;
	int r = 0;

	if (!runs_at(run, entry, &a))
		return;
	if (run->native) {
		row_check_native(&a);
	} else {
		harness_clear(&run->harness, a.hook);
		harness_forget_fragments(&run->harness);
		r = run_times(&a, TIMES, true);
		if (r == 0)
			row_check_counts(&a);
	}
	add_result(run, &a, r);
}

/* The rules' text as one string, to see whether they differ from those in force. */
static bool rules_differ(struct run *run)
{
	struct row *row = &run->row;
	char text[sizeof(run->rules)] = "";
	size_t len = 0;

	len += snprintf(text, sizeof(text), "%d;", row->policy);
	for (size_t i = 0; i < row->rule_count && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len, "%s;", row->rules[i]);
	if (len < sizeof(text) && !strcmp(text, run->rules))
		return false;
	memcpy(run->rules, text, sizeof(text));
	return true;
}

static int change_rules(struct run *run)
{
	struct row *row = &run->row;
	struct fault fault = {};
	int r = harness_rules(&run->harness, row->policy, row->rules, row->rule_count, &fault);

	if (r < 0) {
		printf("FAIL %s:%u rules: %s: %s\n", run->file, row->line, strerror(-r),
		       fault.message);
		free(fault.source);
		run->rules[0] = '\0';
	}
	return r;
}

/* Put the row's rules in force, under a flow that the rules before have judged: it must be judged anew. */
static int rules_in_force(struct run *run)
{
	static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };
	struct row_check a[HOOKS];
	bool runs[HOOKS] = {};
	int r;

	if (!rules_differ(run))
		return 0;
	for (int i = 0; i < HOOKS && !run->native; i++) {
		if (!runs_at(run, entries[i], &a[i]))
			continue;
		harness_clear(&run->harness, i);
		runs[i] = run_times(&a[i], 1, false) == 0;
	}
	r = change_rules(run);
	for (int i = 0; i < HOOKS && r == 0; i++) {
		if (!runs[i])
			continue;
		run_times(&a[i], 1, true);
		row_check_sums(&a[i]);
		add_result(run, &a[i], 0);
	}
	return r;
}

/* Is the row for hooks alone that are not run? */
static bool elsewhere(const struct run *run)
{
	for (int hook = 0; hook < HOOKS; hook++)
		if (run->harness.have[hook] && run->row.hooks & 1 << hook)
			return false;
	return !run->native;
}

static void run_line(struct run *run, const char *line, unsigned int number)
{
	unsigned int before = run->passed + run->failed + run->skipped;
	char why[256] = "";
	int r = row_parse(line, &run->row, why, sizeof(why));

	if (!r)
		return;
	run->row.line = number;
	if (r > 0)
		r = frame_build(run->row.packet, &run->frame, why, sizeof(why));
	if (r < 0) {
		printf("FAIL %s:%u %s\n", run->file, number, why);
		run->failed++;
		return;
	}
	if (elsewhere(run)) {
		run->skipped++;
		return;
	}
	if (rules_in_force(run) < 0) {
		run->failed++;
		return;
	}
	for (int i = 0; i < ENTRY_COUNT; i++)
		run_entry(run, i);
	if (run->passed + run->failed + run->skipped == before) {
		printf("FAIL %s:%u the row runs nowhere\n", run->file, number);
		run->failed++;
	}
}

static int each_line(struct run *run, void (*line_do)(struct run *, const char *, unsigned int))
{
	FILE *file = fopen(run->file, "re");
	unsigned int number = 0;
	char *line = NULL;
	size_t size = 0;

	if (!file) {
		fprintf(stderr, "rows: %s: %s\n", run->file, strerror(errno));
		return -errno;
	}
	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		line_do(run, line, ++number);
	}
	free(line);
	fclose(file);
	return 0;
}

/* The packet of a row, cut at every byte, and each cut with nothing linear too. */
static void cut_line(struct run *run, const char *line, unsigned int number)
{
	uint64_t before = run->check.mismatches;
	char why[256], name[300];

	if (row_parse(line, &run->row, why, sizeof(why)) <= 0 ||
	    frame_build(run->row.packet, &run->frame, why, sizeof(why)) < 0)
		return;
	snprintf(name, sizeof(name), "%s:%u, cut", run->file, number);
	for (size_t n = PARSE_CHECK_MIN; n <= MIN(run->frame.len, CUTS); n++) {
		parse_check_run(&run->check, name, ENTRY_XDP, run->frame.bytes, n);
		parse_check_run(&run->check, name, ENTRY_XDP_PAGED, run->frame.bytes, n);
	}
	run->passed += run->check.mismatches == before;
	run->failed += run->check.mismatches != before;
}

static int run_cuts(struct run *run, struct fault *fault)
{
	int r = parse_check_open(&run->check, fault);

	if (r == 0)
		r = each_line(run, cut_line);
	if (r == 0) {
		printf("%llu cut frames\n", (unsigned long long)run->check.runs);
		if (parse_check_exits(&run->check) != run->check.runs) {
			printf("FAIL %s: the exits do not add up to the runs\n", run->file);
			run->failed++;
		}
	}
	parse_check_close(&run->check);
	return r;
}

/* Which hooks the words name; all when none. "native": none. */
static unsigned int hooks_named(int count, char **words, bool *ret_native)
{
	static const char *const names[] = {
#define X(id, name, text) [HOOK_##id] = name,
		NETCTL_HOOKS(X)
#undef X
	};
	unsigned int hooks = 0;

	for (int i = 0; i < count; i++) {
		*ret_native |= !strcmp(words[i], "native");
		for (int hook = 0; hook < HOOKS; hook++)
			hooks |= !strcmp(words[i], names[hook]) << hook;
	}
	return hooks || *ret_native ? hooks : (1 << HOOKS) - 1;
}

/* rows [FILE [HOOK...|native]] */
int main(int argc, char **argv)
{
	static struct run run;
	struct fault fault = {};
	unsigned int hooks;
	int r;

	run.file = argc > 1 ? argv[1] : "tests/rows.t";
	hooks = hooks_named(argc - 2, argv + 2, &run.native);
	/* A namespace of its own: test runs are charged to its loopback device, index 1. */
	if (!run.native && unshare(CLONE_NEWNET) < 0) {
		fprintf(stderr, "rows: a network namespace: %s\n", strerror(errno));
		return 1;
	}
	r = harness_open(hooks, FLOWS, &run.harness, &fault);
	if (r < 0) {
		fprintf(stderr, "rows: %s: %s\n", fault.message, strerror(-r));
		harness_close(&run.harness);
		return 1;
	}
	r = each_line(&run, run_line);
	harness_close(&run.harness);
	if (r == 0 && hooks & 1 << HOOK_XDP)
		r = run_cuts(&run, &fault);
	if (r < 0)
		fprintf(stderr, "rows: %s: %s\n", fault.message, strerror(-r));
	printf("%u passed, %u failed, %u skipped\n", run.passed, run.failed, run.skipped);
	return r < 0 || run.failed || !run.passed;
}
