/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_match.c - one rule as iptables-save writes it: its options, and what they mean in our language. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../text/rule_parse.h"
#include "import_match.h"

enum option {
	OPTION_SRC,
	OPTION_DST,
	OPTION_IN,
	OPTION_OUT,
	OPTION_PROTO,
	OPTION_MODULE,
	OPTION_JUMP,
	OPTION_SPORT,
	OPTION_DPORT,
	OPTION_SPORTS,
	OPTION_DPORTS,
	OPTION_PORTS,
	OPTION_FLAGS,
	OPTION_SYN,
	OPTION_ICMP,
	OPTION_SRC_RANGE,
	OPTION_DST_RANGE,
	OPTION_COMMENT,
	OPTION_SET,
};

static const struct option_name {
	const char *name;
	enum option option;
	bool transport; /* means something only with -p */
	const char *field;
} options[] = {
	{ "-s", OPTION_SRC, false, "src" },
	{ "--source", OPTION_SRC, false, "src" },
	{ "-d", OPTION_DST, false, "dst" },
	{ "--destination", OPTION_DST, false, "dst" },
	{ "-i", OPTION_IN, false, "in" },
	{ "--in-interface", OPTION_IN, false, "in" },
	{ "-o", OPTION_OUT, false, "out" },
	{ "--out-interface", OPTION_OUT, false, "out" },
	{ "-p", OPTION_PROTO, false, "proto" },
	{ "--protocol", OPTION_PROTO, false, "proto" },
	{ "-m", OPTION_MODULE, false, NULL },
	{ "--match", OPTION_MODULE, false, NULL },
	{ "-j", OPTION_JUMP, false, NULL },
	{ "--jump", OPTION_JUMP, false, NULL },
	{ "--sport", OPTION_SPORT, true, "sport" },
	{ "--source-port", OPTION_SPORT, true, "sport" },
	{ "--dport", OPTION_DPORT, true, "dport" },
	{ "--destination-port", OPTION_DPORT, true, "dport" },
	{ "--sports", OPTION_SPORTS, true, "sport" },
	{ "--source-ports", OPTION_SPORTS, true, "sport" },
	{ "--dports", OPTION_DPORTS, true, "dport" },
	{ "--destination-ports", OPTION_DPORTS, true, "dport" },
	{ "--ports", OPTION_PORTS, true, "port" },
	{ "--tcp-flags", OPTION_FLAGS, true, "flags" },
	{ "--syn", OPTION_SYN, true, "flags" },
	{ "--icmp-type", OPTION_ICMP, true, "icmp" },
	{ "--icmpv6-type", OPTION_ICMP, true, "icmp" },
	{ "--src-range", OPTION_SRC_RANGE, false, "src" },
	{ "--dst-range", OPTION_DST_RANGE, false, "dst" },
	{ "--comment", OPTION_COMMENT, false, NULL },
	{ "--match-set", OPTION_SET, false, "set" },
};

/* A line being read. */
struct reading {
	int family;
	const struct import_words *words;
	size_t at;	  /* the word that is next */
	bool negated;	  /* "!" stood before it */
	bool proto;	  /* -p named one protocol */
	bool transport;	  /* an option needs that */
	bool ports, icmp; /* a module of such protocols was named */
	FILE *matches;	  /* what the line means, as rule text */
	struct import_line *line;
};

/* The line has no translation because of its word "at": 0, for that is no failure. */
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

/* Words with blanks or marks of our language are no address, port or protocol. */
static bool plain(const char *word)
{
	return *word &&
	       !word[strspn(
		       word,
		       "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:./,-_")];
}

static int read_proto(struct reading *r, const char *word)
{
	static const char *const extensions[] = {
		"0", "43", "44", "60", "hopopt", "ipv6-route", "ipv6-frag", "ipv6-opts"
	};

	if (!strcmp(word, "all") || (!strcmp(word, "0") && r->family == 4))
		return r->negated ? no_translation(r, r->at, "not all protocols is none") : 0;
	for (size_t i = 0; i < ARRAY_SIZE(extensions) && r->family == 6; i++)
		if (!strcmp(word, extensions[i]))
			return no_translation(r, r->at, "'%s' is an extension header: no protocol",
					      word);
	r->proto = !r->negated;
	print_match(r, "proto");
	fputs(word, r->matches);
	return 0;
}

/*
 * The modules of protocols look at packets whose header is there alone: never at later fragments, even when no option of
 * theirs follows.
 */
static int read_module(struct reading *r, const char *word)
{
	static const char *const with_ports[] = { "tcp", "udp", "udplite", "sctp", "dccp" };
	static const char *const others[] = { "multiport", "iprange", "comment", "set" };

	for (size_t i = 0; i < ARRAY_SIZE(with_ports); i++)
		if (!strcmp(word, with_ports[i])) {
			r->ports = true;
			return 0;
		}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(word, others[i]))
			return 0;
	if (!strncmp(word, "icmp", 4)) {
		r->icmp = true;
		return 0;
	}
	if (!strcmp(word, "state") || !strcmp(word, "conntrack") || !strcmp(word, "helper"))
		return no_translation(r, r->at, "'%s' is stateful: no connections are kept here",
				      word);
	if (!strcmp(word, "limit") || !strcmp(word, "hashlimit") || !strcmp(word, "connlimit") ||
	    !strcmp(word, "recent"))
		return no_translation(
			r, r->at, "'%s' passes on what exceeds it: a limit of ours decides", word);
	return no_translation(r, r->at, "the match '%s' has no exact translation", word);
}

