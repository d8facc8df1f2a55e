/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* privilege.h - which capabilities this process lacks, and the message that says so. */
#ifndef NETCTL_PRIVILEGE_H
#define NETCTL_PRIVILEGE_H

#include "util.h"

/* The kernel's last word is what counts: ask only to explain a refusal, or before leaving a trace. */
bool privilege_complete(void);

/*
 * For an -EPERM or -EACCES: "WHAT needs CAP_BPF, ...; missing: CAP_PERFMON", or, when none is missing, what else
 * forbids it. Returns error, exit code EXIT_PRIVILEGE.
 */
int privilege_fault(struct fault *fault, int error, const char *what);

#endif
