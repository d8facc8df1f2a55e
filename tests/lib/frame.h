/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * frame.h - a packet in words to the bytes of a frame; the words are explained at the top of
 * tests/rows.t.
 */
#ifndef NETCTL_TESTS_FRAME_H
#define NETCTL_TESTS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 16384

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t len;
	size_t network;	    /* where the layer after Ethernet and its tags begins; len when there is
			       none */
	uint16_t ethertype; /* the one before "network", host order */
	bool tagged;
	uint32_t mark; /* at TC and OUTPUT */
};

/* -EINVAL with one line of explanation in why[size]. */
int frame_build(const char *words, struct frame *ret, char *why, size_t size);

#endif
