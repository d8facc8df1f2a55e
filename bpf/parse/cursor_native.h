/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cursor_native.h - the parser's cursor over bytes in user memory: for the tests, and nothing else.
 */
#ifndef NETCTL_CURSOR_NATIVE_H
#define NETCTL_CURSOR_NATIVE_H

#include <string.h>
#include "../types.h"
#include "../order.h"

struct cursor {
	const __u8 *data;
	__u32 length;
	__u64 buf[5];
};

/* Always a copy: the bytes may stand at any alignment. */
static __always_inline const void *cursor_pull(struct cursor *c, __u32 off, __u32 size)
{
	if (off > c->length || size > c->length - off || size > sizeof(c->buf))
		return NULL;
	return memcpy(c->buf, c->data + off, size);
}

#endif
