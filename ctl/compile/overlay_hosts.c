/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* overlay_hosts.c - hosts added to a set in place; see struct host_edit. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>

#include "../../bpf/rules/parts_native.h"
#include "../../bpf/rules/classify.h"
#include "blob_sets.h"
#include "overlay.h"

/* A host, as an edit of a class; false: it is more than one address, or has a life or a counter. */
static bool edit_of(const struct element *element, struct host_edit *ret)
{
	const struct element4 *four = &element->ip4;
	const struct element6 *six = &element->ip6;

	if (element->kind == ELEMENT_IP4 && four->lo == four->hi && !four->until && !four->slot) {
		ret->kind = KIND_IP4;
		ret->address = (struct addr6){ 0, four->lo };
		return true;
	}
	if (element->kind == ELEMENT_IP6 && six->lo.hi == six->hi.hi && six->lo.lo == six->hi.lo &&
	    !six->until && !six->slot) {
		ret->kind = KIND_IP6;
		ret->address = six->lo;
		return true;
	}
	return false;
}

/* A packet from it. */
static struct packet packet_of(const struct host_edit *e)
{
	struct packet p = { .id.kind = (__u8)e->kind };

	if (e->kind == KIND_IP4) {
		p.src4 = htonl((__u32)e->address.lo);
	} else {
		p.src6[0] = htobe64(e->address.hi);
		p.src6[1] = htobe64(e->address.lo);
	}
	return p;
}

/* Whether it is in any set that rules use: in the directory, or among the edits. */
static bool has_host(const struct blob *blob, uint32_t edits, const struct host_edit *e)
{
	const struct packet p = packet_of(e);
	uint32_t info;

	/* All zeros cannot be distinguished from a directory without ranges. */
	if (!e->address.hi && !e->address.lo)
		return true;
	info = find_info(&blob->lookup, parts_of(blob), &p, 0);
	return edited_class(&blob->edits.hosts, &p, edits, 0) || info & INFO_SPECIAL ||
	       INFO_WHAT(info);
}

/* The class that packets then find for it is the edit's, and before it was none. */
static int check(const struct blob *blob, uint64_t before, uint64_t after,
		 const struct host_edit *e, struct fault *fault)
{
	const struct packet p = packet_of(e);

	if (!class_since(blob, before, &p, 0) && class_since(blob, after, &p, 0) == e->class)
		return 0;
	return fault_set(fault, -EBADE, EXIT_REFUSED,
			 "the element was compiled wrongly, this is a bug in netctl");
}

int overlay_add_hosts(struct blob *blob, const char *set, const struct element *elements,
		      size_t count, struct overlay_edit *ret, struct fault *fault)
{
	uint64_t state = __atomic_load_n(&blob->state, __ATOMIC_ACQUIRE);
	uint32_t counts = STATE_COUNTS(state), edits = OVERLAY_OF(counts, OVERLAY_HOST_COUNT);
	struct host_edit edit = {};
	uint32_t place, alone, first = edits;
	int r = 0;

	if (blob->sets_len < OVERLAY_FROM_BYTES || count > OVERLAY_HOSTS - edits ||
	    STATE_GENERATION(state) >= OVERLAY_LAST_GENERATION ||
	    !blob_find_set(blob, set, &place, &alone) || !alone)
		return 1;
	edit.class = (__u16)alone;
	edit.set = place;
	for (size_t i = 0; i < count; i++, edits++) {
		if (!edit_of(&elements[i], &edit) || has_host(blob, edits, &edit))
			return 1;
		blob->edits.hosts.host[edits] = edit;
		counts += OVERLAY_ONE_MORE(OVERLAY_HOST_COUNT);
	}
	ret->state = OVERLAY_STATE(STATE_GENERATION(state) + PARTS_PLACES, counts);
	for (; first < edits && !r; first++)
		r = check(blob, state, ret->state, &blob->edits.hosts.host[first], fault);
	return r;
}
