// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tc.bpf.c - egress, for kernels with BTF. */
#include "../bpf/parse/network_offset.bpf.h"
#include "tc.bpf.h"
