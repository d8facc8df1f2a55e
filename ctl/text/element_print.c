/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_print.c - elements of sets to canonical text, a million of them in an instant. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "element_print.h"
#include "../rules/names.h"

static char *print_number(char *to, uint32_t n)
{
	char digits[10];
	int count = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while (n /= 10);
	while (count)
		*to++ = digits[--count];
	return to;
}

static char *print_ip4(char *to, uint32_t address)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		to = print_number(to, address >> shift & 0xff);
		*to++ = shift ? '.' : '\0';
	}
	return to - 1;
}

static char *print_ip6(char *to, const struct addr6 *address)
{
	unsigned char bytes[16];

	for (int i = 0; i < 8; i++) {
		bytes[i] = (unsigned char)(address->hi >> (56 - 8 * i));
		bytes[i + 8] = (unsigned char)(address->lo >> (56 - 8 * i));
	}
	inet_ntop(AF_INET6, bytes, to, INET6_ADDRSTRLEN);
	return to + strlen(to);
}

/* The length of the prefix that is exactly lo..hi, or -1. */
static int prefix_of(u128 lo, u128 hi, int bits)
{
	u128 host = lo ^ hi;
	int prefix = bits;

	if ((host & (host + 1)) || (lo & host))
		return -1;
	for (; host; host >>= 1)
		prefix--;
	return prefix;
}

static char *print_prefix(char *to, int prefix)
{
	*to++ = '/';
	return print_number(to, (uint32_t)prefix);
}

static char *print_range4(char *to, uint32_t lo, uint32_t hi)
{
	int prefix;

	to = print_ip4(to, lo);
	if (lo == hi)
		return to;
	prefix = prefix_of(lo, hi, 32);
	if (prefix >= 0)
		return print_prefix(to, prefix);
	*to++ = '-';
	return print_ip4(to, hi);
}

static char *print_range6(char *to, const struct addr6 *lo, const struct addr6 *hi)
{
	int prefix = prefix_of(addr_number(lo), addr_number(hi), 128);

	to = print_ip6(to, lo);
	if (prefix == 128)
		return to;
	if (prefix >= 0)
		return print_prefix(to, prefix);
	*to++ = '-';
	return print_ip6(to, hi);
}

static char *print_ports(char *to, uint16_t lo, uint16_t hi)
{
	to = print_number(to, lo);
	if (lo == hi)
		return to;
	*to++ = '-';
	return print_number(to, hi);
}

static char *print_service(char *to, const struct service *s)
{
	const char *proto = name_text(protocol_names, s->proto);

	if (s->family == 4) {
		to = print_ip4(to, (uint32_t)s->address.lo);
	} else {
		*to++ = '[';
		to = print_ip6(to, &s->address);
		*to++ = ']';
	}
	*to++ = ':';
	to = print_ports(to, s->port_lo, s->port_hi);
	if (!s->proto)
		return to;
	*to++ = '/';
	return proto ? stpcpy(to, proto) : print_number(to, s->proto);
}

size_t element_print(const struct element *element, char ret[ELEMENT_SIZE])
{
	char *end;

	switch (element->kind) {
	case ELEMENT_IP4:
		end = print_range4(ret, element->ip4.lo, element->ip4.hi);
		break;
	case ELEMENT_IP6:
		end = print_range6(ret, &element->ip6.lo, &element->ip6.hi);
		break;
	case ELEMENT_PORT:
		end = print_ports(ret, element->port.lo, element->port.hi);
		break;
	default:
		end = print_service(ret, &element->service);
		break;
	}
	*end = '\0';
	return (size_t)(end - ret);
}
