/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversation_join.c - what interfaces that stand on each other saw of the same packets becomes one row. */
#include <linux/if_ether.h>

#include "../base/array.h"
#include "conversation_join.h"
#include "conversation_merge.h"

#define DEEPEST 16 /* interfaces on each other; the kernel nests 8 */
/* ---- which rows are the same packets ---- */

/* What is next below "upper" on the way to "lower", or NULL. */
static const struct stack_iface *step_down(const struct stack *stack, uint32_t upper,
					   uint32_t lower)
{
	const struct stack_pair *below;
	size_t count = stack_lowers(stack, upper, &below);

	for (size_t i = 0; i < count; i++)
		if (below[i].direct &&
		    (below[i].lower == lower || stack_is_above(stack, below[i].lower, lower)))
			return stack_find(stack, below[i].lower);
	return NULL;
}

/* Something that goes to all of a group, or of a link: several interfaces may have a copy each. */
static bool has_copies(uint8_t family, const struct addr6 *to)
{
	return !family ||
	       (family == 6 ? to->hi >> 56 == 0xff : to->lo >> 28 == 0xe || to->lo == UINT32_MAX);
}

/*
 * A device may take the tag off what it receives before XDP sees it. Then it is there in what is sent alone; where
 * both are without it, or it goes to all of a link, it is another packet.
 */
static bool tag_taken_off(const struct conversation *lower, uint16_t outer, uint16_t inner)
{
	return outer && lower->outer == inner && !lower->inner && !lower->seen[HOOK_TC] &&
	       !has_copies(lower->family, &lower->local);
}

/* On the way down each VLAN puts its tag around those there are; a bridge that filters VLANs puts any. */
static bool tags_fit(const struct stack *stack, const struct conversation *upper,
		     const struct conversation *lower)
{
	const struct stack_iface *at = stack_find(stack, upper->ifindex);
	uint16_t outer = upper->outer, inner = upper->inner;
	bool any = false;

	for (int depth = 0; at && at->index != lower->ifindex && depth < DEEPEST; depth++) {
		any |= at->retags;
		if (at->vlan) {
			inner = outer;
			outer = at->vlan;
		}
		at = step_down(stack, at->index, lower->ifindex);
	}
	return any || (outer == lower->outer && inner == lower->inner) ||
	       tag_taken_off(lower, outer, inner);
}

static bool is_below(const struct surroundings *around, const struct conversation *lower,
		     const struct conversation *upper)
{
	return stack_is_above(around->stack, upper->ifindex, lower->ifindex) &&
	       tags_fit(around->stack, upper, lower);
}

static bool only_output(const struct conversation *c)
{
	return !c->seen[HOOK_XDP] && !c->seen[HOOK_TC];
}

/* OUTPUT sees a packet before a mark may send it by another interface. */
static bool was_rerouted(const struct conversation *a, const struct conversation *b)
{
	return a->ifindex != b->ifindex && only_output(a) && b->seen[HOOK_TC] &&
	       !has_copies(a->family, &a->peer);
}

static bool same_packets(const struct surroundings *around, const struct conversation *a,
			 const struct conversation *b)
{
	return is_below(around, a, b) || is_below(around, b, a) || was_rerouted(a, b) ||
	       was_rerouted(b, a);
}

/* ---- one row of several ---- */

/* A row that becomes part of another, and on how many of these it stands. */
struct member {
	struct conversation *row;
	size_t depth, group;
};

/* The lowest first, as its packets are on the wire; what OUTPUT alone saw is on the way to it. */
static int compare_members(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;

	return COMPARE(a->group, b->group) ?: COMPARE(a->depth, b->depth) ?:
	       COMPARE(only_output(a->row), only_output(b->row)) ?:
	       COMPARE(b->row->outer != 0, a->row->outer != 0) ?:
	       conversation_compare(a->row, b->row);
}

static void take_most(struct tally *most, const struct tally *t)
{
	most->passed.packets = MAX(most->passed.packets, t->passed.packets);
	most->passed.bytes = MAX(most->passed.bytes, t->passed.bytes);
	most->dropped.packets = MAX(most->dropped.packets, t->dropped.packets);
	most->dropped.bytes = MAX(most->dropped.bytes, t->dropped.bytes);
}

/* What a hook counted at members that are equally deep, in frames of the lowest. */
static struct tally at_depth(const struct member *m, size_t count, enum hook_id hook, bool copies,
			     const struct conversation *lowest)
{
	struct tally sum = {};

	for (size_t i = 0; i < count; i++) {
		const struct tally t = tally_as(&m[i].row->hook[hook], m[i].row, lowest);

		if (copies)
			take_most(&sum, &t);
		else
			tally_add(&sum, &t);
	}
	return sum;
}

/* From the lowest up. */
static struct tally received(const struct member *m, size_t count)
{
	const bool copies = has_copies(m->row->family, &m->row->local);
	struct tally all = {};

