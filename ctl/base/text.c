/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text.c - text made fit for a terminal. */
#include <stdio.h>
#include <string.h>

#include "util.h"

/* Bytes of the UTF-8 character at p that may be shown as it is, or 0. */
static size_t utf8_shown(const unsigned char *p, size_t left)
{
	uint32_t code = p[0];
	size_t size = code < 0x80 ? 1 : code < 0xc2 ? 0 : code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4;

	if (code < 0x20 || code == 0x7f || code > 0xf4 || size == 0 || size > left)
		return 0;
	if (size == 1)
		return 1;
	code &= 0x7f >> size;
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < 0xa0 || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0; /* C1 controls, surrogates */
	if ((size == 3 && code < 0x800) || (size == 4 && code < 0x10000))
		return 0; /* overlong */
	/* Bidirectional controls and line separators: what is shown would not be what is there. */
	if (code == 0x61c || code == 0x200e || code == 0x200f || code == 0xfeff ||
	    (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
		return 0;
	return size;
}

char *text_escape(const char *bytes, size_t len)
{
	const unsigned char *p = (const unsigned char *)bytes;
	char *text = malloc(4 * len + 1);
	size_t at = 0;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len;) {
		size_t size = utf8_shown(p + i, len - i);

		if (size) {
			memcpy(text + at, p + i, size);
			at += size;
			i += size;
		} else {
			at += (size_t)sprintf(text + at, "\\x%02x", p[i++]);
		}
	}
	text[at] = '\0';
	return text;
}

char *text_format(const char *format, va_list args)
{
	char *text = NULL;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

char *text_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_format(format, args);
	va_end(args);
	return text;
}

bool text_close(FILE *stream, bool good, char **text)
{
	good = stream && !fclose(stream) && good;
	if (!good)
		free(take_ptr(*text));
	return good;
}
