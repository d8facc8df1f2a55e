/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* native_account.c - adds up entries and counters of the flow table. */
#include "native_account.h"

static bool whole(__u64 packets, __u64 bytes)
{
	return bytes == packets * ACCOUNT_BYTES;
}

bool account_now(const struct flow_id *id, const struct flow_state *s,
		 const struct flow_more *more, struct account *to)
{
	bool ok = !(PENDING_INC(s->pending) & 1) &&
		  whole(PENDING_PACKETS(s->pending), PENDING_BYTES(s->pending));

	to->live[JUDGED_VERDICT(id->judged)] += PENDING_PACKETS(s->pending);
	to->rules[s->rule % RULE_SLOTS] += PENDING_PACKETS(s->pending);
	if (!(id->more & MORE_FOLDED))
		return ok;
	to->live[VERDICT_PASS] += more->passed.packets;
	to->live[VERDICT_DROP] += more->dropped.packets;
	return ok && whole(more->passed.packets, more->passed.bytes) &&
	       whole(more->dropped.packets, more->dropped.bytes);
}

bool account_then(const struct flow_id *id, const struct flow_state *s,
		  const struct flow_more *more, __u32 epoch, struct account *to)
{
	if (s->epoch != epoch)
		return account_now(id, s, more, to);
	if (!(id->more & MORE_IMAGE))
		return true; /* newer */
	if (id->more & MORE_FOLDED) {
		to->live[VERDICT_PASS] += more->passed.packets;
		to->live[VERDICT_DROP] += more->dropped.packets;
	}
	if (!(id->more & MORE_IMAGE_FOLDED))
		to->live[!!(id->more & MORE_IMAGE_DROP)] += PENDING_PACKETS(more->image);
	to->rules[more->image_rule % RULE_SLOTS] += PENDING_PACKETS(more->image);
	return whole(PENDING_PACKETS(more->image), PENDING_BYTES(more->image));
}

bool account_half(const struct totals *totals, const struct halves *closed, int half,
		  struct account *to)
{
	const struct totals_half *t = &totals->half[half];
	bool ok = true;

	to->seen[VERDICT_PASS] += t->seen[REASON_OK].packets;
	to->seen[VERDICT_DROP] += t->seen[REASON_RULE].packets + t->seen[REASON_LIMIT].packets;
	for (int v = 0; v < VERDICTS; v++) {
		to->closed[v] += t->closed[v].packets;
		ok &= whole(t->closed[v].packets, t->closed[v].bytes);
	}
	for (int i = 0; i < RULE_SLOTS; i++)
		to->rules[i] += closed[i].half[half].packets;
	return ok;
}

bool account_balances(const struct account *a)
{
	for (int v = 0; v < VERDICTS; v++)
		if (a->live[v] + a->closed[v] != a->seen[v])
			return false;
	return true;
}

bool account_closes(const struct account *a)
{
	__u64 rules = 0, seen = 0;

	for (int v = 0; v < VERDICTS; v++)
		seen += a->seen[v];
	for (int i = 0; i < RULE_SLOTS; i++)
		rules += a->rules[i];
	return account_balances(a) && rules == seen;
}

bool account_is_of(const struct account *a, const __u64 over[VERDICTS])
{
	__u64 more = 0;

	for (int v = 0; v < VERDICTS; v++) {
		if (a->seen[v] < over[v])
			return false;
		more += a->seen[v] - over[v];
	}
	return more <= 1;
}
