/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text.h - text made fit for a terminal. */
#ifndef NETCTL_TEXT_H
#define NETCTL_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Text fit for a terminal and for JSON: every C0, C1 or DEL byte, invalid UTF-8 and bidirectional control
 * becomes \xNN (one per byte). The caller frees. NULL only without memory.
 */
char *text_escape(const char *bytes, size_t len);

/* The caller frees. NULL only without memory, where asprintf() leaves anything. */
char *text_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_format(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Close what open_memstream() has opened on *text. False, and no text, if that failed or what was written is not good. */
bool text_close(FILE *stream, bool good, char **text);

#endif
