/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row.c - reads the columns of a row: rules, packet, verdict and reason, flow, hooks. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../ctl/rules/names.h"
#include "../../ctl/rules/rule.h"
#include "row.h"

#define COLUMNS 5

static const char *const reasons[] = {
#define X(id, verdict, name, text) [REASON_##id] = name,
	NETCTL_REASONS(X)
#undef X
};

static const char *const hook_words[] = {
#define X(id, name, text) [HOOK_##id] = name,
	NETCTL_HOOKS(X)
#undef X
};

const char *reason_name(unsigned int reason)
{
	return reason < REASONS ? reasons[reason] : "?";
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

static int add_rule(struct row *row, const char *rule)
{
	if (row->rule_count == ROW_RULES_MAX)
		return -E2BIG;
	row->rules[row->rule_count++] = rule;
	return 0;
}

/* "255 * drop dst 10.0.0.%": the rule 255 times, with the numbers from 0 for "%". */
static int repeat_rule(struct row *row, unsigned int times, const char *rule, char **made)
{
	const char *mark = strchr(rule, '%');
	size_t room;
	int n;

	for (unsigned int i = 0; mark && i < times; i++) {
		room = row->made + sizeof(row->made) - *made;
		n = snprintf(*made, room, "%.*s%u%s", (int)(mark - rule), rule, i, mark + 1);
		if (n < 0 || (size_t)n >= room || add_rule(row, *made) < 0)
			return -E2BIG;
		*made += n + 1;
	}
	return mark ? 0 : -EINVAL;
}

static int read_rules(char *text, struct row *row)
{
	char *rule, *rest = NULL, *made = row->made;
	unsigned int times;
	int skip, r = 0;

	for (rule = strtok_r(text, ";", &rest); rule && r == 0; rule = strtok_r(NULL, ";", &rest)) {
		rule = trim(rule);
		skip = 0;
		if (!strcmp(rule, "policy drop"))
			row->policy = VERDICT_DROP;
		else if (sscanf(rule, "%u * %n", &times, &skip) == 1 && skip)
			r = repeat_rule(row, times, rule + skip, &made);
		else if (*rule && strcmp(rule, "-"))
			r = add_rule(row, rule);
	}
	return r;
}

static int read_verdict(char *text, struct row *row)
{
	char *reason = strchr(text, ',');
	size_t i;

	if (!reason)
		return -EINVAL;
	*reason++ = '\0';
	text = trim(text);
	reason = trim(reason);
	if (strcmp(text, "pass") && strcmp(text, "drop"))
		return -EINVAL;
	row->verdict = *text == 'd' ? VERDICT_DROP : VERDICT_PASS;
	for (i = 0; i < REASONS; i++) {
		if (!strcmp(reason, reasons[i])) {
			row->reason = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_hooks(char *text, struct row *row)
{
	char *name, *rest = NULL;
	int i;

	for (name = strtok_r(text, " ,\t", &rest); name; name = strtok_r(NULL, " ,\t", &rest)) {
		for (i = 0; i < HOOKS && strcmp(name, hook_words[i]); i++)
			;
		row->bare |= !strcmp(name, "bare");
		if (i == HOOKS && strcmp(name, "bare"))
			return -EINVAL;
		row->hooks |= i < HOOKS ? 1 << i : 1 << HOOK_XDP | 1 << HOOK_TC;
		row->hooks_said = true;
	}
	if (!row->hooks_said)
		row->hooks = (1 << HOOKS) - 1;
	return 0;
}

static void address6(const uint8_t *bytes, struct addr6 *ret)
{
	uint64_t hi, lo;

	memcpy(&hi, bytes, 8);
	memcpy(&lo, bytes + 8, 8);
	ret->hi = be64toh(hi);
	ret->lo = be64toh(lo);
}

/* "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53" */
static int read_end(char *text, uint8_t *family, struct addr6 *address, uint16_t *port)
{
	char *colon = strrchr(text, ':'), *bracket = strchr(text, ']');
	uint8_t bytes[16];

	*port = 0;
	if (*text == '[') {
		if (!bracket)
			return -EINVAL;
		*bracket = '\0';
		text++;
		if (bracket[1] == ':')
			*port = atoi(bracket + 2);
	} else if (colon && strchr(text, ':') == colon) {
		*colon = '\0';
		*port = atoi(colon + 1);
	}
	if (inet_pton(AF_INET, text, bytes) == 1) {
		*family = 4;
		address->hi = 0;
		address->lo = (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
		return 0;
	}
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return -EINVAL;
	*family = 6;
	address6(bytes, address);
	return 0;
}

static int read_tcp_flags(const char *letters, uint8_t *ret)
{
	static const char names[] = "FSRPAUEC";
	const char *found;

	*ret = 0;
	if (!strcmp(letters, "none"))
		return 0;
	for (; *letters; letters++) {
		found = strchr(names, *letters);
		if (!found)
			return -EINVAL;
		*ret |= 1 << (found - names);
	}
	return 0;
}

/*
 * What may follow the ends: "vlan O[.I]", "type T/C", "id N", "flags SA", "by N|policy", "audit N".
 */
static int read_more(const char *key, const char *value, struct row *row)
{
	unsigned int a, b = 0;

	if (!value)
		return -EINVAL;
	if (!strcmp(key, "vlan")) {
		if (sscanf(value, "%u.%u", &a, &b) < 1)
			return -EINVAL;
		row->flow.outer = a;
		row->flow.inner = b;
		return 0;
	}
	if (!strcmp(key, "type")) {
		if (sscanf(value, "%u/%u", &a, &b) != 2)
			return -EINVAL;
		row->flow.dport = a << 8 | b;
		return 0;
	}
	if (!strcmp(key, "flags")) {
		row->has_flags = true;
		return read_tcp_flags(value, &row->flow.tcp_flags);
	}
	if (!strcmp(key, "id"))
		row->flow.sport = atoi(value);
	else if (!strcmp(key, "by"))
		row->by = !strcmp(value, "policy") ? 0 : atoi(value);
	else if (!strcmp(key, "audit"))
		row->audit = atoi(value);
	else
		return -EINVAL;
	return 0;
}

static int read_ethertype(const char *text)
{
	if (!strncmp(text, "0x", 2))
		return strtoul(text, NULL, 16);
	return name_number(ethertype_names, text);
}

static int read_protocol(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return *end ? name_number(protocol_names, text) : (int)number;
}

static int read_flow(char *text, struct row *row)
{
	char *rest = NULL, *word = strtok_r(text, " \t", &rest), *key;
	uint8_t family = 0;
	int n;

	if (!word)
		return -EINVAL;
	row->has_flow = strcmp(word, "-");
	if (row->has_flow && !strcmp(word, "other")) {
		word = strtok_r(NULL, " \t", &rest);
		n = word ? read_ethertype(word) : -EINVAL;
		if (n < 0)
			return n;
		row->flow.dport = n;
	} else if (row->has_flow) {
		n = read_protocol(word);
		if (n < 0)
			return n;
		row->flow.protocol = n;
		word = strtok_r(NULL, " \t", &rest);
		if (!word ||
		    read_end(word, &row->flow.family, &row->flow.src, &row->flow.sport) < 0)
			return -EINVAL;
		word = strtok_r(NULL, " \t", &rest);
		if (!word || read_end(word, &family, &row->flow.dst, &row->flow.dport) < 0 ||
		    family != row->flow.family)
			return -EINVAL;
	}
	while ((key = strtok_r(NULL, " \t", &rest))) {
		if (read_more(key, strtok_r(NULL, " \t", &rest), row) < 0)
			return -EINVAL;
	}
	return 0;
}

int row_parse(const char *line, struct row *ret, char *why, size_t size)
{
	static int (*const readers[])(char *, struct row *) = {read_rules, NULL, read_verdict,
							       read_flow, read_hooks};
	char *column[COLUMNS] = {}, *at, none[] = "";
	size_t count = 0;

	memset(ret, 0, sizeof(*ret));
	ret->by = ret->audit = -1;
	if (snprintf(ret->text, sizeof(ret->text), "%s", line) >= (int)sizeof(ret->text)) {
		snprintf(why, size, "row too long");
		return -EINVAL;
	}
	at = trim(ret->text);
	if (!*at || *at == '#')
		return 0;
	for (; at && count < COLUMNS; count++)
		column[count] = strsep(&at, "|");
	if (at || count < 4) {
		snprintf(why, size, "%zu columns, not 4 or 5", count);
		return -EINVAL;
	}
	if (!column[4])
		column[4] = none;
	ret->packet = trim(column[1]);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (readers[i] && readers[i](trim(column[i]), ret) < 0) {
			snprintf(why, size, "cannot read column %zu", i + 1);
			return -EINVAL;
		}
	}
	return 1;
}
