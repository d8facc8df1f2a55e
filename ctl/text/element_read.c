/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* element_read.c - one element of a set from text. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "element_read.h"
#include "parser.h"

#define WORD_SIZE 256 /* of what may be an element at all */

/* Digits without leading zeros up to "max", at *at, which moves past them. */
static bool number_read(const char **at, const char *end, uint32_t max, uint32_t *ret)
{
	const char *p = *at;
	uint32_t n = 0;

	while (p < end && p - *at < 3 && *p >= '0' && *p <= '9')
		n = n * 10 + (uint32_t)(*p++ - '0');
	if (p == *at || (p - *at > 1 && **at == '0') || n > max)
		return false;
	*at = p;
	*ret = n;
	return true;
}

/* What nearly all words are, without a detour: an IPv4 address or prefix. */
static bool quick_ip4(const char *word, size_t len, struct element *ret)
{
	const char *at = word, *end = word + len;
	uint32_t address = 0, n = 0, host = 0;

	for (int i = 0; i < 4; i++) {
		if (i && (at == end || *at++ != '.'))
			return false;
		if (!number_read(&at, end, 255, &n))
			return false;
		address = address << 8 | n;
	}
	if (at < end) {
		if (*at++ != '/' || !number_read(&at, end, 32, &n) || at < end)
			return false;
		host = n ? (uint32_t)((UINT64_C(1) << (32 - n)) - 1) : UINT32_MAX;
		if (address & host)
			return false;
	}
	*ret = (struct element){
		.kind = ELEMENT_IP4,
		.ip4 = { .lo = address, .hi = address | host },
	};
	return true;
}

static int address_read(struct rule_parser *p, const char *word, struct element *ret)
{
	struct piece at = { .end = (unsigned int)strlen(word) };
	struct value v = {};
	int r = addr_value(p, word, at, &v);

	if (r < 0)
		return r;
	*ret = (struct element){ .kind = v.addr.family == 4 ? ELEMENT_IP4 : ELEMENT_IP6 };
	if (v.addr.family == 4) {
		ret->ip4.lo = (uint32_t)v.addr.lo.lo;
		ret->ip4.hi = (uint32_t)v.addr.hi.lo;
	} else {
		ret->ip6.lo = v.addr.lo;
		ret->ip6.hi = v.addr.hi;
	}
	return 0;
}

static int port_read(struct rule_parser *p, const char *word, struct element *ret)
{
	struct piece at = { .end = (unsigned int)strlen(word) };
	struct value v = {};
	int r = port_value(p, word, at, &v);

	if (r < 0)
		return r;
	*ret = (struct element){
		.kind = ELEMENT_PORT,
		.port = { .lo = (uint16_t)v.range.lo, .hi = (uint16_t)v.range.hi },
	};
	return 0;
}

/* PORTS[/PROTO] */
static int service_ports(struct rule_parser *p, char *word, struct service *service)
{
	struct piece at = { .end = (unsigned int)strlen(p->text) };
	char *slash = strchr(word, '/');
	struct value v = {};
	int r;

	if (slash) {
		r = number_value(p, FIELD_PROTO, slash + 1, at, &v);
		if (r < 0)
			return r;
		if (!protocol_has_ports(v.range.lo))
			return parser_fault(p, at, "a protocol without ports: '%s'", slash + 1);
		service->proto = (uint8_t)v.range.lo;
		*slash = '\0';
	}
	r = port_value(p, word, at, &v);
	service->port_lo = (uint16_t)v.range.lo;
	service->port_hi = (uint16_t)v.range.hi;
	return r;
}

/* ADDRESS:PORTS[/PROTO], an IPv6 address in brackets. */
static int service_read(struct rule_parser *p, char *word, struct element *ret)
{
	bool brackets = word[0] == '[';
	char *colon = brackets ? strstr(word, "]:") : strchr(word, ':');
	struct piece at = { .end = (unsigned int)strlen(word) };
	struct value v = {};
	int r;

	if (!colon || (!brackets && strchr(colon + 1, ':'))) {
		parser_fault(p, at, "not a service: '%s'", word);
		parser_hint(p, "services are like 10.0.0.5:53/udp or [2001:db8::1]:443");
		return -EINVAL;
	}
	*colon = '\0';
	r = addr_value(p, word + brackets, at, &v);
	if (r < 0)
		return r;
	if (addr_compare(&v.addr.lo, &v.addr.hi))
		return parser_fault(p, at, "a service is at one address: '%s'", word + brackets);
	if (brackets != (v.addr.family == 6))
		return parser_fault(p, at, "brackets are for IPv6 addresses: '%s'",
				    word + brackets);
	*ret = (struct element){
		.kind = ELEMENT_SERVICE,
		.service = { .address = v.addr.lo, .family = v.addr.family },
	};
	return service_ports(p, colon + 1 + brackets, &ret->service);
}

int element_read(enum set_type type, const char *word, size_t len, struct element *ret,
		 struct fault *fault)
{
	char copy[WORD_SIZE], text[WORD_SIZE];
	struct rule_parser p = { .text = text, .fault = fault };
	struct element element;
	int r;

	if (type == SET_ADDRESSES && quick_ip4(word, len, ret))
		return 0;
	if (len >= sizeof(text) || memchr(word, '\0', len))
		return fault_set(fault, -EINVAL, EXIT_USAGE, "not an element: '%.*s'",
				 (int)MIN(len, 200), word);
	memcpy(text, word, len);
	text[len] = '\0';
	memcpy(copy, text, len + 1);
	if (type == SET_ADDRESSES)
		r = address_read(&p, copy, &element);
	else if (type == SET_PORTS)
		r = port_read(&p, copy, &element);
	else
		r = service_read(&p, copy, &element);
	if (!r)
		*ret = element;
	return r;
}
