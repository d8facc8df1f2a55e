/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* out.c - prints rows as a table (libsmartcols) or as JSON (jansson); nothing leaves unescaped. */
#include <errno.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <libsmartcols.h>

#include "out.h"

#define UNLIMITED 32767 /* columns: more than any row has */

struct out {
	struct out_options options;
	FILE *stream;
	const char *name;
	const struct out_column *columns;
	size_t count;
	int *table_column;	      /* of each column, -1: not shown; owned */
	struct libscols_table *table; /* owned; NULL in the JSON formats */
	struct libscols_line *line;
	json_t *meta;	/* owned */
	json_t **cells; /* of the row, by column; NULL: null; owned */
	bool in_row;
	bool opened; /* the JSON document's head is printed */
	size_t rows;
	char *footer; /* owned */
	int error;
};

static void out_free(struct out *out)
{
	scols_unref_table(out->table);
	json_decref(out->meta);
	for (size_t i = 0; out->cells && i < out->count; i++)
		json_decref(out->cells[i]);
	free(out->cells);
	free(out->table_column);
	free(out->footer);
	free(out);
}

static void out_error(struct out *out, int error)
{
	if (error < 0 && !out->error)
		out->error = error;
}

static int add_columns(struct out *out)
{
	const struct out_options *o = &out->options;
	int shown = 0;

	for (size_t i = 0; i < out->count; i++) {
		const struct out_column *c = &out->columns[i];
		int flags = (c->right ? SCOLS_FL_RIGHT : 0) |
			    (c->trunc && o->width && !o->no_trunc ? SCOLS_FL_TRUNC : 0);

		out->table_column[i] = -1;
		if (!c->title || (o->width && o->width < c->min_width))
			continue;
		if (!scols_table_new_column(out->table, c->title, 0, flags))
			return -ENOMEM;
		out->table_column[i] = shown++;
	}
	return 0;
}

static int table_begin(struct out *out)
{
	const struct out_options *o = &out->options;
	bool limited = o->width && !o->no_trunc;

	/* The library loops for ever where mbrtowc() fails, whatever the user's locale is. */
	setlocale(LC_CTYPE, "C.UTF-8");
	out->table = scols_new_table();
	if (!out->table)
		return -ENOMEM;
	scols_table_set_stream(out->table, out->stream);
	scols_table_enable_noheadings(out->table, o->no_header);
	scols_table_enable_noencoding(out->table, 1); /* text_escape() has done it */
	/* Never left to the library: from 2.40 on it takes 80 columns where there is no terminal. */
	scols_table_set_termforce(out->table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(out->table, limited ? o->width : UNLIMITED);
	return add_columns(out);
}

int out_begin(const struct out_options *options, const char *name, const struct out_column *columns,
	      size_t count, struct out **ret)
{
	struct out *out = calloc(1, sizeof(*out));
	int r = 0;

	if (!out)
		return -ENOMEM;
	out->options = *options;
	out->stream = options->stream ? options->stream : stdout;
	out->name = name;
	out->columns = columns;
	out->count = count;
	out->table_column = calloc(count, sizeof(*out->table_column));
	out->cells = calloc(count, sizeof(*out->cells));
	if (!out->table_column || !out->cells)
		r = -ENOMEM;
	if (!r && options->format == OUT_TABLE)
		r = table_begin(out);
	if (r < 0) {
		out_free(out);
		return r;
	}
	*ret = out;
	return 0;
}

void out_meta(struct out *out, json_t *meta)
{
	json_decref(out->meta);
	out->meta = meta;
}

static void print_json(struct out *out, const json_t *value)
{
	/* Not by json_dumpf(): that writes each mark separately, which a million rows notice. */
	autofree char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text)
		out_error(out, -ENOMEM);
	else
		fputs(text, out->stream);
}

/* What precedes the first row of a JSON document. */
static void open_document(struct out *out)
{
	if (out->opened || out->options.format != OUT_JSON)
		return;
	out->opened = true;
	if (out->name) {
		fputc('{', out->stream);
		if (out->meta) {
			fputs("\"meta\":", out->stream);
			print_json(out, out->meta);
			fputc(',', out->stream);
		}
		fprintf(out->stream, "\"%s\":", out->name);
	}
	fputc('[', out->stream);
}

/* Keys in the columns' order, whatever order they were filled in. */
static void print_cells(struct out *out)
{
	const char *join = "{\"";

	for (size_t i = 0; i < out->count; i++) {
		json_t *cell = out->cells[i];

		if (!out->columns[i].key)
			continue;
		fputs(join, out->stream);
		fputs(out->columns[i].key, out->stream);
		fputs("\":", out->stream);
		join = ",\"";
		if (cell)
			print_json(out, cell);
		else
			fputs("null", out->stream);
		json_decref(cell);
		out->cells[i] = NULL;
	}
	fputc('}', out->stream);
}

