/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parser_addr.c - addresses, prefixes and ranges of a rule, from text and to it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parser.h"

/* Bits of an address. */
static uint8_t addr_bits(uint8_t family)
{
	return family == 4 ? 32 : 128;
}

/* The bits after a prefix. */
static struct addr6 addr_host_mask(uint8_t family, uint32_t prefix)
{
	uint32_t bits = addr_bits(family) - prefix;
	struct addr6 mask = {
		.hi = bits > 64 ? UINT64_MAX >> (128 - bits) : 0,
		.lo = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1,
	};

	return mask;
}

/* The length of the prefix that is exactly lo..hi, or 255. */
static uint8_t addr_prefix_of(const struct value *v)
{
	for (uint8_t prefix = 0; prefix <= addr_bits(v->addr.family); prefix++) {
		struct addr6 host = addr_host_mask(v->addr.family, prefix);

		if ((v->addr.lo.hi ^ v->addr.hi.hi) == host.hi && (v->addr.lo.hi & host.hi) == 0 &&
		    (v->addr.lo.lo ^ v->addr.hi.lo) == host.lo && (v->addr.lo.lo & host.lo) == 0)
			return prefix;
	}
	return 255;
}

static void addr_text(uint8_t family, const struct addr6 *addr, char text[ADDR_TEXT])
{
	unsigned char bytes[16];
	struct addr6 a = *addr;

	for (int i = (family == 4 ? 4 : 16) - 1; i >= 0; i--) {
		bytes[i] = (unsigned char)a.lo;
		a.lo = a.lo >> 8 | a.hi << 56;
		a.hi >>= 8;
	}
	inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes, text, ADDR_TEXT);
}

void addr_print(FILE *out, const struct value *v)
{
	char lo[ADDR_TEXT], hi[ADDR_TEXT];

	addr_text(v->addr.family, &v->addr.lo, lo);
	addr_text(v->addr.family, &v->addr.hi, hi);
	if (v->addr.prefix == addr_bits(v->addr.family))
		fputs(lo, out);
	else if (v->addr.prefix < addr_bits(v->addr.family))
		fprintf(out, "%s/%u", lo, v->addr.prefix);
	else
		fprintf(out, "%s-%s", lo, hi);
}

static bool addr_read(const char *word, struct value *ret)
{
	unsigned char bytes[16];
	struct addr6 addr = {};

	if (inet_pton(AF_INET, word, bytes) == 1)
		ret->addr.family = 4;
	else if (inet_pton(AF_INET6, word, bytes) == 1)
		ret->addr.family = 6;
	else
		return false;
	for (int i = 0; i < (ret->addr.family == 4 ? 4 : 16); i++) {
		addr.hi = addr.hi << 8 | addr.lo >> 56;
		addr.lo = addr.lo << 8 | bytes[i];
	}
	ret->addr.lo = ret->addr.hi = addr;
	ret->addr.prefix = addr_bits(ret->addr.family);
	return true;
}

static int prefix_read(struct rule_parser *p, const char *word, char *slash, struct piece at,
		       struct value *ret)
{
	unsigned char bits;
	uint32_t prefix;
	struct addr6 host, net;
	char text[ADDR_TEXT];

	*slash = '\0';
	if (!addr_read(word, ret)) {
		*slash = '/';
		return parser_fault(p, at, "not an address or prefix: '%s'", word);
	}
	*slash = '/';
	bits = addr_bits(ret->addr.family);
	if (!value_number(slash + 1, strlen(slash + 1), bits, &prefix)) {
		parser_fault(p, at, "not a prefix length: '%s' (0 to %u)", slash, bits);
		return -EINVAL;
	}
	host = addr_host_mask(ret->addr.family, prefix);
	net = ret->addr.lo;
	net.hi &= ~host.hi;
	net.lo &= ~host.lo;
	if (addr_compare(&net, &ret->addr.lo)) {
		parser_fault(p, at, "'%s' has bits beyond its prefix", word);
		addr_text(ret->addr.family, &net, text);
		parser_hint(p, "did you mean '%s%s'?", text, slash);
		return -EINVAL;
	}
	ret->addr.hi.hi = net.hi | host.hi;
	ret->addr.hi.lo = net.lo | host.lo;
	ret->addr.prefix = (uint8_t)prefix;
	return 0;
}

static int addr_range_read(struct rule_parser *p, const char *word, char *dash, struct piece at,
			   struct value *ret)
{
	struct value hi = {};
	bool good;

	*dash = '\0';
	good = addr_read(word, ret) && addr_read(dash + 1, &hi);
	*dash = '-';
	if (!good)
		return parser_fault(p, at, "not an address or prefix: '%s'", word);
	if (ret->addr.family != hi.addr.family)
		return parser_fault(p, at, "range mixes IPv4 and IPv6: '%s'", word);
	if (addr_compare(&ret->addr.lo, &hi.addr.lo) > 0)
		return value_backwards(p, word, at);
	ret->addr.hi = hi.addr.hi;
	ret->addr.prefix = addr_prefix_of(ret);
	return 0;
}

int addr_value(struct rule_parser *p, const char *word, struct piece at, struct value *ret)
{
	autofree char *copy = strdup(word);
	char *mark;

	if (!copy)
		return -ENOMEM;
	mark = strchr(copy, '/');
	if (mark)
		return prefix_read(p, copy, mark, at, ret);
	mark = strchr(copy, '-');
	if (mark)
		return addr_range_read(p, copy, mark, at, ret);
	if (!addr_read(word, ret))
		return parser_fault(p, at, "not an address or prefix: '%s'", word);
	return 0;
}
