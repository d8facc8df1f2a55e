/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stats_table.c - the conversation table, a row for both directions, and the line of what it leaves out. */
#include <stdio.h>
#include <string.h>

#include "stats.h"

#define WIDE 100       /* columns from which a row shows more */
#define NARROW_PEER 22 /* bytes of an address in a narrow table */
#define FOOTER_SIZE 640

enum column {
	C_PROTO,
	C_FAMILY,
	C_VLAN,
	C_INNER,
	C_LPORT,
	C_LOCAL,
	C_PEER,
	C_LOCAL_ADDRESS,
	C_LOCAL_PORT,
	C_PEER_ADDRESS,
	C_PEER_PORT,
	C_ICMP,
	C_TX,
	C_RX,
	C_TX_PACKETS,
	C_TX_BYTES,
	C_RX_PACKETS,
	C_RX_BYTES,
	C_PACKETS,
	C_BYTES,
	C_PASSED_PACKETS,
	C_PASSED_BYTES,
	C_DROPPED_PACKETS,
	C_DROPPED_BYTES,
	C_SENT,
	C_VERDICT,
	C_REASON,
	C_IFACE,
	C_PATH,
	C_CARRIER,
	C_RULE,
	C_AUDIT,
	C_FLAGS,
	C_FIRST,
	C_LAST,
};

static const struct out_column all_columns[] = {
	[C_PROTO] = {.title = "P", .key = "proto"},
	[C_FAMILY] = {.key = "family"},
	[C_VLAN] = {.key = "vlan"},
	[C_INNER] = {.key = "vlan_inner"},
	[C_LPORT] = {.title = "LPORT", .right = true},
	[C_LOCAL] = {.title = "LOCAL", .trunc = true, .min_width = WIDE},
	[C_PEER] = {.title = "PEER", .trunc = true},
	[C_LOCAL_ADDRESS] = {.key = "local"},
	[C_LOCAL_PORT] = {.key = "local_port"},
	[C_PEER_ADDRESS] = {.key = "peer"},
	[C_PEER_PORT] = {.key = "peer_port"},
	[C_ICMP] = {.key = "icmp"},
	[C_TX] = {.title = "TX/s", .key = "tx_bits_per_second", .right = true},
	[C_RX] = {.title = "RX/s", .key = "rx_bits_per_second", .right = true},
	[C_TX_PACKETS] = {.key = "tx_packets"},
	[C_TX_BYTES] = {.key = "tx_bytes"},
	[C_RX_PACKETS] = {.key = "rx_packets"},
	[C_RX_BYTES] = {.key = "rx_bytes"},
	[C_PACKETS] = {.title = "PKTS", .key = "packets", .right = true, .min_width = WIDE},
	[C_BYTES] = {.title = "BYTES", .key = "bytes", .right = true},
	[C_PASSED_PACKETS] = {.key = "passed_packets"},
	[C_PASSED_BYTES] = {.key = "passed_bytes"},
	[C_DROPPED_PACKETS] = {.title = "DROP", .key = "dropped_packets", .right = true, .min_width = WIDE},
	[C_DROPPED_BYTES] = {.key = "dropped_bytes"},
	[C_SENT] = {.key = "tx_hook"},
	[C_VERDICT] = {.title = "VERDICT", .key = "verdict"},
	[C_REASON] = {.key = "reason"},
	[C_IFACE] = {.title = "IFACE", .key = "iface", .trunc = true, .min_width = WIDE},
	[C_PATH] = {.key = "path"},
	[C_CARRIER] = {.key = "carrier"},
	[C_RULE] = {.key = "rule"},
	[C_AUDIT] = {.key = "audit"},
	[C_FLAGS] = {.key = "tcp_flags"},
	[C_FIRST] = {.key = "first_seen"},
	[C_LAST] = {.key = "last_seen"},
};

static bool is_wide(const struct out_options *o)
{
	return !o->width || o->width >= WIDE;
}

