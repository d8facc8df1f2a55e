/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tag.bpf.h - takes the note of a tag from before the frame: nobody else is to see it. */
#ifndef NETCTL_TAG_BPF_H
#define NETCTL_TAG_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../bpf/parse/tag_note.h"

/* 0: there is none. Global, so that the verifier takes its answer for any. */
__noinline __u32 noted_tag(struct xdp_md *ctx)
{
	const struct tag_note *note = (const void *)(long)ctx->data_meta;
	__u32 tag;

	if ((const void *)(note + 1) > (const void *)(long)ctx->data || note->magic != TAG_NOTE)
		return 0;
	tag = note->tag;
	if (bpf_xdp_adjust_meta(ctx, sizeof(*note)))
		return 0;
	return tag;
}

/* Without a call where there is nothing at all. */
static __always_inline __u32 tag_before(struct xdp_md *ctx)
{
	return ctx->data_meta != ctx->data ? noted_tag(ctx) : 0;
}

#endif
