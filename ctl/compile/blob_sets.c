/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blob_sets.c - sets in a compiled ruleset, to be listed and changed; what just stays takes few bytes. */
#include <errno.h>
#include <string.h>

#include "blob_sets.h"

#define ALIGN 8

/* In this order after the head, each at a multiple of ALIGN. */
enum section {
	HOSTS4,	 /* uint32_t */
	RANGES4, /* two */
	OTHERS4, /* struct element4, with a life or a counter */
	NETS6,	 /* uint64_t: of a prefix shorter than /64, its bits, a one, zeros */
	SITES6,	 /* uint64_t: of a /64 */
	HOSTS6,	 /* struct addr6 */
	RANGES6, /* two */
	OTHERS6, /* struct element6 */
	PORTS,
	SERVICES,
	SECTIONS,
};

static const size_t section_size[SECTIONS] = {
	sizeof(uint32_t),	  2 * sizeof(uint32_t),	   sizeof(struct element4),
	sizeof(uint64_t),	  sizeof(uint64_t),	   sizeof(struct addr6),
	2 * sizeof(struct addr6), sizeof(struct element6), sizeof(struct element_port),
	sizeof(struct service),
};

struct stored_set {
	char name[SET_NAME_SIZE];
	uint32_t type, counters;
	uint32_t alone; /* class of the addresses that are in no other set that rules use; or 0 */
	uint32_t pad;
	uint32_t count[SECTIONS];
};

_Static_assert(sizeof(struct stored_set) % ALIGN == 0, "sets follow one another");

static enum section section4(const struct element4 *e)
{
	return e->until || e->slot ? OTHERS4 : e->lo == e->hi ? HOSTS4 : RANGES4;
}

static enum section section6(const struct element6 *e)
{
	uint64_t differ = e->lo.hi ^ e->hi.hi;

	if (e->until || e->slot)
		return OTHERS6;
	if (!differ && e->lo.lo == e->hi.lo)
		return HOSTS6;
	if (e->lo.lo || e->hi.lo != UINT64_MAX || differ & (differ + 1) || e->lo.hi & differ)
		return RANGES6;
	return differ ? NETS6 : SITES6;
}

static struct stored_set head_of(const struct set *set)
{
	struct stored_set head = { .type = set->type, .counters = set->counters };

	memcpy(head.name, set->name, sizeof(head.name));
	for (size_t i = 0; i < set->count4; i++)
		head.count[section4(&set->ip4[i])]++;
	for (size_t i = 0; i < set->count6; i++)
		head.count[section6(&set->ip6[i])]++;
	head.count[PORTS] = set->port_count;
	head.count[SERVICES] = set->service_count;
	return head;
}

static size_t bytes_of(const struct stored_set *head)
{
	size_t sum = sizeof(*head);

	for (int i = 0; i < SECTIONS; i++)
		sum += ROUND_UP(head->count[i] * section_size[i], ALIGN);
	return sum;
}

/* Where each section begins, from the head on. */
static void places_of(const struct stored_set *head, const void *at, const char *place[SECTIONS])
{
	const char *next = (const char *)at + sizeof(*head);

	for (int i = 0; i < SECTIONS; i++) {
		place[i] = next;
		next += ROUND_UP(head->count[i] * section_size[i], ALIGN);
	}
}

static void store(const struct set *set, const struct stored_set *head, char *at)
{
	char *place[SECTIONS];

	places_of(head, at, (const char **)place);
	memcpy(at, head, sizeof(*head));
	for (size_t i = 0; i < set->count4; i++) {
		const struct element4 *e = &set->ip4[i];
		enum section s = section4(e);

		memcpy(place[s], e, section_size[s]); /* lo, hi and the rest in this order */
		place[s] += section_size[s];
	}
	for (size_t i = 0; i < set->count6; i++) {
		const struct element6 *e = &set->ip6[i];
		enum section s = section6(e);
		uint64_t differ = e->lo.hi ^ e->hi.hi, net = e->lo.hi | (differ ^ differ >> 1);

		memcpy(place[s], s == NETS6 ? (const void *)&net : e, section_size[s]);
		place[s] += section_size[s];
	}
	if (set->port_count)
		memcpy(place[PORTS], set->ports, set->port_count * sizeof(*set->ports));
	if (set->service_count)
		memcpy(place[SERVICES], set->services, set->service_count * sizeof(*set->services));
}