/* Bytes an address may take; 0: all it needs. */
static size_t address_limit(const struct out_options *o)
{
	if (!o->width || o->no_trunc)
		return 0;
	return is_wide(o) ? MAX(NARROW_PEER, (o->width - 60) / 2 - 8) : NARROW_PEER;
}

static void fill_ends(const struct stats *stats, struct out *out, const struct conversation *c)
{
	const struct end local = { c->family, c->protocol, c->local, c->local_port, -1 };
	const struct end peer = { c->family, c->protocol, c->peer, c->peer_port, c->type };
	bool numeric = stats->options.numeric, ports = format_has_ports(c->family, c->protocol);
	size_t limit = address_limit(&stats->options.out);
	char buf[FORMAT_SIZE];

	out_shown(out, C_LPORT, ports ? format_port(c->local_port, numeric, buf) : "-");
	out_shown(out, C_LOCAL, format_end(&local, numeric, limit, buf));
	out_shown(out, C_PEER, format_end(&peer, numeric, limit, buf));
}

/* In JSON; tables show them shorter. */
static void fill_number(struct out *out, enum column packets, enum column bytes, struct count count)
{
	out_json(out, packets, json_integer((json_int_t)count.packets));
	out_json(out, bytes, json_integer((json_int_t)count.bytes));
}

static void fill_counts(const struct stats *stats, struct out *out, const struct conversation *c)
{
	const struct tally sum = conversation_tally(c);
	const struct count all = tally_sum(&sum);
	double unit = stats->options.bytes ? 8 : 1;
	char buf[OUT_SI_SIZE];

	out_shown(out, C_TX, out_si((double)c->tx_rate / unit, buf));
	out_shown(out, C_RX, out_si((double)c->rx_rate / unit, buf));
	out_json(out, C_TX, json_integer((json_int_t)c->tx_rate));
	out_json(out, C_RX, json_integer((json_int_t)c->rx_rate));
	fill_number(out, C_TX_PACKETS, C_TX_BYTES, tally_sum(&c->tx));
	fill_number(out, C_RX_PACKETS, C_RX_BYTES, tally_sum(&c->rx));
	fill_number(out, C_PACKETS, C_BYTES, all);
	fill_number(out, C_PASSED_PACKETS, C_PASSED_BYTES, sum.passed);
	fill_number(out, C_DROPPED_PACKETS, C_DROPPED_BYTES, sum.dropped);
	out_shown(out, C_PACKETS, out_si((double)all.packets, buf));
	out_shown(out, C_BYTES, out_si((double)all.bytes, buf));
	out_shown(out, C_DROPPED_PACKETS, out_si((double)sum.dropped.packets, buf));
}

/* Interfaces by name, the lowest first. */
static json_t *path_json(struct stats *stats, const struct conversation *c)
{
	json_t *path = json_array();

	for (size_t i = 0; i < c->path_count; i++)
		json_array_append_new(path, out_string(stats_iface(stats, c->path[i])));
	return path;
}

/* "eth0/br0", and what came in by eth1: "eth0/br0<eth1". A name has no slash. */
static void fill_path(struct stats *stats, struct out *out, const struct conversation *c)
{
	char text[PATH_MOST * sizeof(stats->ifaces->name) + 1];
	size_t used = 0;

	for (size_t i = 0; i < c->path_count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					 i == c->path_side ? "<"
					 : i		   ? "/"
							   : "",
					 stats_iface(stats, c->path[i]));
	out_shown(out, C_IFACE, text);
	out_json(out, C_IFACE, out_string(stats_iface(stats, c->ifindex)));
}

