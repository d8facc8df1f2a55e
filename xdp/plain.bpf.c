// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * plain.bpf.c - ingress, for kernels without BTF: nothing but what the kernel's own API promises.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define frame_length(ctx) bpf_xdp_get_buff_len(ctx)
#define network_offset(ctx) 0
#include "xdp.bpf.h"
