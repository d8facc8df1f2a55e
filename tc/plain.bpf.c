// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * plain.bpf.c - egress, for kernels without BTF: nothing but what the kernel's own API promises.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define network_offset(ctx) 0
#include "tc.bpf.h"
