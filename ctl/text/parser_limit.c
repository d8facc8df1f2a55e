/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_limit.c - "limit RATE burst N per KEY" and "for TIME" of a rule, from words and to words. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "../base/duration.h"
#include "parser.h"

/* What a rate is counted in: "1000pps", "5/min", "10mbit". The first of a kind is the one printed. */
static const struct rate_unit {
	const char *name;
	uint8_t unit; /* enum meter_unit */
	uint32_t period;
	uint64_t times;
} rate_units[] = {
	{ "pps", METER_PACKETS, 1, 1 },		{ "/m", METER_PACKETS, 60, 1 },
	{ "/h", METER_PACKETS, 3600, 1 },	{ "/d", METER_PACKETS, 86400, 1 },
	{ "gbit", METER_BYTES, 1, 1000000000 }, { "mbit", METER_BYTES, 1, 1000000 },
	{ "kbit", METER_BYTES, 1, 1000 },	{ "bit", METER_BYTES, 1, 1 },
	{ "kpps", METER_PACKETS, 1, 1000 },	{ "mpps", METER_PACKETS, 1, 1000000 },
	{ "/s", METER_PACKETS, 1, 1 },		{ "/sec", METER_PACKETS, 1, 1 },
	{ "/second", METER_PACKETS, 1, 1 },	{ "/min", METER_PACKETS, 60, 1 },
	{ "/minute", METER_PACKETS, 60, 1 },	{ "/hour", METER_PACKETS, 3600, 1 },
	{ "/day", METER_PACKETS, 86400, 1 },
};

/* Digits, without leading zeros; *rest is after them. False for anything else, and for too many. */
static bool leading_number(const char *word, uint64_t *ret, const char **rest)
{
	size_t len = strspn(word, "0123456789");

	if (!len || len > 15 || (len > 1 && word[0] == '0'))
		return false;
	*ret = strtoull(word, NULL, 10);
	*rest = word + len;
	return true;
}

static const struct rate_unit *find_unit(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rate_units); i++)
		if (!strcasecmp(rate_units[i].name, name))
			return &rate_units[i];
	return NULL;
}

static int no_rate(struct rule_parser *p, struct piece at, const char *word)
{
	size_t digits = strspn(word, "0123456789");

	parser_fault(p, at, "not a rate: '%s'", word);
	if (digits && !strcasecmp(word + digits, "mbps"))
		parser_hint(p, "bits are written '%.*smbit'", (int)digits, word);
	else if (digits && !word[digits])
		parser_hint(p, "of what? %spps are packets, %sbit bits a second", word, word);
	else
		parser_hint(p, "%s", RATE_HINT);
	return -EINVAL;
}

int parser_rate(struct rule_parser *p, struct piece at)
{
	struct limit *limit = &p->rule.limit;
	const struct rate_unit *unit = NULL;
	autofree char *word = NULL;
	uint64_t number = 0, most;
	const char *rest;
	int r = parser_word(p, at, &word);

	if (r < 0)
		return r;
	if (leading_number(word, &number, &rest))
		unit = find_unit(rest);
	if (!unit)
		return no_rate(p, at, word);
	if (!number)
		return parser_fault(p, at, "a rate of nothing is 'drop': '%s'", word);
	most = unit->unit == METER_PACKETS ? LIMIT_MOST_PACKETS : LIMIT_MOST_BITS;
	if (number > most / unit->times)
		return parser_fault(
			p, at, "the rate is too high: '%s' (at most 1000mpps or 1000gbit)", word);
	*limit = (struct limit){ .rate = number * unit->times,
				 .period = unit->period,
				 .unit = unit->unit };
	limit_reduce(limit);
	return 0;
}

int parser_burst(struct rule_parser *p, struct piece at)
{
	struct limit *limit = &p->rule.limit;
	bool bytes = limit->unit == METER_BYTES;
	autofree char *word = NULL;
	const char *rest = "?";
	uint64_t number = 0;
	int r = parser_word(p, at, &word);

	if (r < 0)
		return r;
	if (limit->burst)
		return parser_fault(p, at, "the burst is given a second time: '%s'", word);
	if (leading_number(word, &number, &rest) && bytes &&
	    (!strcasecmp(rest, "k") || !strcasecmp(rest, "m"))) {
		number <<= *rest == 'k' || *rest == 'K' ? 10 : 20;
		rest++;
	}
	if (!number || *rest) {
		parser_fault(p, at, "not a burst: '%s'", word);
		parser_hint(p, bytes ? "of a rate in bits it is in bytes: 65536, 64k or 1m"
				     : "of a rate in packets it is in packets: 100");
		return -EINVAL;
	}
	if (number > LIMIT_MOST_BURST)
		return parser_fault(p, at, "the burst is too large: '%s' (at most %u)", word,
				    LIMIT_MOST_BURST);
	limit->burst = (uint32_t)number;
	return 0;
}

