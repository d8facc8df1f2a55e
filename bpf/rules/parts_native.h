/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts_native.h - where a part of a large ruleset is in user space: behind the blob. */
#ifndef NETCTL_PARTS_NATIVE_H
#define NETCTL_PARTS_NATIVE_H

#include <stddef.h>

#include "../types.h"

typedef const char *parts_ref;

static inline parts_ref parts_of(const struct blob *blob)
{
	return (const char *)blob + BLOB_SIZE;
}

static inline const char *part_at(parts_ref parts, __u32 n)
{
	return parts + (size_t)n * PART_SIZE;
}

#endif
