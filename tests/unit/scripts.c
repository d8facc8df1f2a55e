/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scripts.c - files of rules: every row of tests/files.t, includes good and bad, and mutated files. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../ctl/text/script.h"
#include "../lib/mutate.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

#define MAX_ROWS 200
#define MUTATIONS 20000

struct row {
	unsigned int line;
	char typed[1024], expected[1024];
};

static struct row rows[MAX_ROWS];
static size_t row_count;
static char folder[] = "/tmp/netctl-scripts-XXXXXX";

static void append(char *to, size_t size, const char *text)
{
	size_t len = strlen(to);

	assert_true(snprintf(to + len, size - len, "%s", text) < (int)(size - len));
}

static int rows_read(const char *path)
{
	FILE *file = fopen(path, "r");
	autofree char *line = NULL;
	unsigned int number = 0;
	bool inside = false;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		struct row *row = &rows[row_count];

		number++;
		if (line[0] == '>' || line[0] == '<') {
			if (!inside)
				row->line = number;
			inside = true;
			append(line[0] == '>' ? row->typed : row->expected, sizeof(row->typed),
			       line + 1 + (line[1] == ' '));
		} else if (inside) {
			inside = false;
			row_count++;
		}
	}
	row_count += inside;
	fclose(file);
	return 0;
}

/* A file in the folder; the path lasts until the next call. */
static const char *write_file(const char *name, const char *text, mode_t mode)
{
	static char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, mode);
	close(fd);
	return path;
}

/* What a file says: its canonical form, or the fault as rows tell it. */
static char *printed(const char *path)
{
	struct fault fault = {};
	struct script script;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r = script_read(path, &script, &fault);

	if (!r)
		r = script_print(&script.rules, out);
	else if (fault.source)
		fprintf(out, "! %u:%u+%u %s\n", fault.line, fault.column, fault.width,
			fault.message);
	else
		fprintf(out, "! %s\n", fault.message);
	if (r < 0 && fault.source)
		assert_true(fault.file && fault.column + fault.width <= strlen(fault.source) + 1);
	fclose(out);
	free(take_ptr(fault.source));
	script_free(&script);
	return text;
}

static void expect(const char *path, const char *expected)
{
	autofree char *got = printed(path);

	if (strcmp(got, expected))
		fail_msg("%s: expected '%s', got '%s'", path, expected, got);
}

static void test_rows(void **state)
{
	for (size_t i = 0; i < row_count; i++) {
		autofree char *got = printed(write_file("row", rows[i].typed, 0600));

		if (strcmp(got, rows[i].expected))
			fail_msg("line %u: got '%s'", rows[i].line, got);
		if (got[0] != '!') /* a fixed point */
			expect(write_file("row", got, 0600), got);
	}
	printf("%zu rows\n", row_count);
	assert_true(row_count >= 40);
}

/* What script_read() says of a file that includes another of that text and mode. */
static void expect_include(const char *text, mode_t mode, const char *expected)
{
	write_file("inner", text, mode);
	expect(write_file("outer", "pass vlan 1\ninclude \"inner\"\npass vlan $two\n", 0600),
	       expected);
}

static void test_include(void **state)
{
	expect_include("define two = 2\ndrop vlan 5", 0644,
		       "policy pass\npass vlan 1\ndrop vlan 5\npass vlan 2\n");
	expect_include(
		"define two = 2\ndrop vlan 5", 0664,
		"! 2:8+7 'inner' may be written by its group or by all: it is not included\n");
	expect_include(
		"", 0602,
		"! 2:8+7 'inner' may be written by its group or by all: it is not included\n");
	expect_include("include \"outer\"", 0600, "! 1:8+7 'outer' includes itself\n");
	expect_include("drop vlan 3\n\ndrop vlan 5000", 0600,
		       "! 3:10+4 not a VLAN id: '5000' (0 to 4095)\n");
	expect_include("drop vlan", 0600, "! 1:5+4 vlan needs a VLAN id\n");
	expect_include("pass vlan 3", 0600, "! 3:10+4 '$two' is not defined\n");
}

