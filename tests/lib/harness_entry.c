/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* harness_entry.c - runs a frame through a program by each way that leads to a hook. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include <bpf/bpf.h>

#include "../../bpf/parse/tag_note.h"
#include "harness.h"

static const struct {
	enum hook_id hook;
	enum program_id program;
	const char *name;
} entries[] = {
#define X(id, hook, program, name) [ENTRY_##id] = { hook, program, name },
	ENTRIES(X)
#undef X
};

/* struct nf_hook_state as test runs read it: everything but the first two bytes must be zero. */
struct nf_state {
	uint8_t hook, pf;
	uint64_t rest[5];
};

enum hook_id entry_hook(enum entry entry)
{
	return entries[entry].hook;
}

const char *entry_name(enum entry entry)
{
	return entries[entry].name;
}

bool entry_is_bare(enum entry entry)
{
	return entry == ENTRY_XDP_BARE || entry == ENTRY_INGRESS_BARE || entry == ENTRY_TC_BARE;
}

static bool takes_skb(enum entry entry)
{
	return entry == ENTRY_TC || entry == ENTRY_TC_BARE || entry == ENTRY_INGRESS ||
	       entry == ENTRY_INGRESS_BARE;
}

static int to_verdict(enum entry entry, uint32_t value, enum verdict *ret)
{
	static const uint32_t pass[] = { XDP_PASS, (uint32_t)TCX_NEXT, NF_ACCEPT };
	static const uint32_t drop[] = { XDP_DROP, TC_ACT_SHOT, NF_DROP };
	/* What tcx ingress stands in for is XDP, but it answers like TC. */
	int i = takes_skb(entry) ? HOOK_TC : entry_hook(entry);

	if (value != pass[i] && value != drop[i])
		return -EPROTO;
	*ret = value == pass[i] ? VERDICT_PASS : VERDICT_DROP;
	return 0;
}

/* Test runs of an skb begin with an Ethernet header; its type becomes the skb's protocol. */
static size_t put_header(int family, const void *bytes, size_t len, uint8_t *ret)
{
	struct ethhdr eth = { .h_proto = htons(family == 4 ? ETH_P_IP : ETH_P_IPV6) };

	memcpy(ret, &eth, sizeof(eth));
	memcpy(ret + sizeof(eth), bytes, len);
	return sizeof(eth) + len;
}

/* The first tag goes from the frame into a note before it, as netctl_front does. */
static size_t put_note(const uint8_t *bytes, size_t len, uint8_t *ret)
{
	struct tag_note note = { .magic = TAG_NOTE,
				 .tag = TAG_FOUND | bytes[14] << 8 | bytes[15] };

	memcpy(ret, &note, sizeof(note));
	memcpy(ret + sizeof(note), bytes, 12);
	memcpy(ret + sizeof(note) + 12, bytes + 16, len - 16);
	return sizeof(note) + len - 4;
}

int harness_repeat(struct harness *h, enum entry entry, int family, const void *bytes, size_t len,
		   unsigned int times, enum verdict *ret, uint32_t *ret_value)
{
	struct nf_state state = { .hook = NF_INET_LOCAL_OUT,
				  .pf = family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6 };
	/*
	 * The kernel takes the end of the data as that of the linear part; the rest goes to pages.
	 */
	struct __sk_buff skb = { .mark = h->mark };
	struct xdp_md xdp = { .data_end = entry == ENTRY_XDP_SPLIT ? MIN(len, 14) : 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = bytes, .data_size_in = len,
		    .repeat = times);
	uint8_t other[HARNESS_FRAME_MAX];
	int r;

	*ret_value = 0;
	if (entry == ENTRY_NF && h->mark)
		return harness_send(h, family, bytes, len, times, ret);
	if (entry == ENTRY_TC_BARE || entry == ENTRY_INGRESS_BARE || entry == ENTRY_XDP_NOTED) {
		if (len > sizeof(other) - sizeof(struct tag_note) - ETH_HLEN)
			return -E2BIG;
		opts.data_in = other;
		opts.data_size_in = entry == ENTRY_XDP_NOTED ? put_note(bytes, len, other) :
							       put_header(family, bytes, len, other);
	}
	if (entry == ENTRY_XDP_NOTED)
		xdp = (struct xdp_md){ .data = sizeof(struct tag_note), .data_end = opts.data_size_in };
	if (entry == ENTRY_XDP_SPLIT || entry == ENTRY_XDP_PAGED || entry == ENTRY_XDP_NOTED) {
		opts.ctx_in = &xdp;
		opts.ctx_size_in = sizeof(xdp);
	} else if (entry == ENTRY_NF) {
		opts.ctx_in = &state;
		opts.ctx_size_in = sizeof(state);
	} else if (takes_skb(entry)) {
		opts.ctx_in = &skb;
		opts.ctx_size_in = sizeof(skb);
	}
	r = bpf_prog_test_run_opts(h->hook[entry_hook(entry)].program[entries[entry].program], &opts);
	if (r < 0)
		return r;
	*ret_value = opts.retval;
	return to_verdict(entry, opts.retval, ret);
}

int harness_run(struct harness *h, enum entry entry, int family, const void *bytes, size_t len,
		enum verdict *ret, uint32_t *ret_value)
{
	return harness_repeat(h, entry, family, bytes, len, 1, ret, ret_value);
}
