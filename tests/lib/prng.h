/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* prng.h - random numbers that are the same in every run with the same seed. */
#ifndef NETCTL_TESTS_PRNG_H
#define NETCTL_TESTS_PRNG_H

#include <stdint.h>

struct prng {
	uint64_t state;
};

static inline uint32_t prng_word(struct prng *c)
{
	uint64_t x = c->state += 0x9e3779b97f4a7c15ULL; /* splitmix64 */

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return (uint32_t)(x >> 32);
}

/* Neighbouring seeds must not be neighbouring places of one sequence. */
static inline struct prng prng_seed(uint64_t seed)
{
	struct prng c = { seed };
	uint64_t hi = prng_word(&c), lo = prng_word(&c);

	return (struct prng){ hi << 32 | lo };
}

/* 0..n-1; 0 when n is 0. */
static inline uint32_t below(struct prng *c, uint64_t n)
{
	return (uint32_t)(prng_word(c) * n >> 32);
}

/* Numbers of a sequence that each source has for itself. */
static inline uint64_t random64(void)
{
	static struct prng own = { 0x243f6a8885a308d3 };
	uint64_t hi = prng_word(&own);

	return hi << 32 | prng_word(&own);
}

static inline uint32_t random_below(uint64_t n)
{
	return (uint32_t)((random64() >> 32) * n >> 32);
}

#define PICK(prng, pool) ((pool)[below(prng, sizeof(pool) / sizeof((pool)[0]))])
#define RANDOM_OF(pool) ((pool)[random_below(sizeof(pool) / sizeof((pool)[0]))])

#endif