static void test_include_kinds(void **state)
{
	char path[256];

	write_file("real", "define two = 2", 0600);
	snprintf(path, sizeof(path), "%s/link", folder);
	assert_int_equal(symlink("real", path), 0);
	expect(write_file("outer", "include \"link\"", 0600),
	       "! 1:8+6 'link' is a symbolic link: it is not included\n");
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect(write_file("outer", "include fifo", 0600), "! 1:8+4 'fifo' is not a plain file\n");
	expect(write_file("outer", "include \".\"", 0600), "! 1:8+3 '.' is not a plain file\n");
	/* What is no text, or not there. */
	snprintf(path, sizeof(path), "%s/none", folder);
	{
		autofree char *got = printed(path);

		assert_non_null(strstr(got, "is not there"));
	}
	/* Twice is no cycle. */
	write_file("real", "drop vlan 7", 0600);
	expect(write_file("outer", "include \"real\"; include \"real\"", 0600),
	       "policy pass\ndrop vlan 7\ndrop vlan 7\n");
}

static void test_include_depth(void **state)
{
	char name[16], text[64];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "deep%d", i);
		snprintf(text, sizeof(text), "drop vlan %d; include \"deep%d\"", i, i + 1);
		write_file(name, i == 19 ? "drop vlan 19" : text, 0600);
	}
	expect(write_file("outer", "include \"deep5\"", 0600),
	       "policy pass\ndrop vlan 5\ndrop vlan 6\ndrop vlan 7\ndrop vlan 8\ndrop vlan 9\n"
	       "drop vlan 10\ndrop vlan 11\ndrop vlan 12\ndrop vlan 13\ndrop vlan 14\n"
	       "drop vlan 15\ndrop vlan 16\ndrop vlan 17\ndrop vlan 18\ndrop vlan 19\n");
	expect(write_file("outer", "include \"deep4\"", 0600),
	       "! 1:22+8 files include each other more than 16 deep\n");
}

static void test_sizes(void **state)
{
	static char text[200000] = "define a = 10.0.0.1";
	size_t len = strlen(text);

	/* Defines of defines do not explode. */
	for (char c = 'b'; c <= 'z'; c++)
		len += (size_t)sprintf(text + len, "\ndefine %c = $%c, $%c, $%c", c, c - 1, c - 1,
				       c - 1);
	expect(write_file("big", text, 0600),
	       "! 10:15+2 a define holds at most 16384 words and marks\n");
	len = 0;
	for (int i = 0; i < 5000; i++)
		len += (size_t)sprintf(text + len, "drop vlan %d comment \"x\"\n", i % 4096);
	{
		struct fault fault = {};
		struct script script;

		assert_int_equal(script_read(write_file("big", text, 0600), &script, &fault), 0);
		assert_int_equal(script.rules.count, 5000);
		assert_int_equal(script.rules.rules[4999].line, 5000);
		script_free(&script);
	}
}

static void test_mutations(void **state)
{
	struct prng prng = prng_seed(1);
	struct corpus corpus = {};
	size_t good = 0;

	for (size_t i = 0; i < row_count; i++)
		corpus_add(&corpus, rows[i].typed, strlen(rows[i].typed));
	for (size_t i = 0; i < MUTATIONS; i++) {
		autofree uint8_t *bytes = mutate(&corpus, &prng, 2048).at;
		const char *text = (const char *)bytes;
		autofree char *got = printed(write_file("row", text, 0600));
		autofree char *again = NULL;

		if (got[0] == '!')
			continue;
		again = printed(write_file("row", got, 0600));
		if (strcmp(got, again))
			fail_msg("'%s' says '%s', and that '%s'", text, got, again);
		good++;
	}
	corpus_free(&corpus);
	printf("%d mutated files, %zu of them good\n", MUTATIONS, good);
	assert_true(good > MUTATIONS / 100);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	      cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_kinds), cmocka_unit_test(test_include_depth),
		cmocka_unit_test(test_sizes),	      cmocka_unit_test(test_mutations),
	};
	char command[64];
	int r = rows_read(argc > 1 ? argv[1] : "tests/files.t");

	if (r < 0 || !mkdtemp(folder)) {
		fprintf(stderr, "tests/files.t: %s\n", strerror(r ? -r : errno));
		return EXIT_FAILURE;
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) ? EXIT_FAILURE : r;
}
