/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz_targets.c - readers of text: what is accepted must print as text that reads the same. */
#include <err.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../../ctl/import/import.h"
#include "../../ctl/rules/element.h"
#include "../../ctl/text/element_list.h"
#include "../../ctl/text/element_print.h"
#include "../../ctl/text/element_read.h"
#include "../../ctl/text/rule_parse.h"
#include "../../ctl/text/rule_print.h"
#include "../../ctl/text/script.h"
#include "fuzz_try.h"
#include "random_rules.h"

#define LONGEST 4096 /* bytes of a text */
#define RANDOM_RULES 100

void fault_done(struct fault *fault)
{
	free(fault->source);
	memset(fault, 0, sizeof(*fault));
}

void wrong(const char *what, const char *text, const char *again)
{
	printf("%s: '%s', then '%s'\n", what, text, again);
	fflush(stdout);
	abort();
}

/* ---- rules ---- */

/* Of every field there is. */
static void add_random_rules(struct corpus *corpus)
{
	char **rules = random_rules(MANNER_FIELDS, 1, RANDOM_RULES);

	for (size_t i = 0; i < RANDOM_RULES; i++)
		corpus_add(corpus, rules[i], strlen(rules[i]));
	random_rules_free(rules, RANDOM_RULES);
}

static void add_rules(struct corpus *corpus)
{
	corpus_add_lines(corpus, "tests/rules.t");
	corpus_add(corpus, "drop dst 10.0.0.5", 17);
	add_random_rules(corpus);
}

static void try_rule(const struct corpus *corpus, struct prng *prng)
{
	struct bytes b = mutate(corpus, prng, LONGEST);
	struct rule rule = {}, again = {};
	autofree char *text = NULL, *twice = NULL;
	struct fault fault = {};

	if (rule_parse((const char *)b.at, &rule, &fault) == 0) {
		if (rule_print(&rule, &text) < 0 || rule_parse(text, &again, &fault) < 0 ||
		    rule_print(&again, &twice) < 0)
			wrong("rule", (const char *)b.at, text);
		if (!rule_equal(&rule, &again) || strcmp(text, twice))
			wrong("rule", text, twice);
		rule_free(&rule);
		rule_free(&again);
	}
	fault_done(&fault);
	free(b.at);
}

/* ---- files ---- */

static void add_scripts(struct corpus *corpus)
{
	static const char some[] =
		"define LAN = 10.0.0.0/8\npolicy drop\npass src $LAN proto tcp dport { 22, 80 }\n"
		"set bad { 10.0.0.1, 10.0.0.0/24 for 10m,\n 2001:db8::/32 }\n"
		"set web ports counters { 80, 8000-8080 }\nset s services { 10.0.0.5:53/udp }\n"
		"drop src @bad; pass dport @web comment \"x\"\ndisabled audit vlan 7\n";

	corpus_add(corpus, some, sizeof(some) - 1);
	corpus_add_file(corpus, "tests/files.t");
	for (size_t i = 0; i < corpus->count; i++) /* the typed lines of files.t begin with "> " */
		for (size_t n = 0; n + 1 < corpus->item[i].len; n++)
			if ((!n || corpus->item[i].at[n - 1] == '\n') &&
			    corpus->item[i].at[n] == '>')
				corpus->item[i].at[n] = ' ';
	corpus_add_lines(corpus, "tests/rules.t");
	add_random_rules(corpus);
}

/* Its text again, or NULL when it is none. */
static char *script_text(const void *text, size_t len)
{
	int fd = memfd_create("script", MFD_CLOEXEC);
	struct script script = {};
	struct fault fault = {};
	char path[32], *printed = NULL;
	size_t size;
	FILE *out;

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		err(1, "memfd");
	lseek(fd, 0, SEEK_SET);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (script_read(path, &script, &fault) == 0) {
		out = open_memstream(&printed, &size);
		if (script_print(&script.rules, out) < 0)
			wrong("script", text, "cannot be printed");
		fclose(out);
	}
	script_free(&script);
	fault_done(&fault);
	close(fd);
	return printed;
}

static void try_script(const struct corpus *corpus, struct prng *prng)
{
	struct bytes b = mutate(corpus, prng, LONGEST);
	autofree char *text = script_text(b.at, b.len);
	autofree char *twice = text ? script_text(text, strlen(text)) : NULL;

	/* Elements that end are printed with what is left of their time, which goes on. */
	if (text && (!twice || (strcmp(text, twice) && !strstr(text, " for "))))
		wrong("script", text, twice ? twice : "refused");
	free(b.at);
}

