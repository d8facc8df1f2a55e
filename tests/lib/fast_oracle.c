/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fast_oracle.c - bitmaps of the rules that a value of one byte of a packet leaves in question. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/order.h"
#include "fast_oracle.h"

/*
 * One packet of so many is judged by the whole list, too: of so many rules, and of more in
 * proportion, or that alone would take most of the time.
 */
#define PROVED 64
#define PROVED_RULES 16384
#define BYTES4 4
#define BYTES6 8 /* the rest of an address excludes little more */

/* Values of one column, a byte each: 1 is not excluded. */
struct allowed {
	uint8_t value[256];
};

static size_t bytes_of(int family)
{
	return family == 6 ? BYTES6 : BYTES4;
}

static uint8_t byte_of(const struct addr6 *a, int family, size_t n)
{
	return family == 6 ? a->hi >> (56 - 8 * n) : a->lo >> (24 - 8 * n);
}

/* Ends that begin alike have between them what they have; else any value may be. */
static void allow_address(const struct value *v, int family, size_t n, struct allowed *ret)
{
	uint8_t lo = byte_of(&v->addr.lo, family, n), hi = byte_of(&v->addr.hi, family, n);

	if (v->addr.family != family)
		return;
	for (size_t i = 0; i < n; i++)
		if (byte_of(&v->addr.lo, family, i) != byte_of(&v->addr.hi, family, i))
			lo = 0, hi = 255;
	memset(ret->value + lo, 1, (size_t)hi - lo + 1);
}

/* "shift": of the bits below the byte. */
static void allow_range(const struct value *v, int shift, struct allowed *ret)
{
	uint32_t lo = v->range.lo >> shift, hi = v->range.hi >> shift;

	for (uint32_t i = lo; i <= hi && i < 256; i++)
		ret->value[i] = 1;
}

/* False: the match excludes nothing by this column. */
static bool allow(const struct match *m, int family, size_t column, struct allowed *ret)
{
	size_t bytes = bytes_of(family);
	enum field field = column < bytes	 ? FIELD_SRC
			   : column < 2 * bytes	 ? FIELD_DST
			   : column == 2 * bytes ? FIELD_PROTO
						 : FIELD_DPORT;

	if (m->field != field || m->negated)
		return false;
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < m->count; i++) {
		if (m->values[i].is_set)
			return false;
		if (column < 2 * bytes)
			allow_address(&m->values[i], family, column % bytes, ret);
		else
			allow_range(&m->values[i], field == FIELD_DPORT ? 8 : 0, ret);
	}
	return true;
}

static int make_column(struct fast_oracle *oracle, int family, size_t column)
{
	uint64_t **bits = oracle->bits[family == 6][column];
	struct allowed allowed;

	for (int value = 0; value < 256; value++) {
		bits[value] = malloc(oracle->words * sizeof(uint64_t));
		if (!bits[value])
			return -ENOMEM;
		memset(bits[value], 0xff, oracle->words * sizeof(uint64_t));
	}
	for (size_t i = 0; i < oracle->rules->count; i++) {
		const struct rule *rule = &oracle->rules->rules[i];

		for (size_t n = 0; n < rule->count; n++) {
			if (!allow(&rule->matches[n], family, column, &allowed))
				continue;
			for (int value = 0; value < 256; value++)
				if (!allowed.value[value])
					bits[value][i / 64] &= ~(1ULL << i % 64);
		}
	}
	return 0;
}

static bool asks_hook(const struct rule *rule)
{
	for (size_t i = 0; i < rule->count; i++)
		if (rule->matches[i].field == FIELD_HOOK ||
		    match_fields[rule->matches[i].field].only_on)
			return true;
	return false;
}

int fast_oracle_make(const struct ruleset *rules, struct fast_oracle *ret)
{
	int r = 0;

	memset(ret, 0, sizeof(*ret));
	ret->rules = rules;
	ret->words = rules->count / 64 + 1;
	for (size_t i = 0; i < rules->count; i++)
		ret->hooks |= asks_hook(&rules->rules[i]);
	for (int family = 4; family <= 6; family += 2) {
		ret->columns[family == 6] = 2 * bytes_of(family) + 2;
		for (size_t i = 0; i < ret->columns[family == 6] && !r; i++)
			r = make_column(ret, family, i);
	}
	return r;
}

void fast_oracle_free(struct fast_oracle *oracle)
{
	for (int six = 0; six < 2; six++)
		for (size_t i = 0; i < FAST_ORACLE_COLUMNS; i++)
			for (int value = 0; value < 256; value++)
				free(oracle->bits[six][i][value]);
	memset(oracle, 0, sizeof(*oracle));
}

