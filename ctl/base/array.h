/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* array.h - arrays that grow, by doubling. */
#ifndef NETCTL_ARRAY_H
#define NETCTL_ARRAY_H

#include <stddef.h>

/* Room for one more after the "count" elements of an array that grows this way alone, and so needs no capacity. */
#define array_grow(array, count) array_grow_at(&(array), count, sizeof(*(array)))
/* Room for "more" of an array that knows its capacity. */
#define array_reserve(array, count, more, capacity) \
	array_reserve_at(&(array), count, more, capacity, sizeof(*(array)))

/* The same at an array's address. -ENOMEM leaves it as it is. */
int array_grow_at(void *array, size_t count, size_t size);
int array_reserve_at(void *array, size_t count, size_t more, size_t *capacity, size_t size);

#endif
