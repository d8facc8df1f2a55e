/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.bpf.h - where a part of a large ruleset is: in a slot of the map of parts, from the one the blob names on. */
#ifndef NETCTL_PARTS_BPF_H
#define NETCTL_PARTS_BPF_H

#include "../maps.bpf.h"

typedef __u32 parts_ref;

static __always_inline parts_ref parts_of(const struct blob *blob)
{
	return blob->parts_slot;
}

/* NULL is for the verifier: a blob that has parts is put in force after them. */
static __always_inline const char *part_at(parts_ref parts, __u32 n)
{
	__u32 slot = parts + n, first = 0;
	void *map = bpf_map_lookup_elem(&netctl_parts, &slot);

	return map ? bpf_map_lookup_elem(map, &first) : NULL;
}

#endif
