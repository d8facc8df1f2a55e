/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats_counts.c - the views of counters: per interface, per rule, per reason. */
#include <errno.h>
#include <string.h>

#include "../text/rule_print.h"
#include "stats.h"

static const struct {
	const char *name, *text;
	enum verdict verdict;
} reasons[] = {
#define X(id, verdict, name, text) {name, text, VERDICT_##verdict},
	NETCTL_REASONS(X)
#undef X
};

const char *stats_reason(enum reason reason)
{
	return reasons[reason].name;
}

static bool row_wanted(const struct stats *stats, const struct iface_totals *t)
{
	return !stats->filter.ifindex || stats->filter.ifindex == t->ifindex;
}

/* The list of a view, with its facts; a table says so below when it is not exact. */
static int begin(struct stats *stats, const struct out_column *columns, size_t count,
		 struct out **ret)
{
	int r = out_begin(&stats->options.out, stats->options.view->name, columns, count, ret);

	if (r < 0)
		return r;
	out_meta(*ret, stats_meta(stats));
	if (!stats->snapshot.exact)
		out_footer(*ret, "inexact: counts moved while they were read");
	return 0;
}

enum totals_column {
	T_HOOK,
	T_IFACE,
	T_VERDICT,
	T_PACKETS,
	T_BYTES,
	T_LIVE,
	T_LIVE_B,
	T_CLOSED,
	T_CLOSED_B
};

static void print_total(struct stats *stats, struct out *out, const struct iface_totals *t,
			enum verdict verdict)
{
	out_row(out);
	out_text(out, T_HOOK, hook_name(t->hook));
	out_text(out, T_IFACE, stats_iface(stats, t->ifindex));
	out_text(out, T_VERDICT, name_text(verdict_names, verdict));
	out_number(out, T_PACKETS, t->verdict[verdict].packets);
	out_number(out, T_BYTES, t->verdict[verdict].bytes);
	out_number(out, T_LIVE, t->live[verdict].packets);
	out_number(out, T_LIVE_B, t->live[verdict].bytes);
	/* May be negative: when a flow's verdict changes, its past counts move along. */
	out_json(out, T_CLOSED, json_integer((json_int_t)t->closed[verdict].packets));
	out_json(out, T_CLOSED_B, json_integer((json_int_t)t->closed[verdict].bytes));
}

int stats_print_totals(struct stats *stats)
{
	static const struct out_column columns[] = {
		[T_HOOK] = {.title = "HOOK", .key = "hook"},
		[T_IFACE] = {.title = "IFACE", .key = "iface", .trunc = true},
		[T_VERDICT] = {.title = "VERDICT", .key = "verdict"},
		[T_PACKETS] = {.title = "PACKETS", .key = "packets", .right = true},
		[T_BYTES] = {.title = "BYTES", .key = "bytes", .right = true},
		[T_LIVE] = {.key = "live_packets"},
		[T_LIVE_B] = {.key = "live_bytes"},
		[T_CLOSED] = {.key = "closed_packets"},
		[T_CLOSED_B] = {.key = "closed_bytes"},
	};
	const struct snapshot *s = &stats->snapshot;
	struct out *out;
	int r = begin(stats, columns, ARRAY_SIZE(columns), &out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s->totals_count; i++)
		for (int verdict = 0; verdict < VERDICTS && row_wanted(stats, &s->totals[i]);
		     verdict++)
			if (verdict == VERDICT_PASS || s->totals[i].verdict[verdict].packets)
				print_total(stats, out, &s->totals[i], verdict);
	return out_end(out);
}

enum rules_column { R_ID, R_PACKETS, R_BYTES, R_DROPPED, R_DROPPED_B, R_TEXT };