static void print_row(struct out *out)
{
	if (!out->in_row)
		return;
	open_document(out);
	if (out->options.format == OUT_JSON)
		fputs(out->rows++ ? ",\n" : "\n", out->stream);
	print_cells(out);
	if (out->options.format == OUT_NDJSON)
		fputc('\n', out->stream);
	out->in_row = false;
}

void out_row(struct out *out)
{
	if (out->table) {
		out->line = scols_table_new_line(out->table, NULL);
		if (!out->line)
			out_error(out, -ENOMEM);
		return;
	}
	print_row(out);
	out->in_row = true;
}

/* As table_begin() says: '?' for what is not ASCII on a machine without that locale. The caller frees. */
static char *cell_text(const char *text)
{
	char *escaped = text_escape(text, strlen(text));

	if (escaped && mbstowcs(NULL, escaped, 0) == (size_t)-1)
		for (char *c = escaped; *c; c++)
			*c = *c & 0x80 ? '?' : *c;
	return escaped;
}

void out_shown(struct out *out, size_t column, const char *text)
{
	char *escaped;

	if (!out->line || out->table_column[column] < 0)
		return;
	escaped = cell_text(text);
	if (!escaped || scols_line_refer_data(out->line, out->table_column[column], escaped)) {
		free(escaped);
		out_error(out, -ENOMEM);
	}
}

void out_json(struct out *out, size_t column, json_t *value)
{
	if (!out->in_row || !out->columns[column].key) {
		json_decref(value);
		return;
	}
	if (!value) /* what a failed constructor gives */
		out_error(out, -ENOMEM);
	json_decref(out->cells[column]);
	out->cells[column] = value;
}

json_t *out_string(const char *text)
{
	autofree char *escaped = NULL;

	if (!text)
		return json_null();
	escaped = text_escape(text, strlen(text));
	return escaped ? json_string(escaped) : NULL;
}

void out_text(struct out *out, size_t column, const char *text)
{
	if (out->table)
		out_shown(out, column, text ? text : "-");
	else
		out_json(out, column, out_string(text));
}

void out_number(struct out *out, size_t column, uint64_t number)
{
	char text[24];

	if (!out->table) {
		out_json(out, column, json_integer((json_int_t)number));
		return;
	}
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	out_shown(out, column, text);
}

void out_footer(struct out *out, const char *format, ...)
{
	va_list ap;

	free(out->footer);
	va_start(ap, format);
	out->footer = text_format(format, ap);
	va_end(ap);
	if (!out->footer)
		out_error(out, -ENOMEM);
}

static void table_end(struct out *out)
{
	if (scols_table_get_nlines(out->table))
		out_error(out, scols_print_table(out->table));
	if (out->footer) {
		autofree char *escaped = text_escape(out->footer, strlen(out->footer));

		fprintf(out->stream, "%s\n", escaped ? escaped : "");
	}
}

int out_end(struct out *out)
{
	int r;

	if (out->table) {
		table_end(out);
	} else {
		print_row(out);
		open_document(out);
		if (out->options.format == OUT_JSON)
			fprintf(out->stream, "%s]%s\n", out->rows ? "\n" : "",
				out->name ? "}" : "");
	}
	if (fflush(out->stream))
		out_error(out, -errno);
	if (ferror(out->stream))
		out_error(out, -EIO);
	r = out->error;
	out_free(out);
	return r;
}

static unsigned int terminal_size(const char *variable, bool lines)
{
	const char *text = getenv(variable);
	struct winsize size = {};
	unsigned long n;
	char *end;

	if (text && *text >= '0' && *text <= '9') {
		n = strtoul(text, &end, 10);
		if (!*end && n > 0 && n <= 10000)
			return n;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return lines ? size.ws_row : size.ws_col;
}

unsigned int out_width(void)
{
	return terminal_size("COLUMNS", false);
}

unsigned int out_height(void)
{
	return terminal_size("LINES", true);
}

const char *out_si(double value, char buf[OUT_SI_SIZE])
{
	static const char prefixes[] = " kMGTPE";
	unsigned int i = 0;
	int decimals;

	if (!(value > 0))
		value = 0;
	/* Compared with what would be printed: 999.7 is "1k", not "1000". */
	while (value >= 999.5 && i < sizeof(prefixes) - 2) {
		value /= 1000;
		i++;
	}
	decimals = !i ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	snprintf(buf, OUT_SI_SIZE, "%.*f", decimals, value);
	if (decimals) { /* no zeros at the end */
		char *end = buf + strlen(buf) - 1;

		while (*end == '0')
			*end-- = 0;
		if (*end == '.')
			*end = 0;
	}
	if (i)
		strncat(buf, &prefixes[i], 1);
	return buf;
}

const char *out_time(uint64_t ns, char buf[OUT_TIME_SIZE])
{
	time_t seconds = ns / 1000000000;
	struct tm tm = {};
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(buf, OUT_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, OUT_TIME_SIZE - n, ".%03uZ", (unsigned int)(ns / 1000000 % 1000));
	return buf;
}
