/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * conversation_mirror.c - packets seen from two sides, with local and peer swapped: what is forwarded, and what leaves
 * one end of a wire and arrives at the other, are one row.
 */
#include "conversation_merge.h"
#include "conversation_mirror.h"

static struct conversation swapped(const struct conversation *c)
{
	struct conversation ends = *c;

	ends.local = c->peer;
	ends.peer = c->local;
	ends.local_port = c->peer_port;
	ends.peer_port = c->local_port;
	return ends;
}

/* Do frames that leave one arrive at the other? */
static bool is_wire(const struct surroundings *around, const struct conversation *a,
		    const struct conversation *b)
{
	for (size_t i = 0; i < a->path_side; i++)
		for (size_t j = 0; j < b->path_side; j++)
			if (stack_is_wire(around->stack, a->path[i], b->path[j]))
				return true;
	return false;
}

/* On one interface both may be there without being the same packets, but on loopback. */
static bool is_mirror(const struct surroundings *around, const struct conversation *a,
		      const struct conversation *b, bool alone)
{
	return is_wire(around, a, b) || (!alone && (a->ifindex != b->ifindex ||
						    a->outer != b->outer || a->inner != b->inner));
}

/* The row that shows the same packets from the other side, or NULL. */
static struct conversation *find_mirror(struct conversation *list, size_t count,
					const struct conversation *c, bool alone,
					const struct surroundings *around)
{
	const struct conversation ends = swapped(c);

	if (!c->family)
		return NULL;
	for (struct conversation *o = conversation_find_ends(list, count, &ends);
	     o && o < list + count && !conversation_compare_ends(o, &ends); o++)
		if (o != c && o->path_count && is_mirror(around, o, c, alone))
			return o;
	return NULL;
}

/* The first packet seen here left here. */
static bool leads(const struct conversation *c)
{
	return c->sent && c->sent_hook != HOOK_XDP &&
	       (!c->seen[HOOK_XDP] || c->hook_first[c->sent_hook] <= c->hook_first[HOOK_XDP]);
}

/*
 * Of two mirrored rows the one that leads stays. Within one tick of the clock both may: then the one whose
 * local side has the client's port, the greater one.
 */
static bool stays(const struct conversation *c, const struct conversation *mirror)
{
	if (leads(c) != leads(mirror))
		return leads(c);
	if (c->local_port != c->peer_port)
		return c->local_port > c->peer_port;
	return c->ifindex != mirror->ifindex ? c->ifindex < mirror->ifindex
					     : conversation_compare(c, mirror) < 0;
}

/* What c sent its mirror received, and the other way round; which came first depends on how they are joined. */
static void take_mirror(struct conversation *c, struct conversation *mirror, bool wire)
{
	const struct tally in = tally_as(&mirror->rx, mirror, c),
			   out = tally_as(&mirror->tx, mirror, c);

	if (wire) {
		c->tx = tally_then(&c->tx, &in);
		c->rx = tally_then(&out, &c->rx);
	} else {
		c->tx = tally_then(&in, &c->tx);
		c->rx = tally_then(&c->rx, &out);
	}
	if (!c->sent && mirror->seen[HOOK_XDP])
		c->sent_hook = HOOK_XDP;
	c->sent |= mirror->seen[HOOK_XDP];
	for (size_t i = 0; i < mirror->path_count && c->path_count < PATH_MOST; i++)
		if (!conversation_saw(c, mirror->path[i]))
			c->path[c->path_count++] = mirror->path[i];
	conversation_take(c, mirror);
	mirror->path_count = 0;
}

/* Between an address and itself what leaves is what arrives. */
static void take_itself(struct conversation *c)
{
	c->tx = tally_then(&c->tx, &c->rx);
	c->rx = (struct tally){};
	if (!c->sent)
		c->sent_hook = HOOK_XDP;
	c->sent = true;
}

void conversations_hide_mirrors(struct conversation *list, size_t *count, bool alone,
				const struct surroundings *around)
{
	for (size_t i = 0; i < *count; i++) {
		struct conversation *c = &list[i], *mirror;
		const struct conversation ends = swapped(c);

		if (!c->path_count)
			continue;
		if (c->family && !conversation_compare_ends(c, &ends) && is_wire(around, c, c))
			take_itself(c);
		mirror = find_mirror(list, *count, c, alone, around);
		if (mirror && stays(c, mirror))
			take_mirror(c, mirror, is_wire(around, c, mirror));
		else if (mirror)
			take_mirror(mirror, c, is_wire(around, mirror, c));
	}
	conversations_clean(list, count);
}
