/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* bench_report.c - what "make bench" has measured, as a table and as JSON. */
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../ctl/base/out.h"
#include "bench.h"

#define X(id, name, packet, ruled) [CASE_##id] = { name, packet, ruled },
const struct bench_case_info bench_cases[BENCH_CASES] = { CASES(X) };
#undef X

struct bench_ruleset bench_rulesets[BENCH_RULESETS] = {
	{ .rules = 0 },	    { .rules = 8 },
	{ .rules = 16 },    { .rules = 32 },
	{ .rules = 256 },   { .rules = 10000 },
	{ .rules = 10000, .prefixes = 1000000 },
};
size_t bench_ruleset_count = 7;

const char *const bench_hooks[HOOKS] = {
#define X(id, name, text) [HOOK_##id] = name,
	NETCTL_HOOKS(X)
#undef X
};

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * The mean of the middle half: as steady as the median, and finer than the kernel's whole
 * nanoseconds. In quarters, which JSON shows as they are.
 */
static void sum_up(struct bench_row *row, int rounds)
{
	int from = rounds / 4, to = rounds - from;
	double sum = 0;

	qsort(row->samples, (size_t)rounds, sizeof(*row->samples), by_size);
	for (int i = from; i < to; i++)
		sum += row->samples[i];
	row->ns = (double)(uint64_t)(sum / (to - from) * 4 + 0.5) / 4;
	row->min = row->samples[0];
	row->max = row->samples[rounds - 1];
}

static const struct bench_row *find_row(const struct bench_rows *b, enum hook_id hook,
					enum bench_case what, size_t ruleset)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct bench_row *row = &b->row[i];

		if (row->hook == hook && row->what == what && row->ruleset == ruleset)
			return row;
	}
	errx(1, "no such case");
}

enum column {
	COLUMN_HOOK,
	COLUMN_CASE,
	COLUMN_RULES,
	COLUMN_PREFIXES,
	COLUMN_FIELD,
	COLUMN_NS,
	COLUMN_MIN,
	COLUMN_MAX,
	COLUMN_BARE,
	COLUMN_ABOVE,
	COLUMN_RATIO,
};

static const struct out_column columns[] = {
	[COLUMN_HOOK] = { .title = "HOOK", .key = "hook" },
	[COLUMN_CASE] = { .title = "CASE", .key = "case" },
	[COLUMN_RULES] = { .title = "RULES", .key = "rules", .right = true },
	[COLUMN_PREFIXES] = { .title = "PREFIXES", .key = "prefixes", .right = true },
	[COLUMN_FIELD] = { .title = "FIELD", .key = "field" },
	[COLUMN_NS] = { .title = "NS", .key = "ns", .right = true },
	[COLUMN_MIN] = { .title = "MIN", .key = "ns_min", .right = true },
	[COLUMN_MAX] = { .title = "MAX", .key = "ns_max", .right = true },
	[COLUMN_BARE] = { .key = "bare_ns" },
	[COLUMN_ABOVE] = { .title = "ABOVE BARE", .right = true },
	[COLUMN_RATIO] = { .title = "RATIO", .right = true },
};

static void put_real(struct out *out, enum column column, const char *format, double value)
{
	char text[32];

	snprintf(text, sizeof(text), format, value);
	out_shown(out, column, text);
	out_json(out, column, json_real(value));
}

static void put_row(struct out *out, const struct bench_rows *b, const struct bench_row *row)
{
	double bare = find_row(b, row->hook, CASE_BARE, 0)->ns;

	out_row(out);
	out_text(out, COLUMN_HOOK, bench_hooks[row->hook]);
	out_text(out, COLUMN_CASE, bench_cases[row->what].name);
	out_number(out, COLUMN_RULES, bench_rulesets[row->ruleset].rules);
	out_number(out, COLUMN_PREFIXES, bench_rulesets[row->ruleset].prefixes);
	out_text(out, COLUMN_FIELD, bench_rulesets[row->ruleset].field ?: "-");
	put_real(out, COLUMN_NS, "%.1f", row->ns);
	put_real(out, COLUMN_MIN, "%.0f", row->min);
	put_real(out, COLUMN_MAX, "%.0f", row->max);
	put_real(out, COLUMN_BARE, "%.1f", bare);
	put_real(out, COLUMN_ABOVE, "%.1f", row->ns - bare);
	put_real(out, COLUMN_RATIO, "%.2f", bare > 0 ? row->ns / bare : 0);
}

static int put_all(const struct bench_rows *b, enum out_format format, FILE *stream)
{
	const struct out_options options = { .format = format, .stream = stream };
	struct out *out;
	int r = out_begin(&options, NULL, columns, ARRAY_SIZE(columns), &out);

	if (r < 0)
		return r;
	for (size_t i = 0; i < b->count; i++)
		put_row(out, b, &b->row[i]);
	return out_end(out);
}

static void print_ratios(const struct bench_rows *b, size_t ruleset)
{
	for (int hook = 0; hook < HOOKS; hook++) {
		if (!(b->hooks >> hook & 1))
			continue;
		printf(" %s %.3f", bench_hooks[hook],
		       find_row(b, hook, CASE_KNOWN, ruleset)->ns /
			       find_row(b, hook, CASE_KNOWN, 0)->ns);
	}
}

static void print_limits(const struct bench_rows *b)
{
	static const double limit[HOOKS] = { [HOOK_XDP] = 20, [HOOK_TC] = 25, [HOOK_NF] = 30 };
	const size_t most = bench_ruleset_count - 1;

	for (size_t i = 1; i < bench_ruleset_count && bench_rulesets[i].field; i++) {
		printf("\nknown flow, a rule on %s to none:", bench_rulesets[i].field);
		print_ratios(b, i);
	}
	if (!bench_rulesets[most].field) {
		printf("\nknown flow, %u rules and %u prefixes to none (limit 1.05):",
		       bench_rulesets[most].rules, bench_rulesets[most].prefixes);
		print_ratios(b, most);
	}
	printf("\nknown flow, ns above the bare program:");
	for (int hook = 0; hook < HOOKS; hook++) {
		if (!(b->hooks >> hook & 1))
			continue;
		printf(" %s %.1f (limit %.0f)", bench_hooks[hook],
		       find_row(b, hook, CASE_KNOWN, 0)->ns - find_row(b, hook, CASE_BARE, 0)->ns,
		       limit[hook]);
	}
	printf("\n");
}

static void print_machine(const struct bench_rows *b)
{
	char line[256], model[128] = "unknown CPU";
	FILE *f = fopen("/proc/cpuinfo", "re");
	struct utsname kernel;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "model name : %127[^\n]", model);
	if (f)
		fclose(f);
	uname(&kernel);
	printf("Linux %s, %s, CPU %d, %d rounds of %.1f ms a case\n", kernel.release, model, b->cpu,
	       b->rounds, b->sample_ns / 1e6);
}

int bench_report(struct bench_rows *b, const char *path)
{
	FILE *json = fopen(path, "we");
	int r;

	if (!json)
		return -errno;
	for (size_t i = 0; i < b->count; i++)
		sum_up(&b->row[i], b->rounds);
	r = put_all(b, OUT_JSON, json);
	if (fclose(json) && !r)
		r = -errno;
	if (!r)
		r = put_all(b, OUT_TABLE, stdout);
	if (r < 0)
		return r;
	print_limits(b);
	print_machine(b);
	return 0;
}