	for (size_t i = 0, end; i < count; i = end) {
		struct tally here;

		for (end = i; end < count && m[end].depth == m[i].depth; end++)
			;
		here = at_depth(m + i, end - i, HOOK_XDP, copies && i, m->row);
		all = tally_then(&all, &here);
	}
	return all;
}

/* From the highest down. */
static struct tally left(const struct member *m, size_t count)
{
	struct tally all = {};

	for (size_t end = count, i; end; end = i) {
		struct tally here;

		for (i = end; i && m[i - 1].depth == m[end - 1].depth; i--)
			;
		here = at_depth(m + i, end - i, HOOK_TC, false, m->row);
		all = tally_then(&all, &here);
	}
	return all;
}

/* TC has been there from the row's first packet at OUTPUT on: it sees what passes there. */
static bool is_at_tc(const struct surroundings *around, const struct conversation *c)
{
	for (size_t i = 0; i < around->count; i++)
		if (around->attached[i].hook == HOOK_TC &&
		    around->attached[i].ifindex == c->ifindex)
			return around->attached[i].since <= c->hook_first[HOOK_NF];
	return false;
}

/*
 * What passed OUTPUT is TC's to count, where that is attached: it may be lost between them. Of a flow that is older, or
 * that TC left, OUTPUT's count stands as well: it would fall, or stand still.
 */
static struct tally put_out(const struct member *m, size_t count, const struct surroundings *around)
{
	struct tally sum = {};

	for (size_t i = 0; i < count; i++) {
		const struct tally *tc = &m[i].row->hook[HOOK_TC];
		struct tally t = m[i].row->hook[HOOK_NF];

		/* What TC drops of it is taken away in frames: OUTPUT counts without their headers. */
		if (is_at_tc(around, m[i].row))
			t.passed = (struct count){};
		else
			t.passed.bytes += tc->dropped.packets * ETH_HLEN;
		tally_add(&sum, &t);
	}
	return sum;
}

/* The lowest row becomes all of them, and the others nothing. */
static void add_up(const struct member *m, size_t count, const struct surroundings *around)
{
	const struct tally output = put_out(m, count, around), tc = left(m, count);
	struct conversation *c = m->row;
	const struct tally rx = received(m, count);

	c->path_count = 1;
	for (size_t i = 1; i < count; i++) {
		conversation_take(c, m[i].row);
		conversation_take_hooks(c, m[i].row);
		if (c->path_count < PATH_MOST && !conversation_saw(c, m[i].row->ifindex))
			c->path[c->path_count++] = m[i].row->ifindex;
		m[i].row->path_count = 0;
	}
	c->path_side = c->path_count;
	c->rx = rx;
	c->tx = tally_then(&output, &tc);
	c->sent = c->seen[HOOK_TC] || tally_sum(&output).packets;
	c->sent_hook =
		c->seen[HOOK_TC] && tc.passed.packets >= output.passed.packets ? HOOK_TC : HOOK_NF;
	/* What OUTPUT alone saw, and passed to TC, is no row. */
	if (!c->sent && !c->seen[HOOK_XDP])
		c->path_count = 0;
}

/* Members of one group. */
static void join_group(struct member *m, size_t count, const struct surroundings *around)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			m[i].depth += is_below(around, m[j].row, m[i].row);
	qsort(m, count, sizeof(*m), compare_members);
	add_up(m, count, around);
}

/* Groups of rows that are the same packets, each with one of those before it at least. */
static void find_groups(struct member *m, size_t count, const struct surroundings *around)
{
	for (size_t i = 0; i < count; i++) {
		m[i].group = i;
		for (size_t j = 0; j < i; j++) {
			const size_t joined = m[j].group;

			if (joined == m[i].group || !same_packets(around, m[i].row, m[j].row))
				continue;
			for (size_t k = 0; k <= i; k++)
				if (m[k].group == joined)
					m[k].group = m[i].group;
		}
	}
	qsort(m, count, sizeof(*m), compare_members);
}

/* Rows between the same ends. */
static void join_rows(struct conversation *rows, size_t count, struct member *m,
		      const struct surroundings *around)
{
	for (size_t i = 0; i < count; i++)
		m[i] = (struct member){ .row = &rows[i] };
	if (count > 1)
		find_groups(m, count, around);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && m[end].group == m[i].group; end++)
			;
		join_group(m + i, end - i, around);
	}
}

int conversations_join(struct conversation *list, size_t *count, const struct surroundings *around)
{
	autofree struct member *members = NULL;
	size_t room = 0;

	for (size_t i = 0, end; i < *count; i = end) {
		int r;

		for (end = i; end < *count && !conversation_compare_ends(&list[i], &list[end]);
		     end++)
			;
		r = array_reserve(members, 0, end - i, &room);
		if (r < 0)
			return r;
		join_rows(&list[i], end - i, members, around);
	}
	conversations_clean(list, count);
	return 0;
}
