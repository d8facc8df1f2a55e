/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_match.c - translates the options of one rule as iptables-save writes them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/parse/packet.h"
#include "import_match.h"
#include "import_parse.h"

#define MARKS ":./,-_" /* of addresses, ports and protocols */

/* A line being read. */
struct reading {
	int family;
	const struct import_words *words;
	size_t at;	     /* the word that is next */
	bool negated;	     /* after a "!" */
	bool proto;	     /* -p named one protocol */
	bool transport;	     /* an option needs that */
	bool ports, icmp;    /* a module of such protocols was named */
	import_print *print; /* of the option in hand */
	FILE *matches;	     /* what the line means, as rule text */
	struct import_line *line;
};

/* Note that the line has no translation because of its word "at". 0: that is no failure. */
static int __attribute__((format(printf, 3, 4)))
no_translation(struct reading *r, size_t at, const char *format, ...)
{
	const struct import_word *word = &r->words->word[MIN(at, r->words->count - 1)];
	va_list args;

	va_start(args, format);
	r->line->why = text_format(format, args);
	va_end(args);
	if (!r->line->why)
		return -ENOMEM;
	r->line->column = word->begin;
	r->line->width = word->end - word->begin;
	return 0;
}

static void print_match(struct reading *r, const char *field)
{
	fprintf(r->matches, " %s%s ", r->negated ? "not " : "", field);
}

static int read_value(struct reading *r, const char *field, const char *word)
{
	const char *why;

	if (!import_is_plain(word, MARKS))
		return no_translation(r, r->at, "not understood: '%s'", word);
	print_match(r, field);
	why = r->print(r->matches, word);
	return why ? no_translation(r, r->at, "%s", why) : 0;
}

static int read_icmp(struct reading *r, const char *field, const char *word)
{
	if (!strcmp(word, "any"))
		return no_translation(r, r->at,
				      "any type is not the same as any packet: "
				      "later fragments have none");
	return read_value(r, field, word);
}

static int read_proto(struct reading *r, const char *field, const char *word)
{
	int number = import_protocol(word);

	if (!strcmp(word, "all") || (!number && r->family == 4))
		return r->negated
			       ? no_translation(r, r->at, "'!' with all protocols matches nothing")
			       : 0;
	if (r->family == 6 && number >= 0 && is_walked((uint8_t)number))
		return no_translation(r, r->at, "'%s' is an extension header: no protocol", word);
	r->proto = !r->negated;
	return read_value(r, field, word);
}

static int read_iface(struct reading *r, const char *field, const char *word)
{
	if (strchr(word, '+'))
		return no_translation(r, r->at, "'%s' is a pattern of names", word);
	print_match(r, field);
	fprintf(r->matches, "\"%s\"", word);
	return strpbrk(word, "\"\\") ? no_translation(r, r->at, "not an interface") : 0;
}

/*
 * A protocol's module only matches packets that have its header, so never later fragments, even when none of its
 * options follows.
 */
static int read_module(struct reading *r, const char *field, const char *word)
{
	if (import_is_one_of(word, "multiport iprange comment set mac mark dscp tos ttl hl"))
		return 0;
	if (import_is_one_of(word, "state conntrack helper connmark"))
		return no_translation(r, r->at, "'%s' is stateful: no connections are kept here",
				      word);
	if (import_is_one_of(word, "limit hashlimit connlimit recent"))
		return no_translation(r, r->at,
				      "'%s' passes on what exceeds it: a limit of netctl decides",
				      word);
	if (import_is_one_of(word, "tcp udp udplite sctp dccp"))
		r->ports = true;
	else if (!strncmp(word, "icmp", 4))
		r->icmp = true;
	else
		return no_translation(r, r->at, "the match '%s' has no exact translation", word);
	return 0;
}

