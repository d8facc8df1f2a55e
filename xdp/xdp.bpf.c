// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* xdp.bpf.c - ingress, for kernels with BTF. */
#include "length.bpf.h"
#include "../bpf/parse/network_offset.bpf.h"
#include "xdp.bpf.h"
#include "front.bpf.h"
