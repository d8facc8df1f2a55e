/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* blocks.h - the counters of slots from RULE_SLOTS on: a map for each block of them. */
#ifndef NETCTL_BLOCKS_H
#define NETCTL_BLOCKS_H

#include "store.h"

/* The maps of slots from RULE_SLOTS on, see SLOT_BLOCKS; the first is fd[1]. */
struct blocks {
	unsigned int count; /* of blocks, the one that is no map here included */
	int fd[SLOT_BLOCKS];
};

/* The blocks of slots there are; also on failure store_close_blocks() may follow. */
int store_blocks(const struct store *store, struct blocks *ret);
void store_close_blocks(struct blocks *blocks);
/* Make the blocks that slots up to this one are in, where something counts. Needs STORE_CHANGE. */
int store_need_blocks(const struct store *store, uint32_t most);

#endif
