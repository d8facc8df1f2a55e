/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* buckets.c - how full the rate limits' table of buckets is. */
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "../../bpf/limit/bucket.h"
#include "../state/pin.h"
#include "buckets.h"

static uint64_t ticks_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) * TICKS_NS;
}

int store_buckets(const struct store *store, struct buckets *ret)
{
	const struct load_opts *opts = &store->meta.opts;
	size_t size = load_bucket_memory(opts);
	autoclose int fd = store_pin(store, "buckets");
	struct buckets buckets = { .capacity = (uint64_t)opts->buckets * BUCKET_WAYS,
				   .memory = size };
	const struct bucket_set *sets;
	uint64_t now = ticks_now();

	if (fd < 0)
		return fd;
	sets = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (sets == MAP_FAILED)
		return -errno;
	buckets.full = sets[0].full;
	for (size_t i = 1; i <= opts->buckets; i++)
		for (size_t way = 0; way < BUCKET_WAYS; way++)
			buckets.used += bucket_ahead(sets[i].way[way].full_at, now) > 0;
	munmap((void *)sets, size);
	*ret = buckets;
	return 0;
}
