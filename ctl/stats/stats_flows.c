/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stats_flows.c - single flows, as each hook and interface holds them: "netctl stats --raw". What passed of a
 * flow and what was dropped are a row each.
 */
#include <string.h>

#include "stats.h"

#define WIDE 100	  /* columns */
#define NARROW_ADDRESS 15 /* IPv4 always fits */

enum raw_column {
	F_HOOK,
	F_IFACE,
	F_VLAN,
	F_INNER,
	F_FAMILY,
	F_PROTO,
	F_SRC,
	F_SPORT,
	F_DST,
	F_DPORT,
	F_FROM,
	F_TO,
	F_PACKETS,
	F_BYTES,
	F_VERDICT,
	F_REASON,
	F_RULE,
	F_AUDIT,
	F_FLAGS,
	F_FIRST,
	F_LAST,
};

static const struct out_column columns[] = {
	[F_HOOK] = {.title = "HOOK", .key = "hook"},
	[F_IFACE] = {.title = "IFACE", .key = "iface", .trunc = true},
	[F_VLAN] = {.title = "VLAN", .key = "vlan", .right = true, .min_width = WIDE},
	[F_INNER] = {.key = "vlan_inner"},
	[F_FAMILY] = {.key = "family"},
	[F_PROTO] = {.title = "P", .key = "proto"},
	[F_SRC] = {.key = "src"},
	[F_SPORT] = {.key = "sport"},
	[F_DST] = {.key = "dst"},
	[F_DPORT] = {.key = "dport"},
	[F_FROM] = {.title = "SRC", .trunc = true},
	[F_TO] = {.title = "DST", .trunc = true},
	[F_PACKETS] = {.title = "PKTS", .key = "packets", .right = true},
	[F_BYTES] = {.title = "BYTES", .key = "bytes", .right = true},
	[F_VERDICT] = {.title = "VERDICT", .key = "verdict"},
	[F_REASON] = {.key = "reason"},
	[F_RULE] = {.key = "rule"},
	[F_AUDIT] = {.key = "audit"},
	[F_FLAGS] = {.title = "FLAGS", .key = "tcp_flags", .min_width = WIDE},
	[F_FIRST] = {.key = "first_seen"},
	[F_LAST] = {.key = "last_seen"},
};

/* What of a flow had one verdict. The rule is known of the verdict that it has now. */
struct share_of_flow {
	enum verdict verdict;
	struct count count;
	uint32_t slot, audit;
};

static void fill_json(struct stats *stats, struct out *out, const struct flow *f,
		      const struct share_of_flow *part)
{
	char buf[FORMAT_SIZE];

	out_json(out, F_INNER, json_integer(f->inner));
	out_json(out, F_FAMILY, json_string(format_family(f->family)));
	out_json(out, F_SRC, stats_address(f->family, &f->src));
	out_json(out, F_DST, stats_address(f->family, &f->dst));
	out_json(out, F_SPORT, json_integer(f->family ? f->sport : 0));
	out_json(out, F_DPORT, json_integer(f->family ? f->dport : 0));
	out_json(out, F_VERDICT, json_string(name_text(verdict_names, part->verdict)));
	if (part->verdict == VERDICT_DROP)
		out_json(out, F_REASON, json_string(stats_reason(f->reason)));
	out_json(out, F_RULE, stats_rule(stats, part->slot));
	out_json(out, F_AUDIT, stats_rule(stats, part->audit));
	out_json(out, F_FLAGS, json_string(format_flags(f->tcp_flags, buf)));
	out_json(out, F_FIRST, stats_time(f->first));
	out_json(out, F_LAST, stats_time(f->last));
}

/* Bytes an address may take beside the other columns; 0: all it needs. */
static size_t address_limit(const struct out_options *o)
{
	const size_t others = 64, port = 8;

	if (!o->width || o->no_trunc)
		return 0;
	return o->width < others + 2 * (NARROW_ADDRESS + port) ? NARROW_ADDRESS
							       : (o->width - others) / 2 - port;
}

/* The type of ICMP is shown with the destination. */
static void fill_ends(const struct stats *stats, struct out *out, const struct flow *f)
{
	const struct end from = { f->family, f->protocol, f->src, f->sport, -1 };
	const struct end to = { f->family, f->protocol, f->dst, f->dport, f->dport };
	const struct out_options *o = &stats->options.out;
	/* Two ends beside each other leave no room for names in a narrow table. */
	bool numeric = stats->options.numeric || (o->width && o->width < WIDE && !o->no_trunc);
	char buf[FORMAT_SIZE];

	out_shown(out, F_FROM, format_end(&from, numeric, address_limit(o), buf));
	out_shown(out, F_TO, format_end(&to, numeric, address_limit(o), buf));
}

static void print_part(struct stats *stats, struct out *out, const struct flow *f,
		       const struct share_of_flow *part)
{
	bool numeric = stats->options.numeric && stats->options.out.format == OUT_TABLE;
	char buf[FORMAT_SIZE];

	out_row(out);
	out_text(out, F_HOOK, hook_name(f->hook));
	out_text(out, F_IFACE, stats_iface(stats, f->ifindex));
	out_number(out, F_VLAN, f->outer);
	out_text(out, F_PROTO, format_protocol(f->family, f->protocol, f->dport, numeric, buf));
	fill_ends(stats, out, f);
	out_number(out, F_PACKETS, part->count.packets);
	out_number(out, F_BYTES, part->count.bytes);
	out_shown(out, F_VERDICT, stats_verdict(stats, part->verdict, part->slot, part->audit, f->reason, buf));
	out_shown(out, F_FLAGS, f->tcp_flags ? format_flags(f->tcp_flags, buf) : "-");
	fill_json(stats, out, f, part);
}

static void print_flow(struct stats *stats, struct out *out, const struct flow *f)
{
	const struct count *counts[VERDICTS] = { &f->passed, &f->dropped };

	for (int verdict = 0; verdict < VERDICTS; verdict++) {
		struct share_of_flow part = { .verdict = verdict,
					      .count = *counts[verdict],
					      .slot = f->by[verdict] };

		if (f->verdict == part.verdict)
			part.audit = f->audit;
		if (part.count.packets)
			print_part(stats, out, f, &part);
	}
}

int stats_print_raw(struct stats *stats)
{
	const struct snapshot *s = &stats->snapshot;
	size_t rows = 0, limit = stats->options.top;
	char tables[128];
	struct out *out;
	int r = out_begin(&stats->options.out, "flows", columns, ARRAY_SIZE(columns), &out);

	if (r < 0)
		return r;
	out_meta(out, stats_meta(stats));
	for (size_t i = 0; i < s->flow_count; i++) {
		if (!flow_wanted(&stats->filter, &s->flows[i]))
			continue;
		rows++;
		if (!limit || rows <= limit)
			print_flow(stats, out, &s->flows[i]);
	}
	out_footer(out, "%zu flows | %s", rows, stats_tables(stats, tables, sizeof(tables)));
	return out_end(out);
}