static int read_target(struct reading *r, const char *field, const char *word)
{
	static const struct {
		const char *name;
		enum target target;
	} targets[] = {
		{ "ACCEPT", TARGET_PASS },
		{ "DROP", TARGET_DROP },
		{ "RETURN", TARGET_RETURN },
	};

	if (r->line->target != TARGET_NONE || r->line->jump)
		return no_translation(r, r->at, "a second target");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (!strcmp(word, targets[i].name)) {
			r->line->target = targets[i].target;
			return 0;
		}
	if (!strcmp(word, "REJECT"))
		return no_translation(r, r->at, "REJECT answers the sender: drop would not");
	r->line->target = TARGET_JUMP;
	r->line->jump = strdup(word);
	return r->line->jump ? 0 : -ENOMEM;
}

static int read_comment(struct reading *r, const char *field, const char *word)
{
	return import_comment(word, &r->line->rule);
}

static int read_syn(struct reading *r, const char *field, const char *word)
{
	print_match(r, field);
	fputs("syn/fin+syn+rst+ack", r->matches);
	return 0;
}

static int read_fragment(struct reading *r, const char *field, const char *word)
{
	print_match(r, field);
	return 0;
}

static int read_flags(struct reading *r, const char *field, const char *mask)
{
	const char *value = r->words->word[r->at + 1].text;

	if (!import_is_plain(mask, MARKS) || !import_is_plain(value, MARKS))
		return no_translation(r, r->at, "not understood: '%s'", mask);
	print_match(r, field);
	import_print_flags(r->matches, value);
	fputc('/', r->matches);
	import_print_flags(r->matches, mask);
	return 0;
}

/*
 * NAME and what is looked up in it: an address, or an address and the port of the same direction. What the set holds
 * is not known here: "src" may be a port, and then our set of that name is one of ports, where no address is taken.
 */
static int read_set(struct reading *r, const char *field, const char *name)
{
	const char *what = r->words->word[r->at + 1].text;
	bool both = import_is_one_of(what, "src,src dst,dst");

	if (!set_name_is_good(name))
		return no_translation(r, r->at, "netctl does not take that set name");
	if (!both && !import_is_one_of(what, "src dst"))
		return no_translation(r, r->at + 1, "'%s' has no exact translation", what);
	if (both && r->negated)
		return no_translation(r, r->at + 1,
				      "'!' takes packets without ports, too: ours would not");
	fprintf(r->matches, " %s%.3s @%s", r->negated ? "not " : "", what, name);
	return 0;
}

static const struct option {
	const char *name, *alias;
	int (*read)(struct reading *r, const char *field, const char *word);
	size_t values;	     /* words that follow it: read() has the first, r->at is its index */
	const char *field;   /* NULL: there is no "!" before it */
	bool transport;	     /* means something only with -p */
	import_print *print; /* of read_value() */
} options[] = {
	{ "-s", "--source", read_value, 1, "src", false, import_print_address },
	{ "-d", "--destination", read_value, 1, "dst", false, import_print_address },
	{ "--src-range", "", read_value, 1, "src", false, import_print_word },
	{ "--dst-range", "", read_value, 1, "dst", false, import_print_word },
	{ "-f", "--fragment", read_fragment, 0, "frag", false, NULL },
	{ "-i", "--in-interface", read_iface, 1, "in", false, NULL },
	{ "-o", "--out-interface", read_iface, 1, "out", false, NULL },
	{ "-p", "--protocol", read_proto, 1, "proto", false, import_print_protocol },
	{ "-m", "--match", read_module, 1, NULL, false, NULL },
	{ "-j", "--jump", read_target, 1, NULL, false, NULL },
	{ "--comment", "", read_comment, 1, NULL, false, NULL },
	{ "--match-set", "", read_set, 2, "set", false, NULL },
	{ "--sport", "--source-port", read_value, 1, "sport", true, import_print_ports },
	{ "--dport", "--destination-port", read_value, 1, "dport", true, import_print_ports },
	{ "--sports", "--source-ports", read_value, 1, "sport", true, import_print_ports },
	{ "--dports", "--destination-ports", read_value, 1, "dport", true, import_print_ports },
	{ "--ports", "", read_value, 1, "port", true, import_print_ports },
	{ "--tcp-flags", "", read_flags, 2, "flags", true, NULL },
	{ "--syn", "", read_syn, 0, "flags", true, NULL },
	{ "--icmp-type", "--icmpv6-type", read_icmp, 1, "icmp", true, import_print_word },
	{ "--mac-source", "", read_value, 1, "ether src", false, import_print_word },
	{ "--mark", "", read_value, 1, "mark", false, import_print_mark },
	{ "--dscp", "", read_value, 1, "dscp", false, import_print_number },
	{ "--dscp-class", "", read_value, 1, "dscp", false, import_print_class },
	{ "--tos", "", read_value, 1, "dscp", false, import_print_tos },
	{ "--ttl-eq", "--hl-eq", read_value, 1, "ttl", false, import_print_number },
	{ "--ttl-lt", "--hl-lt", read_value, 1, "ttl", false, import_print_below },
	{ "--ttl-gt", "--hl-gt", read_value, 1, "ttl", false, import_print_above },
};

