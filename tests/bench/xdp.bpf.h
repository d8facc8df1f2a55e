/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* xdp.bpf.h - the programs to measure at XDP; the includer has defined BENCH_NEXT: see bench.bpf.h. */
#ifndef NETCTL_TESTS_XDP_BPF_H
#define NETCTL_TESTS_XDP_BPF_H

#include "../../bpf/parse/network_offset.bpf.h"
#include "../../xdp/length.bpf.h"
#include "../../xdp/read.bpf.h"

#define BENCH_SECTION "xdp.frags"
#define BENCH_CONTEXT struct xdp_md
#define BENCH_READ(ctx, p, wire) read_xdp(ctx, tag_before(ctx), p, wire)
#define BENCH_LOOK look_xdp
#define BENCH_PASS XDP_PASS
#define BENCH_DROP XDP_DROP
#include "bench.bpf.h"

#endif
