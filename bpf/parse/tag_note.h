/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tag_note.h - the VLAN tag that a device took off a frame, as netctl_front found it: a note in the frame's metadata area for
 * the program behind.
 */
#ifndef NETCTL_TAG_NOTE_H
#define NETCTL_TAG_NOTE_H

#include <linux/types.h>

struct tag_note {
	__u32 magic;
	__u32 tag; /* TAG_FOUND | tag control information */
};

#define TAG_NOTE 0x6e637467
#define TAG_FOUND (1U << 31)

#endif
