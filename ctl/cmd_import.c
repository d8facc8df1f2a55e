/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cmd_import.c - "netctl import": the rules of other filters, as a file for apply. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "import.h"

/* One message a line that has no translation. */
static void print_faults(const struct import_faults *faults, const char *file)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct import_fault *from = &faults->fault[i];
		struct fault fault = {};

		fault_set(&fault, -EINVAL, EXIT_REFUSED, "not translated: %s", from->why);
		fault.file = file;
		fault.line = from->line;
		fault.column = from->column;
		fault.width = from->width ? from->width : (unsigned int)strlen(from->text);
		fault.source = from->text[0] ? strdup(from->text) : NULL;
		fail(-EINVAL, "import", &fault);
	}
}

static int import(int family, const char *path)
{
	const char *shown = strcmp(path, "-") ? path : "<stdin>";
	struct import_faults faults = {};
	struct fault fault = {};
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int r, code = EXIT_DONE;

	if (!in) {
		fault_set(&fault, -errno, EXIT_REFUSED, "cannot open '%s': %s", path,
			  strerror(errno));
		return fail(-EIO, "import", &fault);
	}
	r = import_iptables(family, in, stdout, &faults, &fault);
	if (in != stdin)
		fclose(in);
	print_faults(&faults, shown);
	if (faults.count)
		code = EXIT_REFUSED;
	import_faults_free(&faults);
	return r < 0 ? fail(r, "import", &fault) : code;
}

static int run_import(int argc, char **argv)
{
	static const struct {
		const char *name;
		int family;
	} formats[] = { { "iptables-save", 4 }, { "ip6tables-save", 6 } };

	if (argc != 3)
		return usage_error(&cmd_import,
				   "wants a format and a file, or - for standard input");
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(argv[1], formats[i].name))
			return import(formats[i].family, argv[2]);
	return usage_error(&cmd_import,
			   argv[1][0] == '-' ? "unknown option '%s'" : "unknown format '%s'",
			   argv[1]);
}

const struct command cmd_import = {
	.name = "import",
	.usage = "iptables-save|ip6tables-save FILE|-",
	.summary = "translate the rules of another filter into a file for apply",
	.help = "What is printed does exactly what the chains INPUT (at hook xdp) and OUTPUT (at\n"
		"hook nf) of table filter do, the chains they jump to among it, for their family\n"
		"alone; or it says that it does not: each line without an exact translation is\n"
		"reported, and stands in the output as a line that begins with '!', which apply\n"
		"refuses until somebody has decided about it. Nothing is guessed: no stateful\n"
		"matches, no limits, no NAT, no REJECT, no LOG, no patterns of interface names.\n"
		"\n"
		"At hook xdp packets are judged as they arrive: before fragments are put "
		"together,\n"
		"and those to be forwarded among them.\n"
		"\n"
		"Exit status: 0 all is translated, 1 not all of it.\n"
		"\n"
		"Examples:\n"
		"  iptables-save | netctl import iptables-save - >rules4\n"
		"  ip6tables-save | netctl import ip6tables-save - >rules6\n",
	.run = run_import,
};