/* What it has now; and where the table has no column for them, how many of its packets were dropped if not all. */
static void fill_verdict(const struct stats *stats, struct out *out, const struct conversation *c)
{
	const struct tally sum = conversation_tally(c);
	char buf[FORMAT_SIZE], text[FORMAT_SIZE + OUT_SI_SIZE + 4], number[OUT_SI_SIZE];

	stats_verdict(stats, c->verdict, c->slot, c->audit, c->reason, buf);
	if (is_wide(&stats->options.out) || !sum.passed.packets || !sum.dropped.packets)
		snprintf(text, sizeof(text), "%s", buf);
	else
		snprintf(text, sizeof(text), "%s -%sp", buf,
			 out_si((double)sum.dropped.packets, number));
	out_shown(out, C_VERDICT, text);
}

static const char *whole_verdict(const struct conversation *c)
{
	const struct tally sum = conversation_tally(c);

	if (sum.passed.packets && sum.dropped.packets)
		return "mixed";
	return name_text(verdict_names, sum.dropped.packets  ? VERDICT_DROP
					: sum.passed.packets ? VERDICT_PASS
							     : c->verdict);
}

static void fill_json(struct stats *stats, struct out *out, const struct conversation *c)
{
	bool icmp = format_is_icmp(c->family, c->protocol);
	char buf[FORMAT_SIZE];

	out_json(out, C_FAMILY, json_string(format_family(c->family)));
	out_json(out, C_VLAN, json_integer(c->outer));
	out_json(out, C_INNER, json_integer(c->inner));
	out_json(out, C_LOCAL_ADDRESS, stats_address(c->family, &c->local));
	out_json(out, C_PEER_ADDRESS, stats_address(c->family, &c->peer));
	out_json(out, C_LOCAL_PORT, json_integer(icmp ? 0 : c->local_port));
	out_json(out, C_PEER_PORT, json_integer(icmp ? 0 : c->peer_port));
	if (icmp)
		out_json(out, C_ICMP, json_string(format_icmp(c->family, c->type, false, buf)));
	if (c->sent)
		out_json(out, C_SENT, json_string(hook_name(c->sent_hook)));
	out_json(out, C_VERDICT, json_string(whole_verdict(c)));
	if (conversation_tally(c).dropped.packets)
		out_json(out, C_REASON, json_string(stats_reason(c->reason)));
	out_json(out, C_PATH, path_json(stats, c));
	if (c->carrier)
		out_json(out, C_CARRIER, out_string(stats_iface(stats, c->carrier)));
	out_json(out, C_RULE, stats_rule(stats, c->slot));
	out_json(out, C_AUDIT, stats_rule(stats, c->audit));
	out_json(out, C_FLAGS, json_string(format_flags(c->tcp_flags, buf)));
	out_json(out, C_FIRST, stats_time(c->first));
	out_json(out, C_LAST, stats_time(c->last));
}

static void fill_protocol(const struct stats *stats, struct out *out, const struct conversation *c)
{
	const bool shown = stats->options.out.format == OUT_TABLE;
	char name[FORMAT_SIZE], text[FORMAT_SIZE + 1];

	format_protocol(c->family, c->protocol, c->type, shown && stats->options.numeric, name);
	snprintf(text, sizeof(text), "%s%s", name, shown && c->carrier ? "*" : "");
	out_text(out, C_PROTO, text);
}

static void print_row(struct stats *stats, struct out *out, const struct conversation *c)
{
	out_row(out);
	fill_protocol(stats, out, c);
	fill_path(stats, out, c);
	fill_ends(stats, out, c);
	fill_counts(stats, out, c);
	fill_verdict(stats, out, c);
	if (stats->options.out.format != OUT_TABLE)
		fill_json(stats, out, c);
}

/* "| eth0 xdp:native tc | nf", as far as it fits. */
static void append_hooks(struct stats *stats, char *text, size_t size)
{
	uint32_t before = 0;

	for (uint32_t i = 0; i < stats->meta.attached_count; i++) {
		const struct attached *a = &stats->meta.attached[i];
		size_t used = strlen(text);
		bool same = i && a->ifindex == before;

		if (a->hook >= HOOKS || used + 64 > size)
			break;
		before = a->ifindex;
		snprintf(text + used, size - used, "%s%s %s%s",
			 same ? ""
			 : i  ? ", "
			      : " | ",
			 same ? "" : stats_iface(stats, a->ifindex), hook_name(a->hook),
			 a->mode <= MODE_TCX ? xdp_mode_names[a->mode].suffix : "");
	}
}