/* What follows "src/": N of IPv4 or, above 32, of IPv6; N/M of both. */
static bool prefixes_read(const char *text, struct limit *limit)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint32_t first, second = 64;

	if (!value_number(text, len, slash ? 32 : 128, &first))
		return false;
	if (slash && !value_number(slash + 1, strlen(slash + 1), 128, &second))
		return false;
	limit->prefix4 = (uint8_t)MIN(first, 32);
	limit->prefix6 = (uint8_t)(first > 32 ? first : second);
	return true;
}

int parser_per(struct rule_parser *p, struct piece at)
{
	struct limit *limit = &p->rule.limit;
	autofree char *word = NULL;
	size_t len;
	int r = parser_word(p, at, &word);

	if (r < 0)
		return r;
	if (limit->per != PER_RULE)
		return parser_fault(p, at, "a limit is per one thing: '%s' is a second one", word);
	len = strcspn(word, "/");
	if (!strcmp(word, "flow")) {
		limit->per = PER_FLOW;
		return 0;
	}
	limit->prefix4 = 32;
	limit->prefix6 = 128;
	if (len == 3 && !strncmp(word, "src", 3))
		limit->per = PER_SRC;
	else if (len == 3 && !strncmp(word, "dst", 3))
		limit->per = PER_DST;
	if (limit->per != PER_RULE && (!word[len] || prefixes_read(word + len + 1, limit)))
		return 0;
	parser_fault(p, at, "a limit is not per '%s'", word);
	parser_hint(p,
		    "per src, dst or flow, or per prefix: src/24, or src/24/64 for IPv4 and IPv6");
	return -EINVAL;
}

int parser_limit(struct rule_parser *p, struct piece at)
{
	struct limit *limit = &p->rule.limit;
	uint64_t seconds;

	if (!limit->burst)
		limit->burst = limit_default_burst(limit);
	seconds = limit_fill_time(limit);
	if (seconds <= LIMIT_LONGEST_BURST)
		return 0;
	parser_fault(p, at, "a burst of %u is %llu days at that rate: at most %u", limit->burst,
		     (unsigned long long)seconds / 86400, LIMIT_LONGEST_BURST / 86400);
	return -EINVAL;
}

static void print_rate(FILE *out, const struct limit *limit)
{
	for (size_t i = 0; i < ARRAY_SIZE(rate_units); i++) {
		const struct rate_unit *unit = &rate_units[i];

		if (unit->unit != limit->unit || unit->period != limit->period ||
		    limit->rate % unit->times)
			continue;
		fprintf(out, " %llu%s", (unsigned long long)(limit->rate / unit->times),
			unit->name);
		return;
	}
}

static void print_burst(FILE *out, const struct limit *limit)
{
	uint32_t burst = limit->burst;
	const char *unit = "";

	for (int i = 0; i < 2 && limit->unit == METER_BYTES && burst % 1024 == 0; i++) {
		burst /= 1024;
		unit = i ? "m" : "k";
	}
	fprintf(out, " burst %u%s", burst, unit);
}

static void print_per(FILE *out, const struct limit *limit)
{
	if (limit->per == PER_RULE)
		return;
	if (limit->per == PER_FLOW) {
		fputs(" per flow", out);
		return;
	}
	fprintf(out, " per %s", limit->per == PER_SRC ? "src" : "dst");
	if (limit->prefix4 == 32 && limit->prefix6 == 128)
		return;
	if (limit->prefix4 == 32 && limit->prefix6 > 32)
		fprintf(out, "/%u", limit->prefix6);
	else if (limit->prefix6 == 64)
		fprintf(out, "/%u", limit->prefix4);
	else
		fprintf(out, "/%u/%u", limit->prefix4, limit->prefix6);
}

void limit_print(FILE *out, const struct limit *limit)
{
	print_rate(out, limit);
	print_burst(out, limit);
	print_per(out, limit);
}

int parser_lifetime(struct rule_parser *p, struct piece at)
{
	autofree char *word = NULL;
	int r = parser_word(p, at, &word);

	if (r < 0)
		return r;
	if (duration_read(word, &p->rule.lifetime))
		return 0;
	parser_fault(p, at, "not a time: '%s'", word);
	parser_hint(p, DURATION_HINT);
	return -EINVAL;
}
