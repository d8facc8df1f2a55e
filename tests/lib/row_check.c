/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row_check.c - totals, flows and rule counters after a run against the row, field by field. */
#include <stdio.h>
#include <string.h>

#include "row_check.h"
#include "native.h"

void row_check_failed(struct row_check *a, const char *format, ...)
{
	va_list args;

	a->bad = true;
	printf("FAIL %s:%u %s: ", a->file, a->row->line, entry_name(a->entry));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static void check_count(struct row_check *a, const char *what, struct count count)
{
	if (count.packets != a->times || count.bytes != a->times * a->len)
		row_check_failed(a, "%s: %llu packets, %llu bytes; not %u and %zu", what,
				 (unsigned long long)count.packets, (unsigned long long)count.bytes,
				 a->times, a->times * a->len);
}

static void check_totals(struct row_check *a, const struct snapshot *snapshot)
{
	const struct iface_totals *t = snapshot->totals;

	if (snapshot->totals_count != 1 || t->ifindex != HARNESS_IFINDEX) {
		row_check_failed(a, "totals of %zu interfaces, not of 1", snapshot->totals_count);
		return;
	}
	for (int i = 0; i < REASONS; i++) {
		if (i != (int)a->row->reason && t->seen[i].packets)
			row_check_failed(a, "reason %s, not %s", reason_name(i),
					 reason_name(a->row->reason));
	}
	check_count(a, "total of the reason", t->seen[a->row->reason]);
	check_count(a, "total of the verdict", t->verdict[a->row->verdict]);
	if (t->verdict[!a->row->verdict].packets)
		row_check_failed(a, "the other verdict has a packet too");
}

/* The slot of the row's n-th rule; the policy's is 0. */
static uint16_t slot_of(const struct row_check *a, int n)
{
	return n > 0 && (size_t)n <= a->harness->rules.count ? a->harness->rules.rules[n - 1].slot
							     : 0;
}

/* What the row says against the native parser and the rules' oracle. */
static void check_native(struct row_check *a, const struct native *native)
{
	const struct oracle_answer *j = &native->answer;
	struct flow want = a->row->flow, parsed;
	char text[2][160];

	want.hook = a->hook;
	want.ifindex = HARNESS_IFINDEX;
	native_flow(&native->packet, a->hook, &parsed);
	flow_text(&parsed, text[0], sizeof(text[0]));
	flow_text(&want, text[1], sizeof(text[1]));
	if (a->row->has_flow && !flow_same(&parsed, &want))
		row_check_failed(a, "natively flow %s, not %s", text[0], text[1]);
	if (a->row->has_flags && parsed.tcp_flags != want.tcp_flags)
		row_check_failed(a, "natively TCP flags %#x, not %#x", parsed.tcp_flags,
				 want.tcp_flags);
	if (native->reason != a->row->reason)
		row_check_failed(a, "natively the reason is %s, not %s",
				 reason_name(native->reason), reason_name(a->row->reason));
	if (a->row->by >= 0 && j->slot != slot_of(a, a->row->by))
		row_check_failed(a, "slot %u decides, not rule %d", j->slot, a->row->by);
	if (a->row->audit >= 0 && (j->audit_count ? j->audits[0] : 0) != slot_of(a, a->row->audit))
		row_check_failed(a, "another audit rule counts first than rule %d", a->row->audit);
}

static void check_flow(struct row_check *a, const struct snapshot *snapshot,
		       const struct native *native)
{
	const struct flow *got = snapshot->flows;
	struct flow parsed;
	char text[2][160];

	if (snapshot->flow_count != a->row->has_flow) {
		row_check_failed(a, "%zu flows", snapshot->flow_count);
		return;
	}
	if (!a->row->has_flow)
		return;
	native_flow(&native->packet, a->hook, &parsed);
	flow_text(got, text[0], sizeof(text[0]));
	flow_text(&parsed, text[1], sizeof(text[1]));
	if (!flow_same(got, &parsed))
		row_check_failed(a, "flow %s, natively %s", text[0], text[1]);
	check_count(a, "flow", got->verdict == VERDICT_DROP ? got->dropped : got->passed);
	if (got->tcp_flags != parsed.tcp_flags)
		row_check_failed(a, "TCP flags %#x, natively %#x", got->tcp_flags,
				 parsed.tcp_flags);
	if (got->verdict != a->row->verdict)
		row_check_failed(a, "the flow's verdict differs");
	if (got->slot != native->answer.slot)
		row_check_failed(a, "the flow's rule is slot %u, by the oracle %u", got->slot,
				 native->answer.slot);
}

static void check_rules(struct row_check *a, const struct snapshot *snapshot,
			const struct native *native)
{
	const struct oracle_answer *j = &native->answer;
	size_t counted = 1 + j->audit_count, found = 0;

	check_count(a, "the deciding rule", snapshot->rules[j->slot]);
	for (size_t i = 0; i < j->audit_count; i++)
		check_count(a, "an audit rule", snapshot->rules[j->audits[i]]);
	for (size_t i = 0; i < RULE_SLOTS; i++)
		found += !!snapshot->rules[i].packets;
	if (found != counted)
		row_check_failed(a, "%zu rules counted, not %zu", found, counted);
}

static void run_natively(const struct row_check *a, struct native *ret)
{
	if (entry_is_bare(a->entry))
		native_parse_bare(a->bytes, a->len, a->hook, a->family, HARNESS_IFINDEX, a->mark, ret);
	else
		native_parse(a->bytes, a->len, a->hook, a->family, HARNESS_IFINDEX, a->mark, ret);
	native_judge(&a->harness->rules, a->hook, ret);
}

void row_check_native(struct row_check *a)
{
	struct native native;

	run_natively(a, &native);
	check_native(a, &native);
}

/* What is counted in live flows and closed counters adds up to the totals, whatever happened. */
static void check_sums(struct row_check *a, const struct snapshot *snapshot)
{
	const struct iface_totals *t = snapshot->totals;
	struct count sum = {};

	for (int i = 0; i < VERDICTS && snapshot->totals_count == 1; i++) {
		sum.packets += t->verdict[i].packets;
		sum.bytes += t->verdict[i].bytes;
		if (t->live[i].packets + t->closed[i].packets != t->verdict[i].packets ||
		    t->live[i].bytes + t->closed[i].bytes != t->verdict[i].bytes)
			row_check_failed(a, "live and closed are not the total of verdict %d", i);
	}
	check_count(a, "totals of all verdicts", sum);
}

void row_check_counts(struct row_check *a)
{
	struct snapshot snapshot;
	struct native native;
	int r;

	run_natively(a, &native);
	check_native(a, &native);
	r = harness_read(a->harness, a->hook, &snapshot, NULL);
	if (r < 0) {
		row_check_failed(a, "reading the counters: %s", strerror(-r));
		return;
	}
	check_totals(a, &snapshot);
	check_sums(a, &snapshot);
	check_flow(a, &snapshot, &native);
	check_rules(a, &snapshot, &native);
	snapshot_free(&snapshot);
}

void row_check_sums(struct row_check *a)
{
	struct snapshot snapshot;
	int r = harness_read(a->harness, a->hook, &snapshot, NULL);

	if (r < 0) {
		row_check_failed(a, "reading the counters: %s", strerror(-r));
		return;
	}
	check_sums(a, &snapshot);
	snapshot_free(&snapshot);
}