/* What sums are of: not a tunnel's outer packets beside the inner ones, which the tunnel itself counts. */
static bool is_counted(const struct stats *stats, const struct conversation *c)
{
	return !c->carrier || stats->filter.ifindex;
}

/* " drop 4p": each packet is dropped once, so that hooks add up. Totals know no families: "" where one is asked for. */
static void write_drops(const struct stats *stats, char *text, size_t size)
{
	const struct snapshot *s = &stats->snapshot;
	char number[OUT_SI_SIZE];
	uint64_t dropped = 0;

	text[0] = '\0';
	if (stats->filter.family)
		return;
	for (size_t i = 0; i < s->totals_count; i++)
		if (!stats->filter.ifindex || stats->filter.ifindex == s->totals[i].ifindex)
			dropped += s->totals[i].verdict[VERDICT_DROP].packets;
	snprintf(text, size, " drop %sp", out_si((double)dropped, number));
}

/* "3 flows tx 1M rx 2k drop 4p": of all rows wanted, shown or not. */
static void write_sums(const struct stats *stats, char *text, size_t size)
{
	double tx = 0, rx = 0, unit = stats->options.bytes ? 8 : 1;
	char tx_text[OUT_SI_SIZE], rx_text[OUT_SI_SIZE], drops[OUT_SI_SIZE + 8], carriers[40] = "";
	size_t rows = 0;

	for (size_t i = 0; i < stats->list_count; i++) {
		if (!is_counted(stats, &stats->list[i]))
			continue;
		rows++;
		tx += (double)stats->list[i].tx_rate / unit;
		rx += (double)stats->list[i].rx_rate / unit;
	}
	if (rows < stats->list_count)
		snprintf(carriers, sizeof(carriers), " + %zu carrier*", stats->list_count - rows);
	write_drops(stats, drops, sizeof(drops));
	snprintf(text, size, "%zu flow%s%s tx %s rx %s%s", rows, rows == 1 ? "" : "s", carriers,
		 out_si(tx, tx_text), out_si(rx, rx_text), drops);
}

static void print_footer(struct stats *stats, struct out *out)
{
	char sums[128], tables[128], line[FOOTER_SIZE];

	write_sums(stats, sums, sizeof(sums));
	snprintf(line, sizeof(line), "%s | %s", sums, stats_tables(stats, tables, sizeof(tables)));
	if (is_wide(&stats->options.out))
		append_hooks(stats, line, sizeof(line));
	out_footer(out, "%s", line);
}

int stats_print_conversations(struct stats *stats)
{
	struct out_column columns[ARRAY_SIZE(all_columns)];
	const size_t count = stats->list_count, limit = stats->options.top;
	struct conversation *list = stats->list;
	struct out *out;
	int r;

	if (stats->before)
		conversations_interval(list, count, stats->before, stats->before_count,
				       stats->snapshot.taken - stats->before_taken);
	else
		conversations_average(list, count);
	conversations_sort(list, count, &stats->options.sort);
	memcpy(columns, all_columns, sizeof(columns));
	if (is_wide(&stats->options.out))
		columns[C_LPORT].title = NULL; /* LOCAL has it */
	r = out_begin(&stats->options.out, "conversations", columns, ARRAY_SIZE(columns), &out);
	if (r < 0)
		return r;
	out_meta(out, stats_meta(stats));
	for (size_t i = 0; i < count && (!limit || i < limit); i++)
		print_row(stats, out, &list[i]);
	print_footer(stats, out);
	return out_end(out);
}
