// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_tc.bpf.c - TC egress for "make bench". */
#include "../../bpf/parse/network_offset.bpf.h"
#include "../../tc/read.bpf.h"

#define BENCH_SECTION "tcx/egress"
#define BENCH_CONTEXT struct __sk_buff
#define BENCH_READ(ctx, p, wire) read_skb(ctx, FRAMED, p, wire)
#define BENCH_LOOK look_skb
#define BENCH_PASS TCX_NEXT
#define BENCH_DROP TCX_DROP
#define BENCH_NEXT next_flow
#include "bench.bpf.h"