/* beyond: the slot of what a limit dropped, or 0; that is part of what it matched. */
static void print_rule(struct stats *stats, struct out *out, uint32_t id, uint32_t slot,
		       uint32_t beyond, const char *text)
{
	struct count count = stats->snapshot.rules[slot];

	out_row(out);
	if (id)
		out_number(out, R_ID, id);
	else
		out_text(out, R_ID, NULL);
	if (beyond) {
		const struct count *dropped = &stats->snapshot.rules[beyond];

		count.packets += dropped->packets;
		count.bytes += dropped->bytes;
		out_number(out, R_DROPPED, dropped->packets);
		out_number(out, R_DROPPED_B, dropped->bytes);
	}
	out_number(out, R_PACKETS, count.packets);
	out_number(out, R_BYTES, count.bytes);
	out_text(out, R_TEXT, text);
}

int stats_print_rules(struct stats *stats)
{
	const bool limits = ruleset_limits(&stats->rules);
	const struct out_column columns[] = {
		[R_ID] = {.title = "ID", .key = "id", .right = true},
		[R_PACKETS] = {.title = "PACKETS", .key = "packets", .right = true},
		[R_BYTES] = {.title = "BYTES", .key = "bytes", .right = true},
		[R_DROPPED] = {.title = limits ? "DROPPED" : NULL,
			       .key = "dropped_packets",
			       .right = true},
		[R_DROPPED_B] = {.key = "dropped_bytes"},
		[R_TEXT] = {.title = "RULE", .key = "text", .trunc = true},
	};
	struct out *out;
	int r = begin(stats, columns, ARRAY_SIZE(columns), &out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < stats->rules.count; i++) {
		const struct rule *rule = &stats->rules.rules[i];
		autofree char *text = NULL;
		int error = rule_print(rule, &text);

		if (error < 0)
			r = error;
		else
			print_rule(stats, out, rule->id, rule->slot % MAX_SLOTS,
				   rule->limit.beyond % MAX_SLOTS, text);
	}
	print_rule(stats, out, 0, 0, 0,
		   stats->rules.policy == VERDICT_DROP ? "policy drop" : "policy pass");
	return out_end(out) ?: r;
}

enum drops_column { D_HOOK, D_IFACE, D_REASON, D_VERDICT, D_PACKETS, D_BYTES, D_TEXT };

static void print_drop(struct stats *stats, struct out *out, const struct iface_totals *t,
		       enum reason reason)
{
	out_row(out);
	out_text(out, D_HOOK, hook_name(t->hook));
	out_text(out, D_IFACE, stats_iface(stats, t->ifindex));
	out_text(out, D_REASON, reasons[reason].name);
	out_json(out, D_VERDICT, json_string(name_text(verdict_names, reasons[reason].verdict)));
	out_number(out, D_PACKETS, t->seen[reason].packets);
	out_number(out, D_BYTES, t->seen[reason].bytes);
	out_text(out, D_TEXT, reasons[reason].text);
}

int stats_print_drops(struct stats *stats)
{
	static const struct out_column columns[] = {
		[D_HOOK] = {.title = "HOOK", .key = "hook"},
		[D_IFACE] = {.title = "IFACE", .key = "iface", .trunc = true},
		[D_REASON] = {.title = "REASON", .key = "reason"},
		[D_VERDICT] = {.key = "verdict"},
		[D_PACKETS] = {.title = "PACKETS", .key = "packets", .right = true},
		[D_BYTES] = {.title = "BYTES", .key = "bytes", .right = true},
		[D_TEXT] = {.title = "MEANING", .key = "text", .trunc = true},
	};
	const struct snapshot *s = &stats->snapshot;
	struct out *out;
	int r = begin(stats, columns, ARRAY_SIZE(columns), &out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s->totals_count; i++)
		for (int reason = 0; reason < REASONS && row_wanted(stats, &s->totals[i]); reason++)
			if (stats->options.all || (reasons[reason].verdict == VERDICT_DROP &&
						   s->totals[i].seen[reason].packets))
				print_drop(stats, out, &s->totals[i], reason);
	return out_end(out);
}