/* The bitmap of each column for a packet. */
static void columns_of(const struct fast_oracle *oracle, const struct packet *p,
		       const uint64_t **ret)
{
	int family = packet_is_ip6(p) ? 6 : 4, six = family == 6;
	size_t bytes = bytes_of(family);

	for (size_t i = 0; i < 2 * bytes; i++) {
		const uint8_t *end = six ? (const uint8_t *)(i < bytes ? p->src6 : p->dst6)
					 : (const uint8_t *)(i < bytes ? &p->src4 : &p->dst4);

		ret[i] = oracle->bits[six][i][end[i % bytes]];
	}
	ret[2 * bytes] = oracle->bits[six][2 * bytes][ID_PROTO(p->id.tags)];
	ret[2 * bytes + 1] = oracle->bits[six][2 * bytes + 1][net16(p->id.dport) >> 8];
}

/* Adds what one rule says; true: it decides. */
static bool ask(const struct fast_oracle *oracle, size_t position, const struct packet *packet,
		const struct envelope *envelope, enum hook_id hook, struct oracle_answer *ret)
{
	/* A list of this rule alone; borrowed. */
	const struct ruleset alone = {
		.policy = oracle->rules->policy,
		.count = 1,
		.rules = &oracle->rules->rules[position],
		.sets = oracle->rules->sets,
		.set_count = oracle->rules->set_count,
		.ifaces = oracle->rules->ifaces,
		.iface_count = oracle->rules->iface_count,
	};
	struct oracle_answer one;

	oracle_ask(&alone, packet, envelope, hook, &one);
	if (one.audit_count)
		ret->audits[ret->audit_count++] = one.audits[0];
	if (!one.slot)
		return false;
	ret->verdict = one.verdict;
	ret->limited = one.limited;
	ret->slot = one.slot;
	return true;
}

static void judge(const struct fast_oracle *oracle, const struct packet *packet,
		  const struct envelope *envelope, enum hook_id hook, struct oracle_answer *ret)
{
	const uint64_t *column[FAST_ORACLE_COLUMNS];
	size_t columns = oracle->columns[!!packet_is_ip6(packet)];

	ret->verdict = oracle->rules->policy;
	ret->slot = 0;
	ret->limited = ret->unsure = false;
	ret->audit_count = 0;
	columns_of(oracle, packet, column);
	for (size_t word = 0; word < oracle->words; word++) {
		uint64_t left = UINT64_MAX;

		for (size_t i = 0; i < columns && left; i++)
			left &= column[i][word];
		for (; left; left &= left - 1) {
			size_t position = 64 * word + (size_t)__builtin_ctzll(left);

			if (position >= oracle->rules->count ||
			    ask(oracle, position, packet, envelope, hook, ret))
				return;
		}
	}
}

static bool same(const struct oracle_answer *a, const struct oracle_answer *b)
{
	return a->verdict == b->verdict && a->limited == b->limited && a->unsure == b->unsure &&
	       a->slot == b->slot &&
	       a->audit_count == b->audit_count &&
	       !memcmp(a->audits, b->audits, a->audit_count * sizeof(*a->audits));
}

static void answer(const struct oracle_answer *from, struct oracle_answer *ret)
{
	memcpy(ret, from, offsetof(struct oracle_answer, audits));
	memcpy(ret->audits, from->audits, from->audit_count * sizeof(*from->audits));
	ret->audit_count = from->audit_count;
}

/* To all rules but those about hooks. */
static bool same_packet(const struct packet *a, const struct packet *b)
{
	return !memcmp(a->addr, b->addr, sizeof(a->addr)) &&
	       !memcmp(a->id_word, b->id_word, sizeof(a->id_word)) && a->length == b->length &&
	       a->gso_size == b->gso_size && a->tcp_flags == b->tcp_flags &&
	       !memcmp(a->byte, b->byte, sizeof(a->byte));
}

void fast_oracle_judge(struct fast_oracle *oracle, const struct packet *packet,
		       const struct envelope *envelope, enum hook_id hook,
		       struct oracle_answer *ret)
{
	size_t proved = PROVED * (oracle->rules->count / PROVED_RULES + 1);
	struct oracle_answer whole;

	/* What does not show all may match rules that a value excludes. */
	if (!(packet->id.kind & (KIND_IP4 | KIND_IP6)) ||
	    packet->id.kind & KINDS_UNSEEN) {
		oracle_ask(oracle->rules, packet, envelope, hook, ret);
		return;
	}
	if (oracle->hooks || !oracle->asked || !same_packet(packet, &oracle->packet) ||
	    memcmp(envelope, &oracle->envelope, sizeof(*envelope)) != 0) {
		judge(oracle, packet, envelope, hook, &oracle->answer);
		oracle->packet = *packet;
		oracle->envelope = *envelope;
	}
	answer(&oracle->answer, ret);
	if (oracle->asked++ % proved)
		return;
	oracle_ask(oracle->rules, packet, envelope, hook, &whole);
	oracle->wrong += !same(ret, &whole);
}
