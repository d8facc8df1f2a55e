/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_import.c - "netctl import": the rules of other filters, as a file for apply. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "../import/import.h"

/* One message a line that has no translation. */
static void print_faults(const struct import_faults *faults, const char *file)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct import_fault *from = &faults->fault[i];
		struct fault fault = {};

		fault_set(&fault, -EINVAL, EXIT_REFUSED, "not translated: %s", from->why);
		fault.file = file;
		fault.line = faults->no_lines ? 0 : from->line;
		fault.column = from->column;
		fault.width = from->width ? from->width : (unsigned int)strlen(from->text);
		fault.source = from->text[0] ? strdup(from->text) : NULL;
		fail(-EINVAL, "import", &fault);
	}
}

static int from_iptables(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault)
{
	return import_iptables(4, in, out, ret, fault);
}

static int from_ip6tables(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault)
{
	return import_iptables(6, in, out, ret, fault);
}

static const struct {
	const char *name;
	int (*read)(FILE *in, FILE *out, struct import_faults *ret, struct fault *fault);
} formats[] = {
	{ "iptables-save", from_iptables },
	{ "ip6tables-save", from_ip6tables },
	{ "nft-json", import_nft },
	{ "ipset-save", import_ipset },
};

static int import(size_t format, const char *path, struct fault *fault)
{
	const char *shown = strcmp(path, "-") ? path : "<stdin>";
	struct import_faults faults = {};
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int r, code = EXIT_DONE;

	if (!in)
		return fault_set(fault, -EIO, EXIT_REFUSED, "cannot open '%s': %s", path,
				 strerror(errno));
	r = formats[format].read(in, stdout, &faults, fault);
	if (in != stdin)
		fclose(in);
	print_faults(&faults, shown);
	if (faults.count)
		code = EXIT_REFUSED;
	import_faults_free(&faults);
	if (r == -EIO)
		fault_set(fault, r, EXIT_REFUSED, "'%s' cannot be read", shown);
	return r < 0 ? r : code;
}

static int run_import(const struct args *args, struct fault *fault)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(args->words[0], formats[i].name))
			return import(i, args->words[1], fault);
	return usage_error(args, "no such format: '%s'", args->words[0]);
}

const struct command cmd_import = {
	COMMAND("import", "iptables-save|ip6tables-save|nft-json|ipset-save FILE|-",
		"translate the rules of another filter into a file for apply"),
	.help = "What is printed does exactly what the other filter does at our hooks, chains in\n"
		"chains flattened, or says that it does not: each line without an exact\n"
		"translation is reported, and becomes a line that begins with '!', which apply\n"
		"refuses until somebody has decided about it. Nothing is guessed: no stateful\n"
		"matches, no limits, no NAT, no REJECT, no LOG, no patterns of interface names.\n"
		"  iptables-save, ip6tables-save: the chains INPUT (at hook xdp) and OUTPUT (at\n"
		"      hook nf) of table filter, for their family alone\n"
		"  nft-json: of 'nft -j list ruleset' the base chains of ingress, prerouting and\n"
		"      input (xdp), egress (tc) and output (nf), and the sets they use\n"
		"  ipset-save: the sets that rules of iptables name, as blocks for the same file\n"
		"\n"
		"At hook xdp packets are judged as they arrive: before fragments are put\n"
		"together, and those to be forwarded among them. They have no marks there, and\n"
		"what rules change on the way (DSCP, TTL, marks) is not translated behind them.\n"
		"\n"
		"Exit status: 0 all is translated, 1 not all of it.\n",
	.examples = "  iptables-save | netctl import iptables-save - >rules4\n"
		    "  nft -j list ruleset | netctl import nft-json - >rules\n"
		    "  (ipset save | netctl import ipset-save - && cat rules4) | netctl check -\n",
	WORDS(2, 2, "a format and one FILE, or - for standard input"),
	.run = run_import,
};
