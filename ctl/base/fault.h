/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fault.h - why a function failed, for people, and how a command says so. */
#ifndef NETCTL_FAULT_H
#define NETCTL_FAULT_H

#include <stdbool.h>

/* Exit codes, documented in netctl.8. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,   /* refused or failed */
	EXIT_USAGE = 2,	    /* wrong usage, or a rule or value that does not parse */
	EXIT_MISSING = 3,   /* no such interface, rule, set or namespace; not attached */
	EXIT_PRIVILEGE = 4, /* a capability is missing */
	EXIT_UNSAFE = 5,    /* the state directory is not safe to use */
};

/*
 * Why a function failed, for people. A function that fails and has more to say than its -errno fills one in;
 * only cmd_*.c and main.c print it, through fail(). "code" is the exit code; 0 lets fail() choose by errno.
 */
struct fault {
	enum exit_code code;
	char message[512];   /* one line, names what the user typed; may hold any bytes: fail() escapes them */
	char hint[256];	     /* how to mend it, or "" */
	char *source;	     /* the text a caret points into, or NULL; freed by fail() */
	const char *file;    /* name of the file source is a line of, or NULL; not owned */
	unsigned int line;   /* of the file, from 1; 0: the file has no lines */
	unsigned int column; /* first byte of the word in source, from 0 */
	unsigned int width;  /* bytes of the word */
};

/* Fill *fault (may be NULL) and return error (a negative errno), so that "return fault_set(...)" reads well. */
int fault_set(struct fault *fault, int error, enum exit_code code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void fault_hint(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* It says why already. Never of NULL. */
static inline bool fault_is_set(const struct fault *fault)
{
	return fault && fault->message[0];
}

/* For a caller that goes on all the same: the next failure would be reported as this one. */
void fault_clear(struct fault *fault);

/* Print the one message of a failed command on stderr and return its exit code. */
int fail(int error, const char *command, struct fault *fault);

/* A line on stderr that is no failure: "netctl: note: ...". */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
