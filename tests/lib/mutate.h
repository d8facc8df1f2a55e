/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mutate.h - bytes made from other bytes by chance: what readers of text and memory are tried with. */
#ifndef NETCTL_TESTS_MUTATE_H
#define NETCTL_TESTS_MUTATE_H

#include <stddef.h>

#include "prng.h"

struct bytes {
	size_t len;
	uint8_t *at; /* owned; a NUL behind it */
};

/* What mutations begin with. */
struct corpus {
	size_t count;
	struct bytes *item; /* owned */
};

void corpus_add(struct corpus *corpus, const void *bytes, size_t len);
/* Every line of a file up to "|", but remarks; or the file as a whole. Nothing when it is not there. */
void corpus_add_lines(struct corpus *corpus, const char *path);
void corpus_add_file(struct corpus *corpus, const char *path);
void corpus_free(struct corpus *corpus);

/*
 * One of the corpus, changed in some places: bits, bytes, numbers, pieces left out, doubled or
 * taken from another. "most": how long it may get. The caller frees.
 */
struct bytes mutate(const struct corpus *corpus, struct prng *prng, size_t most);

/* The same length, damaged in some places. */
void damage(void *bytes, size_t len, struct prng *prng);

#endif
