/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* set.c - a set as it is kept: arrays of elements, appended to, copied, searched, swept. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "../base/array.h"
#include "set.h"

void set_free(struct set *set)
{
	struct set empty = { .type = set->type, .counters = set->counters };

	free(set->ip4);
	free(set->ip6);
	free(set->ports);
	free(set->services);
	memcpy(empty.name, set->name, sizeof(empty.name));
	*set = empty;
}

/* A copy of an array, or NULL: it is empty, or there is no memory. */
static void *copy_of(const void *from, size_t count, size_t size)
{
	void *to = count ? malloc(count * size) : NULL;

	if (to)
		memcpy(to, from, count * size);
	return to;
}

int set_copy(const struct set *from, struct set *ret)
{
	struct set to = *from;

	to.ip4 = copy_of(from->ip4, from->count4, sizeof(*from->ip4));
	to.ip6 = copy_of(from->ip6, from->count6, sizeof(*from->ip6));
	to.ports = copy_of(from->ports, from->port_count, sizeof(*from->ports));
	to.services = copy_of(from->services, from->service_count, sizeof(*from->services));
	to.capacity4 = to.count4;
	to.capacity6 = to.count6;
	to.port_capacity = to.port_count;
	to.service_capacity = to.service_count;
	if ((to.count4 && !to.ip4) || (to.count6 && !to.ip6) || (to.port_count && !to.ports) ||
	    (to.service_count && !to.services)) {
		set_free(&to);
		return -ENOMEM;
	}
	*ret = to;
	return 0;
}

/* Append an element of "size" bytes. */
static int push(void *array, size_t *count, size_t *capacity, const void *element, size_t size)
{
	int r = array_reserve_at(array, *count, 1, capacity, size);

	if (!r)
		memcpy(*(char **)array + (*count)++ * size, element, size);
	return r;
}

int set_push4(struct set *batch, const struct element4 *element)
{
	return push(&batch->ip4, &batch->count4, &batch->capacity4, element, sizeof(*element));
}

int set_push6(struct set *batch, const struct element6 *element)
{
	return push(&batch->ip6, &batch->count6, &batch->capacity6, element, sizeof(*element));
}

int set_push_port(struct set *batch, const struct element_port *element)
{
	return push(&batch->ports, &batch->port_count, &batch->port_capacity, element,
		    sizeof(*element));
}

int set_push_service(struct set *batch, const struct service *element)
{
	return push(&batch->services, &batch->service_count, &batch->service_capacity, element,
		    sizeof(*element));
}

size_t set_size(const struct set *set)
{
	return set->count4 + set->count6 + set->port_count + set->service_count;
}

bool set_is_timed(const struct set *set)
{
	bool timed = false;

	for (size_t i = 0; i < set->count4 && !timed; i++)
		timed = set->ip4[i].until;
	for (size_t i = 0; i < set->count6 && !timed; i++)
		timed = set->ip6[i].until;
	for (size_t i = 0; i < set->port_count && !timed; i++)
		timed = set->ports[i].until;
	for (size_t i = 0; i < set->service_count && !timed; i++)
		timed = set->services[i].until;
	return timed;
}

/* Keep what is not over; how many go. */
#define SWEEP(array, count, now)                                      \
	({                                                            \
		size_t kept_ = 0;                                     \
		size_t gone_;                                         \
		for (size_t i_ = 0; i_ < (count); i_++)               \
			if (!element_is_over((array)[i_].until, now)) \
				(array)[kept_++] = (array)[i_];       \
		gone_ = (count)-kept_;                                \
		(count) = kept_;                                      \
		gone_;                                                \
	})

size_t set_sweep(struct set *set, uint32_t now)
{
	return SWEEP(set->ip4, set->count4, now) + SWEEP(set->ip6, set->count6, now) +
	       SWEEP(set->ports, set->port_count, now) +
	       SWEEP(set->services, set->service_count, now);
}

/* Same elements, their slots aside. */
#define SAME(a, b, array, count)                                           \
	({                                                                 \
		bool same_ = (a)->count == (b)->count;                     \
		for (size_t i_ = 0; same_ && i_ < (a)->count; i_++) {      \
			__typeof__(*(a)->array) x_ = (a)->array[i_];       \
			x_.slot = (b)->array[i_].slot;                     \
			same_ = !memcmp(&x_, &(b)->array[i_], sizeof(x_)); \
		}                                                          \
		same_;                                                     \
	})

bool set_equal(const struct set *a, const struct set *b)
{
	return a->type == b->type && a->counters == b->counters && SAME(a, b, ip4, count4) &&
	       SAME(a, b, ip6, count6) && SAME(a, b, ports, port_count) &&
	       SAME(a, b, services, service_count);
}

/* ---- the plain search ---- */

static bool less6(const struct addr6 *a, const struct addr6 *b)
{
	return a->hi != b->hi ? a->hi < b->hi : a->lo < b->lo;
}

const struct element4 *set_find4(const struct set *set, uint32_t address, uint32_t now)
{
	size_t lo = 0, hi = set->count4;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct element4 *e = &set->ip4[mid];

		if (e->hi < address)
			lo = mid + 1;
		else if (e->lo > address)
			hi = mid;
		else
			return element_is_over(e->until, now) ? NULL : e;
	}
	return NULL;
}

const struct element6 *set_find6(const struct set *set, const struct addr6 *address, uint32_t now)
{
	size_t lo = 0, hi = set->count6;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct element6 *e = &set->ip6[mid];

		if (less6(&e->hi, address))
			lo = mid + 1;
		else if (less6(address, &e->lo))
			hi = mid;
		else
			return element_is_over(e->until, now) ? NULL : e;
	}
	return NULL;
}

const struct element_port *set_find_port(const struct set *set, uint16_t port, uint32_t now)
{
	for (size_t i = 0; i < set->port_count; i++) {
		const struct element_port *e = &set->ports[i];

		if (e->lo <= port && port <= e->hi)
			return element_is_over(e->until, now) ? NULL : e;
	}
	return NULL;
}

static int compare_address(const struct service *s, uint8_t family, const struct addr6 *address)
{
	if (s->family != family)
		return s->family < family ? -1 : 1;
	return less6(&s->address, address) ? -1 : less6(address, &s->address);
}

const struct service *set_find_service(const struct set *set, uint8_t family,
				       const struct addr6 *address, uint8_t proto, uint16_t port,
				       uint32_t now)
{
	size_t lo = 0, hi = set->service_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_address(&set->services[mid], family, address) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < set->service_count; lo++) {
		const struct service *s = &set->services[lo];

		if (compare_address(s, family, address))
			break;
		if (s->port_lo <= port && port <= s->port_hi && (!s->proto || s->proto == proto) &&
		    !element_is_over(s->until, now))
			return s;
	}
	return NULL;
}

bool set_name_is_good(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= SET_NAME_SIZE || !isalpha((unsigned char)name[0]))
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return false;
	return true;
}
