/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_nft_value.c - values of nft as words of our language: "10.0.0.0/8", "80-90", "icmpv6", "syn+ack". */
#include <errno.h>
#include <string.h>

#include "import_nft.h"
#include "../rules/names.h"

#define MAX_BLOCKS 8 /* of a range; all rules together may have MAX_MASKS */

static const struct name icmp4_codes[] = {
	{ 0, "net-unreachable" },  { 1, "host-unreachable" },  { 2, "prot-unreachable" },
	{ 3, "port-unreachable" }, { 4, "frag-needed" },       { 9, "net-prohibited" },
	{ 10, "host-prohibited" }, { 13, "admin-prohibited" }, { 0, NULL },
};

static const struct name icmp6_codes[] = {
	{ 0, "no-route" },
	{ 1, "admin-prohibited" },
	{ 3, "addr-unreachable" },
	{ 4, "port-unreachable" },
	{ 5, "policy-fail" },
	{ 6, "reject-route" },
	{ 0, NULL },
};

/* Those that are not ours. */
static const struct name dscp_aliases[] = { { 0, "df" }, { 1, "lephb" }, { 0, NULL } };

/* A number, given as one or by the name that nft has for it. -ENOENT. */
static int number(const struct nft_key *key, const json_t *value)
{
	const char *word = json_string_value(value);
	int n;

	if (json_is_integer(value)) {
		json_int_t given = json_integer_value(value);

		return given >= 0 && given <= UINT16_MAX ? (int)given : -ENOENT;
	}
	if (!word)
		return -ENOENT;
	switch (key->kind) {
	case NFT_PROTO:
		return import_protocol(word);
	case NFT_TYPE:
		return icmp_type_number(key->icmp, word);
	case NFT_CODE:
		return name_number(key->icmp == 4 ? icmp4_codes : icmp6_codes, word);
	case NFT_ETHERTYPE:
		return name_number(ethertype_names, word);
	case NFT_DSCP:
		n = name_number(dscp_names, word);
		return n < 0 ? name_number(dscp_aliases, word) : n;
	default:
		return -ENOENT;
	}
}

/* All bits of a kind that has masks; 0: it has none. */
static uint64_t all_bits(enum nft_kind kind)
{
	return kind == NFT_MAC ? 0xffffffffffff : kind == NFT_MARK ? UINT32_MAX : 0;
}

/* A mark, or a MAC address as a number. */
static bool wide_number(enum nft_kind kind, const json_t *value, uint64_t *ret)
{
	const char *word = json_string_value(value);
	unsigned int byte[6];
	int end = 0;

	if (kind == NFT_MARK) {
		*ret = (uint64_t)json_integer_value(value);
		return json_is_integer(value) && *ret <= UINT32_MAX;
	}
	if (!word ||
	    sscanf(word, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &end) != 6 ||
	    word[end])
		return false;
	*ret = 0;
	for (size_t i = 0; i < ARRAY_SIZE(byte); i++)
		*ret = *ret << 8 | byte[i];
	return true;
}

uint64_t nft_mask(enum nft_kind kind, const json_t *mask)
{
	uint64_t bits;

	return all_bits(kind) && wide_number(kind, mask, &bits) ? bits : 0;
}

static void print_bits(FILE *out, enum nft_kind kind, uint64_t bits)
{
	if (kind == NFT_MARK)
		fprintf(out, "0x%x", (unsigned int)bits);
	else
		for (int shift = 40; shift >= 0; shift -= 8)
			fprintf(out, "%02x%s", (unsigned int)(bits >> shift) & 0xff,
				shift ? ":" : "");
}

/* False: bits outside of the mask, which nothing is equal to. */
static bool print_masked(FILE *out, enum nft_kind kind, uint64_t value, uint64_t mask)
{
	print_bits(out, kind, value);
	if (mask != all_bits(kind)) {
		fputc('/', out);
		print_bits(out, kind, mask);
	}
	return !(value & ~mask);
}

/* A range, as masks: as large a block as fits at each step. False where there are many: of each a packet is asked. */
static bool print_blocks(FILE *out, enum nft_kind kind, uint64_t lo, uint64_t hi)
{
	uint64_t all = all_bits(kind), low;
	int blocks = 0;

	for (; lo <= hi; lo += low + 1) {
		if (++blocks > MAX_BLOCKS)
			return false;
		for (low = 0; !(lo & (low << 1 | 1)) && lo + (low << 1 | 1) <= hi;)
			low = low << 1 | 1;
		if (!print_masked(out, kind, lo, all & ~low))
			return false;
		if (lo + low < hi)
			fputc(',', out);
	}
	return true;
}

static bool print_number(FILE *out, const struct nft_key *key, const json_t *value)
{
	int n = number(key, value);

	if (n < 0 || (key->kind == NFT_PROTO && n > UINT8_MAX))
		return false;
	if (key->kind == NFT_ETHERTYPE)
		fprintf(out, "0x%04x", (unsigned int)n);
	else
		fprintf(out, "%d", n);
	return true;
}