static uint32_t class_alone(const struct lookup *lookup, const struct set *set)
{
	for (size_t i = 0; i < lookup->set_count; i++)
		if (lookup->sets[i].set == set)
			return set_classes_alone(&lookup->classes, i);
	return 0;
}

int blob_put_sets(struct blob_writer *w, const struct ruleset *rules, const struct lookup *lookup)
{
	struct blob *blob = w->blob;

	for (size_t i = 0; i < rules->set_count; i++) {
		struct stored_set head = head_of(&rules->sets[i]);
		size_t size = bytes_of(&head);
		size_t at = blob_take(w, size, ALIGN, true);

		if (!at)
			return -ENOSPC;
		head.alone = class_alone(lookup, &rules->sets[i]);
		if (!i)
			blob->sets = at;
		blob->sets_len = at + size - blob->sets;
		store(&rules->sets[i], &head, (char *)blob + at);
	}
	blob->set_count = rules->set_count;
	return 0;
}

/* ---- and back ---- */

/* The three kinds of IPv4 elements, each sorted, into one array. */
static int merge4(const struct stored_set *head, const char *const place[SECTIONS], struct set *set)
{
	const uint32_t *host = (const void *)place[HOSTS4];
	const uint32_t *range = (const void *)place[RANGES4];
	const struct element4 *other = (const void *)place[OTHERS4];
	size_t hosts = head->count[HOSTS4], ranges = head->count[RANGES4];
	size_t others = head->count[OTHERS4];
	size_t count = hosts + ranges + others;
	struct element4 *to = malloc((count + 1) * sizeof(*to)), *from = to;

	if (!to)
		return -ENOMEM;
	while (hosts || ranges || others) {
		uint64_t h = hosts ? *host : UINT64_MAX, r = ranges ? *range : UINT64_MAX;
		uint64_t o = others ? other->lo : UINT64_MAX;

		if (h < r && h < o) {
			*to++ = (struct element4){ *host, *host, 0, 0 };
			host++;
			hosts--;
		} else if (r < o) {
			*to++ = (struct element4){ range[0], range[1], 0, 0 };
			range += 2;
			ranges--;
		} else {
			*to++ = *other++;
			others--;
		}
	}
	set->ip4 = from;
	set->count4 = set->capacity4 = count;
	return 0;
}

static bool less6(const struct addr6 *a, const struct addr6 *b)
{
	return a->hi != b->hi ? a->hi < b->hi : a->lo < b->lo;
}

static struct element6 element_of(enum section section, const char *at)
{
	uint64_t high = *(const uint64_t *)at, last = high;
	const struct addr6 *a = (const void *)at;

	if (section == OTHERS6)
		return *(const struct element6 *)at;
	if (section == HOSTS6)
		return (struct element6){ a[0], a[0], 0, 0 };
	if (section == RANGES6)
		return (struct element6){ a[0], a[1], 0, 0 };
	if (section == NETS6) {
		last = high | (high - 1);
		high &= high - 1;
	}
	return (struct element6){ { high, 0 }, { last, UINT64_MAX }, 0, 0 };
}

/* The kinds of IPv6 elements, each sorted, into one array. */
static int merge6(const struct stored_set *head, const char *const place[SECTIONS], struct set *set)
{
	struct element6 next[SECTIONS], *to;
	const char *at[SECTIONS];
	size_t left[SECTIONS], count = 0;

	for (enum section s = NETS6; s <= OTHERS6; s++) {
		at[s] = place[s];
		left[s] = head->count[s];
		count += left[s];
		if (left[s])
			next[s] = element_of(s, at[s]);
	}
	to = malloc((count + 1) * sizeof(*to));
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		enum section first = SECTIONS;

		for (enum section s = NETS6; s <= OTHERS6; s++)
			if (left[s] && (first == SECTIONS || less6(&next[s].lo, &next[first].lo)))
				first = s;
		to[i] = next[first];
		at[first] += section_size[first];
		if (--left[first])
			next[first] = element_of(first, at[first]);
	}
	set->ip6 = to;
	set->count6 = set->capacity6 = count;
	return 0;
}

