/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native.c - runs the shared parser over bytes in memory and says what flow and reason must follow.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/parse/cursor_native.h"
#include "../../bpf/parse/parse.h"
#include "native.h"

static const enum verdict verdicts[] = {
#define X(id, verdict, name, text) [REASON_##id] = VERDICT_##verdict,
	NETCTL_REASONS(X)
#undef X
};

enum verdict reason_verdict(enum reason reason)
{
	return verdicts[reason];
}

static uint64_t ether_at(const uint8_t *at)
{
	uint64_t address = 0;

	for (int i = 0; i < 6; i++)
		address = address << 8 | at[i];
	return address;
}

void native_parse(const uint8_t *bytes, size_t len, enum hook_id hook, int family, uint32_t ifindex,
		  uint32_t mark, struct native *ret)
{
	struct cursor c = {.data = bytes, .length = len};
	uint16_t type = net16(family == 4 ? ETH_P_IP : ETH_P_IPV6);

	memset(ret, 0, sizeof(*ret));
	if (hook != HOOK_NF && len >= 12) {
		ret->envelope.number[NUMBER_ETHER_DST] = ether_at(bytes);
		ret->envelope.number[NUMBER_ETHER_SRC] = ether_at(bytes + 6);
	}
	if (hook != HOOK_XDP)
		ret->envelope.number[NUMBER_MARK] = mark;
	ret->packet.id.ifindex = ifindex;
	ret->parsed = hook == HOOK_NF ? parse_network(&c, 0, type, &ret->packet)
				      : parse_frame(&c, 0, &ret->packet);
	ret->reason = ret->parsed;
}

void native_parse_bare(const uint8_t *bytes, size_t len, enum hook_id hook, int family,
		       uint32_t ifindex, uint32_t mark, struct native *ret)
{
	native_parse(bytes, len, HOOK_NF, family, ifindex, hook == HOOK_XDP ? 0 : mark, ret);
	ret->packet.bare = 1;
}

void native_judge(const struct ruleset *rules, enum hook_id hook, struct native *n)
{
	oracle_ask(rules, &n->packet, &n->envelope, hook, &n->answer);
	native_reason(n);
}

void native_reason(struct native *n)
{
	bool drops = n->answer.verdict == VERDICT_DROP;

	if (n->answer.unsure && n->parsed == REASON_FRAGMENT)
		n->reason = drops ? REASON_EARLY_DROP : REASON_EARLY;
	else if (n->answer.unsure)
		n->reason = n->parsed == REASON_TINY   ? REASON_TINY_DROP
			    : n->parsed == REASON_TAGS ? REASON_TAGS_DROP
						       : REASON_EXT_DROP;
	else if (drops)
		n->reason = n->answer.slot ? REASON_RULE : REASON_POLICY;
	else
		n->reason = n->parsed;
}

void native_flow(const struct packet *p, enum hook_id hook, struct flow *ret)
{
	*ret = (struct flow){
		.hook = hook,
		.ifindex = p->id.ifindex,
		.family = p->id.kind & KIND_IP4	  ? 4
			  : p->id.kind & KIND_IP6 ? 6
						  : 0,
		.protocol = ID_PROTO(p->id.tags),
		.outer = ID_OUTER(p->id.tags),
		.inner = ID_INNER(p->id.tags),
		.sport = net16(p->id.sport),
		.dport = net16(p->id.dport),
		.tcp_flags = p->tcp_flags,
	};
	if (packet_is_ip6(p)) {
		ret->src = (struct addr6){net64(p->src6[0]), net64(p->src6[1])};
		ret->dst = (struct addr6){net64(p->dst6[0]), net64(p->dst6[1])};
	} else {
		ret->src.lo = net32(p->src4);
		ret->dst.lo = net32(p->dst4);
	}
}

bool flow_same(const struct flow *a, const struct flow *b)
{
	return a->hook == b->hook && a->ifindex == b->ifindex && a->family == b->family &&
	       a->protocol == b->protocol && a->outer == b->outer && a->inner == b->inner &&
	       a->src.hi == b->src.hi && a->src.lo == b->src.lo && a->dst.hi == b->dst.hi &&
	       a->dst.lo == b->dst.lo && a->sport == b->sport && a->dport == b->dport;
}

static void end_text(uint8_t family, const struct addr6 *a, char *text, size_t size)
{
	uint64_t wide[2] = {net64(a->hi), net64(a->lo)};
	uint32_t narrow = net32((uint32_t)a->lo);

	if (family == 6)
		inet_ntop(AF_INET6, wide, text, size);
	else
		inet_ntop(AF_INET, &narrow, text, size);
}

void flow_text(const struct flow *f, char *text, size_t size)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN], vlan[32] = "";

	if (f->outer || f->inner)
		snprintf(vlan, sizeof(vlan), " vlan %u.%u", f->outer, f->inner);
	if (!f->family) {
		snprintf(text, size, "other 0x%04x%s", f->dport, vlan);
		return;
	}
	end_text(f->family, &f->src, src, sizeof(src));
	end_text(f->family, &f->dst, dst, sizeof(dst));
	snprintf(text, size, "%u [%s]:%u [%s]:%u%s", f->protocol, src, f->sport, dst, f->dport,
		 vlan);
}
