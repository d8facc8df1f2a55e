/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* array.c - arrays that grow, by doubling. */
#include <errno.h>

#include "array.h"
#include "util.h"

int array_reserve_at(void *array, size_t count, size_t more, size_t *capacity, size_t size)
{
	size_t wanted = MAX(count + more, 2 * *capacity);
	void *bigger;

	if (count + more <= *capacity)
		return 0;
	bigger = reallocarray(*(void **)array, wanted, size);
	if (!bigger)
		return -ENOMEM;
	*(void **)array = bigger;
	*capacity = wanted;
	return 0;
}

int array_grow_at(void *array, size_t count, size_t size)
{
	size_t capacity = count & (count - 1) ? count + 1 : count; /* it is full at powers of two */

	return array_reserve_at(array, count, 1, &capacity, size);
}