static void *copy_of(const void *from, size_t count, size_t size)
{
	void *to = malloc((count + 1) * size);

	if (to)
		memcpy(to, from, count * size);
	return to;
}

static int restore(const struct stored_set *head, struct set *set)
{
	const char *place[SECTIONS];
	int r;

	places_of(head, head, place);
	set->counters = head->counters;
	r = merge4(head, place, set);
	if (!r)
		r = merge6(head, place, set);
	if (r < 0)
		return r;
	set->ports = copy_of(place[PORTS], head->count[PORTS], sizeof(*set->ports));
	set->services = copy_of(place[SERVICES], head->count[SERVICES], sizeof(*set->services));
	if (!set->ports || !set->services)
		return -ENOMEM;
	set->port_count = set->port_capacity = head->count[PORTS];
	set->service_count = set->service_capacity = head->count[SERVICES];
	return 0;
}

/* The hosts added since to a set: as many edits as there are of all sets. */
static int restore_edits(const struct blob *blob, uint32_t edits, uint32_t n, struct set *set)
{
	struct set batch = { .type = set->type };
	int r = 0;

	for (uint32_t i = 0; i < edits && !r; i++) {
		const struct host_edit *e = &blob->edits.hosts.host[i];
		uint32_t low = (uint32_t)e->address.lo;

		if (e->set != n)
			continue;
		if (e->kind == KIND_IP4)
			r = set_push4(&batch, &(struct element4){ .lo = low, .hi = low });
		else
			r = set_push6(&batch,
				      &(struct element6){ .lo = e->address, .hi = e->address });
	}
	if (!r && set_size(&batch))
		r = set_add(set, &batch, NULL);
	set_free(&batch);
	return r;
}

bool blob_find_set(const struct blob *blob, const char *name, uint32_t *ret_place,
		   uint32_t *ret_alone)
{
	const char *at = (const char *)blob + blob->sets;

	for (uint32_t i = 0; i < blob->set_count; i++) {
		const struct stored_set *head = (const void *)at;

		if (!strncmp(head->name, name, sizeof(head->name))) {
			*ret_place = i;
			*ret_alone =
				head->type == SET_ADDRESSES && !head->counters ? head->alone : 0;
			return true;
		}
		at += bytes_of(head);
	}
	return false;
}

int ruleset_load_sets(const struct blob *blob, uint64_t state, struct ruleset *ret)
{
	const char *at = (const char *)blob + blob->sets, *end;
	uint32_t edits = OVERLAY_OF(STATE_COUNTS(state), OVERLAY_HOST_COUNT);
	struct set *set;
	int r = 0;

	if (!blob->set_count)
		return 0;
	if (edits > OVERLAY_HOSTS)
		return -EPROTO;
	if (blob->sets % ALIGN || blob->sets > blob_size(blob) ||
	    blob->sets_len > blob_size(blob) - blob->sets)
		return -EPROTO;
	end = at + blob->sets_len;
	for (uint32_t i = 0; i < blob->set_count && !r; i++) {
		const struct stored_set *head = (const void *)at;

		if ((size_t)(end - at) < sizeof(*head) || (size_t)(end - at) < bytes_of(head) ||
		    head->type > SET_SERVICES || !memchr(head->name, 0, sizeof(head->name)))
			return -EPROTO;
		r = ruleset_add_set(ret, head->name, head->type, &set);
		if (!r)
			r = restore(head, set);
		if (!r && edits)
			r = restore_edits(blob, edits, i, set);
		at += bytes_of(head);
	}
	return r == -EINVAL ? -EPROTO : r;
}
