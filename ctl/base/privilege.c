/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* privilege.c - which capabilities this process lacks, and the message that says so. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/capability.h>

#include "privilege.h"

/* CAP_SYS_ADMIN stands in for both of the younger ones. */
static const struct needed {
	const char *name;
	uint64_t any_of;
} needed[] = {
	{"CAP_BPF", 1ULL << CAP_BPF | 1ULL << CAP_SYS_ADMIN},
	{"CAP_NET_ADMIN", 1ULL << CAP_NET_ADMIN},
	{"CAP_PERFMON", 1ULL << CAP_PERFMON | 1ULL << CAP_SYS_ADMIN},
};

static int effective(uint64_t *ret)
{
	FILE *status = fopen("/proc/self/status", "re");
	unsigned long long bits;
	char line[256];
	int r = -ENODATA;

	if (!status)
		return -errno;
	while (r && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %llx", &bits) == 1) {
			*ret = bits;
			r = 0;
		}
	fclose(status);
	return r;
}

/* The missing ones as "A, B"; "" when there are none or they are unknown. */
static void missing(char *text, size_t size)
{
	uint64_t have;

	text[0] = '\0';
	if (effective(&have) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!(have & needed[i].any_of)) {
			size_t len = strlen(text);

			snprintf(text + len, size - len, "%s%s", len ? ", " : "", needed[i].name);
		}
}

bool privilege_complete(void)
{
	char text[64];

	missing(text, sizeof(text));
	return !text[0];
}

int privilege_fault(struct fault *fault, int error, const char *what)
{
	char text[64];

	missing(text, sizeof(text));
	if (text[0]) {
		fault_set(fault, error, EXIT_PRIVILEGE,
			  "%s needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; missing: %s", what,
			  text);
		fault_hint(fault, "run it as root (sudo)");
		return error;
	}
	fault_set(fault, error, EXIT_PRIVILEGE,
		  "%s: the kernel does not permit it, although no capability is missing", what);
	fault_hint(fault,
		   "a security module (SELinux, AppArmor), kernel lockdown or a user namespace "
		   "can be the cause");
	return error;
}