bool nft_print_flags(FILE *out, const json_t *value, const char *between)
{
	const json_t *list = json_object_get(value, "|") ?: value;
	const char *word = json_string_value(value);
	const json_t *one;
	size_t i;

	if (word && !strcmp(word, "ecn")) /* nft's word for what it is to TCP */
		word = "ece";
	if (word)
		return name_number(tcp_flag_names, word) >= 0 && fputs(word, out) >= 0;
	if (json_is_integer(value) && !json_integer_value(value))
		return fputs("none", out) >= 0;
	if (!json_array_size(list))
		return false;
	json_array_foreach(list, i, one)
	{
		if (i)
			fputs(between, out);
		if (!json_is_string(one) || !nft_print_flags(out, one, between))
			return false;
	}
	return true;
}

static bool print_iface(FILE *out, const json_t *value)
{
	const char *word = json_string_value(value);

	/* A star is a pattern, or one with a backslash in front. */
	return word && *word && !strpbrk(word, "*\"\\\n") && fprintf(out, "\"%s\"", word) > 0;
}

static bool print_scalar(FILE *out, const struct nft_key *key, const json_t *value)
{
	const char *word = json_string_value(value);
	uint64_t wide;

	switch (key->kind) {
	case NFT_MAC:
	case NFT_MARK:
		return wide_number(key->kind, value, &wide) &&
		       print_masked(out, key->kind, wide, key->mask ?: all_bits(key->kind));
	case NFT_ADDRESS:
		return word && import_is_plain(word, ":.-_") && fputs(word, out) >= 0;
	case NFT_FLAGS: /* the whole byte */
		return nft_print_flags(out, value, "+") && fputs("/all", out) >= 0;
	case NFT_IFACE:
		return print_iface(out, value);
	default:
		return print_number(out, key, value);
	}
}

/* Protocols, types and classes have no ranges in our language. */
static bool print_range(FILE *out, const struct nft_key *key, const json_t *range)
{
	const json_t *lo = json_array_get(range, 0), *hi = json_array_get(range, 1);
	uint64_t first, last;

	if (all_bits(key->kind))
		return !key->mask && wide_number(key->kind, lo, &first) &&
		       wide_number(key->kind, hi, &last) && first <= last &&
		       print_blocks(out, key->kind, first, last);
	if (key->kind == NFT_ADDRESS || key->kind == NFT_PORT || key->kind == NFT_TTL)
		return print_scalar(out, key, lo) && fputc('-', out) >= 0 &&
		       print_scalar(out, key, hi);
	if (key->kind != NFT_PROTO && key->kind != NFT_TYPE && key->kind != NFT_CODE &&
	    key->kind != NFT_DSCP)
		return false;
	if (number(key, lo) < 0 || number(key, hi) > 255 || number(key, hi) < number(key, lo))
		return false;
	for (int n = number(key, lo); n <= number(key, hi); n++)
		fprintf(out, "%s%d", n == number(key, lo) ? "" : ",", n);
	return true;
}

static bool print_prefix(FILE *out, const struct nft_key *key, const json_t *prefix)
{
	const json_t *first = json_object_get(prefix, "addr");
	json_int_t len = json_integer_value(json_object_get(prefix, "len"));
	uint64_t all = all_bits(key->kind), wide;

	if (!json_is_integer(json_object_get(prefix, "len")) || len < 0 || len > 128)
		return false;
	if (all)
		return !key->mask && len <= __builtin_popcountll(all) &&
		       wide_number(key->kind, first, &wide) &&
		       print_masked(out, key->kind, wide, all & ~(all >> len));
	return key->kind == NFT_ADDRESS && print_scalar(out, key, first) &&
	       fprintf(out, "/%d", (int)len) > 0;
}

const json_t *nft_element(const json_t *element, json_int_t *ret_left)
{
	const json_t *body = json_object_get(element, "elem");
	const json_t *left = json_object_get(body, "expires") ?: json_object_get(body, "timeout");
	const json_t *one;
	const char *name;

	*ret_left = left ? MAX(1LL, json_integer_value(left)) : 0;
	if (!body)
		return element;
	json_object_foreach((json_t *)body, name, one)
	{
		if (!import_is_one_of(name, "val timeout expires comment counter last"))
			return NULL;
	}
	return json_object_get(body, "val");
}

bool nft_print_values(FILE *out, const struct nft_key *key, const json_t *values)
{
	const json_t *set = json_object_get(values, "set");
	const json_t *prefix = json_object_get(values, "prefix");
	const json_t *range = json_object_get(values, "range");
	const json_t *one;
	json_int_t left;
	size_t i;

	if (json_object_get(values, "elem")) {
		one = nft_element(values, &left);
		return !left && one && nft_print_values(out, key, one);
	}
	if (range)
		return print_range(out, key, range);
	if (prefix)
		return print_prefix(out, key, prefix);
	if (!set && (!json_is_array(values) || key->kind == NFT_FLAGS))
		return print_scalar(out, key, values);
	if (!set)
		set = values;
	if (!json_array_size(set))
		return false;
	json_array_foreach(set, i, one)
	{
		if (i)
			fputc(',', out);
		if (!nft_print_values(out, key, one))
			return false;
	}
	return true;
}

bool nft_have_ports(const char *text)
{
	for (const char *p = text; *p; p += *p == ',') {
		long n = strtol(p, (char **)&p, 10);

		if (!protocol_has_ports((uint32_t)n))
			return false;
	}
	return true;
}

char *nft_values_text(const struct nft_key *key, const json_t *values)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	text_close(out, out && nft_print_values(out, key, values), &text);
	return text;
}
