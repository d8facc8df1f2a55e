/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fragment_oracle.c - the fragments of a datagram, said as plainly as can be. */
#include "fragment_oracle.h"

void fragment_oracle_saw(struct fragment_oracle *o, enum hook_id hook, const struct native *n)
{
	o->seen[hook] = (n->packet.id.kind & (KIND_FIRST | KIND_LATER)) == KIND_FIRST;
	if (o->seen[hook])
		o->first[hook] = *n;
}

void fragment_oracle_follow(const struct fragment_oracle *o, enum hook_id hook, struct native *n,
			    bool *ret_charged)
{
	const struct native *first = &o->first[hook];
	const uint8_t kinds = KIND_PORTS | KIND_HIDDEN | KIND_BLIND | KIND_BEYOND;
	struct flow_id *id = &n->packet.id;
	bool later = (id->kind & (KIND_LATER | KIND_HIDDEN)) == KIND_LATER;

	*ret_charged = false;
	if (!later || !o->seen[hook])
		return;
	id->sport = first->packet.id.sport;
	id->dport = first->packet.id.dport;
	id->tags = (id->tags & ~0xffU) | ID_PROTO(first->packet.id.tags);
	id->kind = (uint8_t)((id->kind & ~kinds) | (first->packet.id.kind & kinds));
	if (!n->answer.unsure)
		return;
	n->answer.unsure = n->answer.limited = false;
	n->answer.verdict = first->answer.verdict;
	n->answer.slot = first->answer.slot;
	*ret_charged = first->answer.limited && first->answer.verdict == VERDICT_PASS;
	native_reason(n);
}
