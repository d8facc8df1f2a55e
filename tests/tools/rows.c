/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rows.c - runs every row of tests/rows.t at every hook: verdict, reason, flow and counters must be
 * as written. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "../lib/differ.h"
#include "../lib/harness.h"
#include "../lib/native.h"
#include "../lib/row.h"
#include "../lib/words.h"

#define FLOWS 256 /* every row starts with empty tables */

/* Kernels refuse test runs of skbs without a whole IP header, or longer than a page holds. */
#define SKB_MIN 54
#define SKB_MAX 3600

#define CUTS 300 /* a chain of 16 extension headers is 190 bytes */

struct run {
	struct harness harness;
	struct differ differ;
	const char *file;
	struct row row;
	struct frame frame;
	char rules[32768]; /* text of those in force */
	bool native;	   /* without the kernel: the parser and the oracle alone */
	unsigned int passed, failed, skipped;
};

/* One row at one entry: the bytes it is given there and what came of it. */
struct attempt {
	enum entry entry;
	enum hook_id hook;
	const uint8_t *bytes;
	size_t len;
	int family; /* OUTPUT only */
	bool bad;   /* something was not as expected */
};

static void __attribute__((format(printf, 3, 4)))
complain(const struct run *run, struct attempt *a, const char *format, ...)
{
	va_list args;

	a->bad = true;
	printf("FAIL %s:%u %s: ", run->file, run->row.line, entry_name(a->entry));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static void check_count(struct run *run, struct attempt *a, const char *what, struct count count)
{
	if (count.packets != 1 || count.bytes != a->len)
		complain(run, a, "%s: %llu packets, %llu bytes; not 1 and %zu", what,
			 (unsigned long long)count.packets, (unsigned long long)count.bytes,
			 a->len);
}

static void check_totals(struct run *run, struct attempt *a, const struct snapshot *snapshot)
{
	const struct iface_totals *t = snapshot->totals;

	if (snapshot->totals_count != 1 || t->ifindex != HARNESS_IFINDEX) {
		complain(run, a, "totals of %zu interfaces, not of 1", snapshot->totals_count);
		return;
	}
	for (int i = 0; i < REASONS; i++) {
		if (i != (int)run->row.reason && t->seen[i].packets)
			complain(run, a, "reason %s, not %s", reason_name(i),
				 reason_name(run->row.reason));
	}
	check_count(run, a, "total of the reason", t->seen[run->row.reason]);
	check_count(run, a, "total of the verdict", t->verdict[run->row.verdict]);
	if (t->verdict[!run->row.verdict].packets)
		complain(run, a, "the other verdict has a packet too");
}

/* The slot of the row's n-th rule; the policy's is 0. */
static uint16_t slot_of(const struct run *run, int n)
{
	return n > 0 && (size_t)n <= run->harness.set.count ? run->harness.set.rules[n - 1].slot
							    : 0;
}

/* What the row says against the native parser and the rules' oracle. */
static void check_native(struct run *run, struct attempt *a, const struct native *native)
{
	const struct judgement *j = &native->judgement;
	struct flow want = run->row.flow, parsed;
	char text[2][160];

	want.hook = a->hook;
	want.ifindex = HARNESS_IFINDEX;
	native_flow(&native->packet, a->hook, &parsed);
	flow_text(&parsed, text[0], sizeof(text[0]));
	flow_text(&want, text[1], sizeof(text[1]));
	if (run->row.has_flow && !flow_same(&parsed, &want))
		complain(run, a, "natively flow %s, not %s", text[0], text[1]);
	if (run->row.has_flags && parsed.tcp_flags != want.tcp_flags)
		complain(run, a, "natively TCP flags %#x, not %#x", parsed.tcp_flags,
			 want.tcp_flags);
	if (native->reason != run->row.reason)
		complain(run, a, "natively the reason is %s, not %s", reason_name(native->reason),
			 reason_name(run->row.reason));
	if (run->row.by >= 0 && j->slot != slot_of(run, run->row.by))
		complain(run, a, "slot %u decides, not rule %d", j->slot, run->row.by);
	if (run->row.audit >= 0 &&
	    (j->audit_count ? j->audits[0] : 0) != slot_of(run, run->row.audit))
		complain(run, a, "another audit rule counts first than rule %d", run->row.audit);
}

static void check_flow(struct run *run, struct attempt *a, const struct snapshot *snapshot,
		       const struct native *native)
{
	const struct flow *got = snapshot->flows;
	struct flow parsed;
	char text[2][160];

	if (snapshot->flow_count != run->row.has_flow) {
		complain(run, a, "%zu flows", snapshot->flow_count);
		return;
	}
	if (!run->row.has_flow)
		return;
	native_flow(&native->packet, a->hook, &parsed);
	flow_text(got, text[0], sizeof(text[0]));
	flow_text(&parsed, text[1], sizeof(text[1]));
	if (!flow_same(got, &parsed))
		complain(run, a, "flow %s, natively %s", text[0], text[1]);
	check_count(run, a, "flow", got->count);
	if (got->tcp_flags != parsed.tcp_flags)
		complain(run, a, "TCP flags %#x, natively %#x", got->tcp_flags, parsed.tcp_flags);
	if (got->verdict != run->row.verdict)
		complain(run, a, "the flow's verdict differs");
	if (got->slot != native->judgement.slot)
		complain(run, a, "the flow's rule is slot %u, by the oracle %u", got->slot,
			 native->judgement.slot);
}

static void check_rules(struct run *run, struct attempt *a, const struct snapshot *snapshot,
			const struct native *native)
{
	const struct judgement *j = &native->judgement;
	size_t counted = 1 + j->audit_count, found = 0;

	check_count(run, a, "the deciding rule", snapshot->rules[j->slot]);
	for (size_t i = 0; i < j->audit_count; i++)
		check_count(run, a, "an audit rule", snapshot->rules[j->audits[i]]);
	for (size_t i = 0; i < RULE_SLOTS; i++)
		found += !!snapshot->rules[i].packets;
	if (found != counted)
		complain(run, a, "%zu rules counted, not %zu", found, counted);
}

/* After a run: what the programs counted against the native parser, and that against the row. */
static void check(struct run *run, struct attempt *a, enum verdict verdict)
{
	struct snapshot snapshot;
	struct native native;
	int r;

	native_parse(a->bytes, a->len, a->hook, a->family, HARNESS_IFINDEX, &native);
	native_judge(&run->harness.set, run->harness.blob->unparsed, a->hook, &native);
	check_native(run, a, &native);
	if (run->native)
		return;
	r = harness_read(&run->harness, a->hook, &snapshot, NULL);
	if (r < 0) {
		complain(run, a, "reading the counters: %s", strerror(-r));
		return;
	}
	if (verdict != run->row.verdict)
		complain(run, a, "%s", verdict == VERDICT_DROP ? "dropped" : "passed");
	check_totals(run, a, &snapshot);
	check_flow(run, a, &snapshot, &native);
	check_rules(run, a, &snapshot, &native);
	snapshot_free(&snapshot);
}

static bool runs_at(const struct run *run, struct attempt *a)
{
	const struct frame *f = &run->frame;

	if (!(run->row.hooks & 1 << a->hook) || (!run->native && !run->harness.have[a->hook]))
		return false;
	if (run->native && (a->entry == ENTRY_XDP_SPLIT || a->entry == ENTRY_XDP_PAGED ||
			    a->entry == ENTRY_INGRESS))
		return false;
	a->bytes = f->bytes;
	a->len = f->len;
	if (a->hook != HOOK_NF)
		return true;
	if (f->tagged || f->network >= f->len || (f->ethertype != 0x0800 && f->ethertype != 0x86dd))
		return false;
	a->bytes += f->network;
	a->len -= f->network;
	a->family = f->ethertype == 0x0800 ? 4 : 6;
	return true;
}

static void run_entry(struct run *run, enum entry entry)
{
	struct attempt a = {.entry = entry, .hook = entry_hook(entry)};
	enum verdict verdict = run->row.verdict;
	uint32_t value;
	int r = 0;

	if (!runs_at(run, &a))
		return;
	if (!run->native) {
		harness_clear(&run->harness, a.hook);
		r = harness_run(&run->harness, entry, a.family, a.bytes, a.len, &verdict, &value);
	}
	if (r == -EINVAL && (a.len < SKB_MIN || a.len > SKB_MAX)) {
		printf("skip %s:%u %s: the kernel refuses a test run of %zu bytes\n", run->file,
		       run->row.line, entry_name(entry), a.len);
		run->skipped++;
		return;
	}
	if (r == -EPROTO)
		complain(run, &a, "the program returned %d", (int)value);
	else if (r < 0)
		complain(run, &a, "test run: %s", strerror(-r));
	else
		check(run, &a, verdict);
	run->passed += !a.bad;
	run->failed += a.bad;
}

static int rules_in_force(struct run *run)
{
	struct row *row = &run->row;
	struct fault fault = {};
	char text[sizeof(run->rules)] = "";
	size_t len = 0;
	int r;

	len += snprintf(text, sizeof(text), "%d;", row->policy);
	for (size_t i = 0; i < row->rule_count && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len, "%s;", row->rules[i]);
	if (len < sizeof(text) && !strcmp(text, run->rules))
		return 0;
	r = harness_rules(&run->harness, row->policy, row->rules, row->rule_count, &fault);
	if (r < 0) {
		printf("FAIL %s:%u rules: %s%s\n", run->file, row->line, strerror(-r),
		       *fault.message ? "" : " (no message)");
		if (*fault.message)
			printf("     %s\n", fault.message);
		free(fault.source);
		run->rules[0] = '\0';
		return r;
	}
	memcpy(run->rules, text, sizeof(text));
	return 0;
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
	uint64_t before = run->differ.mismatches;
	char why[256], name[300];

	if (row_parse(line, &run->row, why, sizeof(why)) <= 0 ||
	    frame_build(run->row.packet, &run->frame, why, sizeof(why)) < 0)
		return;
	snprintf(name, sizeof(name), "%s:%u, cut", run->file, number);
	for (size_t n = DIFFER_MIN; n <= MIN(run->frame.len, CUTS); n++) {
		differ_run(&run->differ, name, ENTRY_XDP, run->frame.bytes, n);
		differ_run(&run->differ, name, ENTRY_XDP_PAGED, run->frame.bytes, n);
	}
	run->passed += run->differ.mismatches == before;
	run->failed += run->differ.mismatches != before;
}

static int run_cuts(struct run *run, struct fault *fault)
{
	int r = differ_open(&run->differ, fault);

	if (r == 0)
		r = each_line(run, cut_line);
	if (r == 0) {
		printf("%llu cut frames\n", (unsigned long long)run->differ.runs);
		if (differ_exits(&run->differ) != run->differ.runs) {
			printf("FAIL %s: the exits do not add up to the runs\n", run->file);
			run->failed++;
		}
	}
	differ_close(&run->differ);
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