static int read_target(struct reading *r, const char *word)
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

static int read_value(struct reading *r, const struct option_name *name, const char *word)
{
	if (name->option == OPTION_COMMENT)
		return import_comment(word, &r->line->rule);
	if (name->option == OPTION_MODULE)
		return read_module(r, word);
	if (name->option == OPTION_JUMP)
		return read_target(r, word);
	if (name->option == OPTION_IN || name->option == OPTION_OUT) {
		if (strchr(word, '+'))
			return no_translation(r, r->at, "'%s' is a pattern of names", word);
		print_match(r, name->field);
		fprintf(r->matches, "\"%s\"", word);
		return strpbrk(word, "\"\\") ? no_translation(r, r->at, "not an interface") : 0;
	}
	if (!plain(word))
		return no_translation(r, r->at, "not understood: '%s'", word);
	if (name->option == OPTION_PROTO)
		return read_proto(r, word);
	if (name->option == OPTION_ICMP && !strcmp(word, "any"))
		return no_translation(r, r->at,
				      "any type is not the same as any packet: "
				      "later fragments have none");
	print_match(r, name->field);
	if (name->option == OPTION_SRC || name->option == OPTION_DST)
		return import_print_address(r->matches, word)
			       ? 0
			       : no_translation(r, r->at, "a mask with holes");
	if (name->option >= OPTION_SPORT && name->option <= OPTION_PORTS)
		import_print_ports(r->matches, word);
	else
		fputs(word, r->matches);
	return 0;
}

static int read_tcp_flags(struct reading *r)
{
	const char *mask, *value;

	if (r->at + 1 >= r->words->count)
		return no_translation(r, r->at, "a value is missing");
	mask = r->words->word[r->at].text;
	value = r->words->word[r->at + 1].text;
	if (!plain(mask) || !plain(value))
		return no_translation(r, r->at, "not understood: '%s'", mask);
	print_match(r, "flags");
	import_print_flags(r->matches, value);
	fputc('/', r->matches);
	import_print_flags(r->matches, mask);
	r->at += 2;
	return 0;
}

/*
 * NAME and what is looked up in it: an address, or an address and the port of the same direction. What the set holds
 * is not known here: "src" may be a port, and then our set of that name is one of ports, where no address is taken.
 */
static int read_set(struct reading *r)
{
	const char *name, *what;
	bool both;

	if (r->at + 1 >= r->words->count)
		return no_translation(r, r->at, "a value is missing");
	name = r->words->word[r->at].text;
	what = r->words->word[r->at + 1].text;
	both = !strcmp(what, "src,src") || !strcmp(what, "dst,dst");
	if (!set_name_is_good(name))
		return no_translation(r, r->at, "no set of ours can have that name");
	if (!both && strcmp(what, "src") != 0 && strcmp(what, "dst") != 0)
		return no_translation(r, r->at + 1, "'%s' has no exact translation", what);
	if (both && r->negated)
		return no_translation(r, r->at + 1,
				      "'!' takes packets without ports, too: ours would not");
	fprintf(r->matches, " %s%.3s @%s", r->negated ? "not " : "", what, name);
	r->at += 2;
	return 0;
}

static int read_option(struct reading *r)
{
	const char *word = r->words->word[r->at].text;
	const struct option_name *name = NULL;
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(options) && !name; i++)
		if (!strcmp(word, options[i].name))
			name = &options[i];
	if (!name && r->line->jump) /* options of a target are no chain's */
		return no_translation(r, r->at - 1, "the target '%s' has no translation",
				      r->line->jump);
	if (!name)
		return no_translation(r, r->at, "'%s' has no exact translation", word);
	if (r->negated && !name->field)
		return no_translation(r, r->at, "'!' before '%s'", word);
	r->transport |= name->transport;
	r->at++;
	if (name->option == OPTION_SYN) {
		print_match(r, "flags");
		fputs("syn/fin+syn+rst+ack", r->matches);
		return 0;
	}
	if (name->option == OPTION_FLAGS)
		return read_tcp_flags(r);
	if (name->option == OPTION_SET)
		return read_set(r);
	if (r->at == r->words->count)
		return no_translation(r, r->at, "a value is missing");
	error = read_value(r, name, r->words->word[r->at].text);
	r->at++;
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

/* The parser of our language has the last word. */
static int read_matches(struct reading *r, const char *text)
{
	char *comment = take_ptr(r->line->rule.comment);
	struct fault fault = {};
	int error = rule_parse(text, &r->line->rule, &fault);

	free(take_ptr(fault.source));
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