static int read_option(struct reading *r)
{
	const char *word = r->words->word[r->at].text;
	const struct option *option = options;
	int error;

	while (option < options + ARRAY_SIZE(options) && strcmp(word, option->name) != 0 &&
	       (!*word || strcmp(word, option->alias) != 0))
		option++;
	if (option == options + ARRAY_SIZE(options))
		return r->line->jump /* options of a target are no chain's */
			       ? no_translation(r, r->at - 1, "the target '%s' has no translation",
						r->line->jump)
			       : no_translation(r, r->at, "'%s' has no exact translation", word);
	if (r->negated && !option->field)
		return no_translation(r, r->at, "'!' before '%s'", word);
	r->transport |= option->transport;
	r->at++;
	if (r->at + option->values > r->words->count)
		return no_translation(r, r->at, "a value is missing");
	word = option->values ? r->words->word[r->at].text : NULL;
	r->print = option->print;
	error = option->read(r, option->field, word);
	r->at += option->values;
	return error;
}

static int read_options(struct reading *r)
{
	int error = 0;

	while (!error && !r->line->why && r->at < r->words->count) {
		if (!strcmp(r->words->word[r->at].text, "!")) {
			if (r->negated)
				return no_translation(r, r->at, "'!' a second time");
			r->negated = true;
			r->at++;
			continue;
		}
		error = read_option(r);
		r->negated = false;
	}
	if (!error && !r->line->why && r->negated)
		return no_translation(r, r->at, "'!' before nothing");
	if (!error && !r->line->why && r->transport && !r->proto)
		return no_translation(r, 0, "ports, types and flags need -p");
	if (!error && !r->line->why && r->icmp && !r->transport)
		return no_translation(r, 0, "-m icmp without a type leaves later fragments out");
	if (r->ports && !r->transport)
		fputs(" dport 0-65535", r->matches);
	return error;
}

/* Our own parser has the last word. */
static int read_matches(struct reading *r, const char *text)
{
	char *comment = take_ptr(r->line->rule.comment);
	struct fault fault = {};
	int error = import_parse(text, false, &r->line->rule, &fault);

	if (!error)
		r->line->rule.comment = comment;
	else
		free(comment);
	if (error != -EINVAL)
		return error;
	error = no_translation(r, 0, "%s", fault.message);
	r->line->column = r->line->width = 0; /* of another text */
	return error;
}

int import_options(int family, const struct import_words *words, size_t first,
		   struct import_line *line)
{
	struct reading reading = { .family = family, .words = words, .at = first, .line = line };
	autofree char *text = NULL;
	size_t size;
	int r;

	reading.matches = open_memstream(&text, &size);
	if (!reading.matches)
		return -ENOMEM;
	fprintf(reading.matches, "pass ethertype %s", family == 4 ? "ip" : "ip6");
	r = read_options(&reading);
	if (fclose(reading.matches) && !r)
		r = -ENOMEM;
	if (!r && !line->why)
		r = read_matches(&reading, text);
	return r;
}
