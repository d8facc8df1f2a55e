/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * out.h - how a command shows rows: it names its columns once and fills each row once, and the user
 * gets an aligned table, one JSON document or one JSON object a line.
 *
 *	static const struct out_column columns[] = {
 *		{ .title = "IFACE", .key = "iface", .trunc = true },
 *		{ .title = "PACKETS", .key = "packets", .right = true },
 *	};
 *	out_begin(&options, "interfaces", columns, ARRAY_SIZE(columns), &out);
 *	out_row(out);
 *	out_text(out, 0, iface.name);
 *	out_number(out, 1, count.packets);
 *	return out_end(out);
 *
 * The first failure (no memory, a full disk) sticks and is what out_end() returns.
 */
#ifndef NETCTL_OUT_H
#define NETCTL_OUT_H

#include <stdio.h>
#include <jansson.h>

#include "util.h"

enum out_format {
	OUT_TABLE,
	OUT_JSON,   /* {"meta":{...},"NAME":[...]}, one row a line */
	OUT_NDJSON, /* one row a line and nothing else */
};

struct out_options {
	enum out_format format;
	bool no_header;
	bool no_trunc;
	unsigned int width; /* of the terminal, see out_width(); 0: no limit */
	FILE *stream;	    /* NULL: stdout */
};

struct out_column {
	const char *title;	/* of the table; NULL: only in JSON */
	const char *key;	/* member in JSON; NULL: only in the table */
	bool right;		/* numbers */
	bool trunc;		/* may be cut where the table is wider than the terminal */
	unsigned int min_width; /* shown in tables from this terminal width on */
};

struct out;

/*
 * name: of the list in the JSON object; NULL makes the document a bare list. columns must outlive
 * *ret.
 */
int out_begin(const struct out_options *options, const char *name, const struct out_column *columns,
	      size_t count, struct out **ret);

/* Facts about the whole list, for OUT_JSON; before the first row. Takes the reference. */
void out_meta(struct out *out, json_t *meta);

/* Begin a row. A cell nobody fills is empty in the table and null in JSON. */
void out_row(struct out *out);

/* Bytes of any kind, escaped; NULL: "-" and null. */
void out_text(struct out *out, size_t column, const char *text);
void out_number(struct out *out, size_t column, uint64_t number);

/* One side alone, for cells that read differently to people and to programs. */
void out_shown(struct out *out, size_t column, const char *text);
void out_json(struct out *out, size_t column, json_t *value); /* takes the reference */

/* A line below the table; not in JSON. */
void out_footer(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print what is not printed yet, free everything. */
int out_end(struct out *out);

/*
 * JSON string of any bytes, escaped; NULL for NULL (which jansson's setters refuse) only without
 * memory.
 */
json_t *out_string(const char *text);

/* Columns of the terminal on stdout, or $COLUMNS; 0 when there is neither. And its lines. */
unsigned int out_width(void);
unsigned int out_height(void);

/* Three digits and a decimal prefix: "999", "1.04M", "98k". */
#define OUT_SI_SIZE 16
const char *out_si(double value, char buf[OUT_SI_SIZE]);

/* RFC 3339, UTC, milliseconds; of nanoseconds since 1970. */
#define OUT_TIME_SIZE 32
const char *out_time(uint64_t ns, char buf[OUT_TIME_SIZE]);

#endif
