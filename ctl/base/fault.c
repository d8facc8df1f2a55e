/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fault.c - faults, and how they are printed. */
#include <errno.h>
#include <string.h>

#include "util.h"

#define WORD_LIMIT 80	/* bytes of one word in a message: longer ones are cut in the middle */
#define BEFORE_LIMIT 48 /* bytes of the source line shown before and after the word */
#define AFTER_LIMIT 32
#define INDENT "        "

/* The first "keep" bytes of text at most, but no half character. */
static size_t head_len(const char *text, size_t keep)
{
	while (keep && ((unsigned char)text[keep] & 0xc0) == 0x80)
		keep--;
	return keep;
}

/* The last "keep" bytes of text at most, but no half character. */
static size_t tail_len(const char *text, size_t len, size_t keep)
{
	while (keep && ((unsigned char)text[len - keep] & 0xc0) == 0x80)
		keep--;
	return keep;
}

/* Copy len bytes, or both ends of them around "..." when more than limit. Returns the new end. */
static char *copy_short(char *to, const char *text, size_t len, size_t limit)
{
	size_t head, tail;

	if (len <= limit) {
		memcpy(to, text, len);
		return to + len;
	}
	head = head_len(text, (limit - 3) / 2);
	tail = tail_len(text, len, (limit - 3) / 2);
	memcpy(to, text, head);
	memcpy(to + head, "...", 3);
	memcpy(to + head + 3, text + len - tail, tail);
	return to + head + 3 + tail;
}

/* Format into a buffer of "size" bytes; words, and then the whole, are shortened to fit. */
static void format_short(char *to, size_t size, const char *format, va_list args)
{
	autofree char *full = text_format(format, args);
	char *end;

	if (!full) {
		*to = '\0';
		return;
	}
	/* In place: shortening never makes it longer. */
	end = full;
	for (const char *p = full; *p;) {
		size_t word = strcspn(p, " \t\n");

		if (word <= WORD_LIMIT) {
			memmove(end, p, word);
			end += word;
		} else {
			char part[WORD_LIMIT];
			size_t len = (size_t)(copy_short(part, p, word, WORD_LIMIT) - part);

			memcpy(end, part, len);
			end += len;
		}
		p += word;
		if (*p)
			*end++ = *p++;
	}
	*copy_short(to, full, (size_t)(end - full), size - 1) = '\0';
}

int fault_set(struct fault *fault, int error, enum exit_code code, const char *format, ...)
{
	va_list args;

	if (!fault)
		return error;
	fault->code = code;
	fault->hint[0] = '\0';
	free(take_ptr(fault->source));
	va_start(args, format);
	format_short(fault->message, sizeof(fault->message), format, args);
	va_end(args);
	return error;
}

void fault_hint(struct fault *fault, const char *format, ...)
{
	va_list args;

	if (!fault)
		return;
	va_start(args, format);
	format_short(fault->hint, sizeof(fault->hint), format, args);
	va_end(args);
}

void fault_clear(struct fault *fault)
{
	if (!fault)
		return;
	free(fault->source);
	*fault = (struct fault){};
}

/* Print len bytes escaped; tabs as one blank. Returns the columns taken. */
static unsigned int print_escaped(FILE *out, const char *bytes, size_t len)
{
	autofree char *flat = malloc(len + 1);
	autofree char *text = NULL;
	unsigned int columns = 0;

	if (!flat)
		return 0;
	for (size_t i = 0; i < len; i++)
		flat[i] = bytes[i] == '\t' ? ' ' : bytes[i];
	text = text_escape(flat, len);
	if (!text)
		return 0;
	fputs(text, out);
	for (const char *p = text; *p; p++)
		columns += ((unsigned char)*p & 0xc0) != 0x80;
	return columns;
}

/* The source line, shortened around the word, and carets under the word. */
static void print_source(FILE *out, const struct fault *fault)
{
	const char *source = fault->source;
	size_t len = strlen(source);
	size_t column = MIN(fault->column, len);
	size_t width = MIN(fault->width, len - column);
	size_t before = tail_len(source, column, MIN(column, BEFORE_LIMIT));
	size_t after = len - column - width;
	char word[WORD_LIMIT];
	unsigned int at = 0, carets;

	fputs(INDENT, out);
	if (before < column) {
		fputs("...", out);
		at += 3;
	}
	at += print_escaped(out, source + column - before, before);
	carets = print_escaped(
		out, word, (size_t)(copy_short(word, source + column, width, WORD_LIMIT) - word));
	if (after > AFTER_LIMIT) {
		print_escaped(out, source + column + width,
			      head_len(source + column + width, AFTER_LIMIT));
		fputs("...", out);
	} else {
		print_escaped(out, source + column + width, after);
	}
	fprintf(out, "\n" INDENT "%*s", (int)at, "");
	for (unsigned int i = 0; i < MAX(carets, 1U); i++)
		fputc('^', out);
	fputc('\n', out);
}

static enum exit_code code_of_errno(int error)
{
	switch (abs(error)) {
	case EPERM:
	case EACCES:
		return EXIT_PRIVILEGE;
	case ENOENT:
	case ENODEV:
		return EXIT_MISSING;
	case EINVAL:
		return EXIT_USAGE;
	default:
		return EXIT_REFUSED;
	}
}

/* Everything fail() prints, to one buffer, so that it reaches the terminal in one piece. */
static void print_fault(FILE *out, int error, const char *command, const struct fault *fault)
{
	const char *message = fault_is_set(fault) ? fault->message : strerror(abs(error));

	fputs("netctl: ", out);
	if (command && command[0])
		fprintf(out, "%s: ", command);
	if (fault && fault->file) {
		print_escaped(out, fault->file, strlen(fault->file));
		if (fault->line)
			fprintf(out, ":%u", fault->line);
		fputs(": ", out);
	}
	print_escaped(out, message, strlen(message));
	fputc('\n', out);
	if (fault && fault->source)
		print_source(out, fault);
	if (fault && fault->hint[0]) {
		fputs(INDENT, out);
		print_escaped(out, fault->hint, strlen(fault->hint));
		fputc('\n', out);
	}
}

int fail(int error, const char *command, struct fault *fault)
{
	enum exit_code code = fault && fault->code ? fault->code : code_of_errno(error);
	autofree char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		print_fault(out, error, command, fault);
		fclose(out);
		fflush(stdout);
		fputs(text, stderr);
	} else {
		fputs("netctl: out of memory\n", stderr);
	}
	if (fault)
		free(take_ptr(fault->source));
	return (int)code;
}

void note(const char *format, ...)
{
	autofree char *plain = NULL;
	autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	plain = text_format(format, args);
	va_end(args);
	text = plain ? text_escape(plain, strlen(plain)) : NULL;
	if (text)
		fprintf(stderr, "netctl: note: %s\n", text);
}