/* ---- elements ---- */

static void add_elements(struct corpus *corpus)
{
	static const char *const some[] = {
		"10.0.0.1\n10.0.0.0/8\n10.0.0.1-10.0.0.9 # "
		"why\n2001:db8::/32\n2001:db8::1-2001:db8::5\n",
		"80\n8000-8080\nhttps\nssh for 10m\n",
		"10.0.0.5:53/udp\n[2001:db8::1]:443\n10.0.0.5:1000-2000\n",
		"10.0.0.1 for 1h30m, 10.0.0.2 for 1d; 192.0.2.0/24\n",
		"77.90.185.20\t10\n1.0.0.0/24 ; SBL1\n2001:1201::/43\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(some); i++)
		corpus_add(corpus, some[i], strlen(some[i]));
}

static void check_element(enum set_type type, const struct element *e)
{
	char text[ELEMENT_SIZE], twice[ELEMENT_SIZE];
	struct fault fault = {};
	struct element again;

	element_print(e, text);
	if (element_read(type, text, strlen(text), &again, &fault) < 0)
		wrong("element", text, fault.message);
	element_print(&again, twice);
	if (strcmp(text, twice))
		wrong("element", text, twice);
}

static void try_elements(const struct corpus *corpus, struct prng *prng)
{
	struct bytes b = mutate(corpus, prng, LONGEST);
	struct element_list list = { .at = (const char *)b.at,
				     .end = (const char *)b.at + b.len,
				     .type = below(prng, 3),
				     .file = below(prng, 2) };
	struct set set = { .type = list.type }, batch = set;
	struct fault fault = {};
	struct element e;
	uint32_t lifetime;
	int found;

	for (size_t n = 0; (found = element_next(&list, &e, &lifetime, &fault)) != FOUND_END; n++) {
		if (n > LONGEST)
			wrong("elements", (const char *)b.at, "have no end");
		if (found == FOUND_WORD)
			element_word(&list);
		if (found == FOUND_ELEMENT) {
			check_element(list.type, &e);
			element_push(&batch, &e, lifetime);
		}
		fault_done(&fault);
	}
	set_add(&set, &batch, NULL);
	for (size_t n = 0; n < set_size(&set); n++) {
		e = element_at(&set, n);
		check_element(list.type, &e);
	}
	set_free(&set);
	set_free(&batch);
	free(b.at);
}

/* ---- imports ---- */

static void add_imports(struct corpus *corpus)
{
	glob_t found = {};

	glob("tests/import/*tables", 0, NULL, &found);
	glob("tests/import/*/*tables", GLOB_APPEND, NULL, &found);
	glob("tests/import/*.nft", GLOB_APPEND, NULL, &found);
	glob("tests/import/*/*.nft", GLOB_APPEND, NULL, &found);
	glob("tests/import/*.ipset", GLOB_APPEND, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		corpus_add_file(corpus, found.gl_pathv[i]);
	globfree(&found);
}

/* As anything there is a reader for, whatever it was made of. */
static int import_some(struct prng *prng, FILE *in, FILE *out, struct import_faults *faults,
		       struct fault *fault)
{
	switch (below(prng, 4)) {
	case 0:
		return import_iptables(below(prng, 2) ? 4 : 6, in, out, faults, fault);
	case 1:
		return import_ipset(in, out, faults, fault);
	default:
		return import_nft(in, out, faults, fault);
	}
}

/* What is translated is what files hold. */
static void try_import(const struct corpus *corpus, struct prng *prng)
{
	struct bytes b = mutate(corpus, prng, 16 * LONGEST);
	FILE *in = fmemopen(b.at, b.len + 1, "r");
	struct import_faults faults = {};
	autofree char *text = NULL, *read = NULL;
	struct fault fault = {};
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int r = import_some(prng, in, out, &faults, &fault);

	fclose(in);
	fclose(out);
	if (r == 0 && !faults.count) {
		read = script_text(text, size);
		if (!read)
			wrong("import", text, "refused");
	}
	import_faults_free(&faults);
	fault_done(&fault);
	free(b.at);
}

const struct fuzz_target fuzz_targets[] = {
	{ "rule", add_rules, try_rule },
	{ "script", add_scripts, try_script },
	{ "elements", add_elements, try_elements },
	{ "import", add_imports, try_import },
	{ "ruleset", NULL, try_ruleset },
	{ "blob", NULL, try_blob },
	{},
};
