/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* read.bpf.h - a frame at TC egress: read_skb(). */
#ifndef NETCTL_READ_BPF_H
#define NETCTL_READ_BPF_H

#include "../bpf/parse/cursor_ctx.bpf.h"
#define COUNT_ATOMIC 0 /* the transmit path runs with softirqs off */
#define COUNT_HOOK HOOK_TC
#include "../bpf/parse/parse.h"
#include "../bpf/parse/skb.bpf.h"

#endif
