/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* checksum.h - the checksum of IP and what it carries (RFC 1071). */
#ifndef NETCTL_TESTS_CHECKSUM_H
#define NETCTL_TESTS_CHECKSUM_H

#include <arpa/inet.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of up to 128 KiB; what is odd at the end counts as if a zero followed. */
static inline uint32_t sum_words(const void *data, size_t size, uint32_t sum)
{
	uint16_t word;

	for (; size > 1; size -= sizeof(word), data = (const char *)data + sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		sum += word;
	}
	return size ? sum + ntohs((uint16_t)(*(const uint8_t *)data << 8)) : sum;
}

static inline uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

#endif
