// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_xdp.bpf.c - XDP for "make bench". */
#define BENCH_NEXT next_flow
#include "xdp.bpf.h"
