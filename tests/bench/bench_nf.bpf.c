// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bench_nf.bpf.c - OUTPUT for "make bench". */
#include "../../nf/read.bpf.h"

#define BENCH_SECTION "netfilter"
#define BENCH_CONTEXT struct bpf_nf_ctx
#define BENCH_READ read_output
#define BENCH_LOOK look_output
#define BENCH_PASS NF_ACCEPT
#define BENCH_DROP NF_DROP
#define BENCH_NEXT next_flow
#include "bench.bpf.h"
