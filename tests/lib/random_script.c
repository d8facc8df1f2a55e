/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* random_script.c - the addresses that random rules are about, and files with sets of them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "random_maker.h"

#define MOST_ELEMENTS 3000

/* Near one another: a third keeps the first bits of one before it. */
static void fill_pools(struct maker *m)
{
	static const int shared6[] = { 32, 40, 48, 56, 64, 64, 96, 112 };

	for (size_t i = 0; i < m->bases; i++) {
		struct in6_addr *a = &m->ip6[i];
		uint32_t keep = i && below(m->prng, 3) ? 8 + below(m->prng, 22) : 0;
		int keep6 = i && below(m->prng, 4) ? PICK(m->prng, shared6) / 8 : 4;
		size_t of = i ? below(m->prng, i) : 0;

		m->ip4[i] = prng_word(m->prng);
		if (keep)
			m->ip4[i] = (m->ip4[of] & ~(UINT32_MAX >> keep)) |
				    (m->ip4[i] & UINT32_MAX >> keep);
		for (int w = 0; w < 4; w++)
			a->s6_addr32[w] = prng_word(m->prng);
		/* Of 2000::/6 at first, of another's after that. */
		if (i)
			memcpy(a, &m->ip6[of], (size_t)keep6);
		else
			a->s6_addr[0] = 0x20 | (a->s6_addr[0] & 3);
		if (keep6 == 4) {
			a->s6_addr[0] = 0x20 | (a->s6_addr[0] & 3);
			a->s6_addr32[0] ^= htonl(below(m->prng, 64) << 4);
		}
	}
}

static void mask6(struct in6_addr *a, int prefix)
{
	for (int i = 0; i < 128; i++)
		if (i >= prefix)
			a->s6_addr[i / 8] &= ~(0x80 >> i % 8);
}

void maker_ip4(struct maker *m)
{
	static const int prefixes[] = {
		0, 8, 12, 16, 16, 20, 22, 24, 24, 24, 27, 30, 31, 32, 32, 32
	};
	int prefix = PICK(m->prng, prefixes);
	uint32_t a = m->ip4[below(m->prng, m->bases)], b = a + below(m->prng, 1 << 16);
	char text[2][INET_ADDRSTRLEN];

	prefix = MAX(prefix, m->shortest);
	if (prefix && !below(m->prng, 8) && b > a) { /* a range */
		a = htonl(a);
		b = htonl(b);
		fprintf(m->out, "%s-%s", inet_ntop(AF_INET, &a, text[0], sizeof(text[0])),
			inet_ntop(AF_INET, &b, text[1], sizeof(text[1])));
		return;
	}
	a = htonl(prefix ? a & (uint32_t)(UINT32_MAX << (32 - prefix)) : 0);
	fprintf(m->out, "%s/%d", inet_ntop(AF_INET, &a, text[0], sizeof(text[0])), prefix);
}

void maker_ip6(struct maker *m)
{
	static const int prefixes[] = { 0, 32, 32, 48, 48, 48, 64, 64, 64, 80, 112, 128, 128, 128 };
	int prefix = m->manner == MANNER_IP6 ? prefixes[1 + below(m->prng, 13)]
					     : PICK(m->prng, prefixes);
	struct in6_addr a = m->ip6[below(m->prng, m->bases)], b = a;
	char text[2][INET6_ADDRSTRLEN];

	prefix = MAX(prefix, 3 * m->shortest);
	mask6(&a, prefix);
	if (prefix > 32 && !below(m->prng, 16)) { /* a range that is no prefix */
		b.s6_addr32[3] = htonl(ntohl(b.s6_addr32[3]) | 1 | below(m->prng, 1 << 20));
		fprintf(m->out, "%s-%s", inet_ntop(AF_INET6, &a, text[0], sizeof(text[0])),
			inet_ntop(AF_INET6, &b, text[1], sizeof(text[1])));
		return;
	}
	fprintf(m->out, "%s/%d", inet_ntop(AF_INET6, &a, text[0], sizeof(text[0])), prefix);
}

void maker_begin(struct maker *m, struct prng *prng, enum manner manner, size_t count)
{
	*m = (struct maker){ .prng = prng, .manner = manner, .about = FIELDS };
	m->bases = MAX(count / (1 + below(prng, 8)), (size_t)4);
	m->bases = MIN(m->bases, (size_t)POOL);
	fill_pools(m);
}

static void put_element(struct maker *m, char kind)
{
	uint32_t port = below(m->prng, 65000), base = htonl(m->ip4[below(m->prng, m->bases)]);
	char text[INET_ADDRSTRLEN];

	if (kind == 'p')
		fprintf(m->out, "%u-%u", port, port + below(m->prng, 200));
	else if (kind == 'v')
		fprintf(m->out, "%s:%u/%s", inet_ntop(AF_INET, &base, text, sizeof(text)),
			below(m->prng, 64) * 16, below(m->prng, 2) ? "tcp" : "udp");
	else if (below(m->prng, 2))
		maker_ip4(m);
	else
		maker_ip6(m);
}

/* Some elements have an end, too far away to come. */
static void put_block(struct maker *m, char kind, uint32_t n)
{
	static const char *const types[] = { ['a' - 'a'] = "",
					     ['p' - 'a'] = "ports ",
					     ['v' - 'a'] = "services " };
	uint32_t most = kind == 'p' ? 6 : below(m->prng, 4) ? 50 : MOST_ELEMENTS;
	uint32_t count = below(m->prng, most);

	m->shortest = 16;
	fprintf(m->out, "set %c%u %s%s{\n", kind, n, types[kind - 'a'],
		!below(m->prng, 4) ? "counters " : "");
	for (uint32_t i = 0; i < count; i++) {
		put_element(m, kind);
		fprintf(m->out, "%s\n", kind != 'p' && !below(m->prng, 32) ? " for 2h" : "");
	}
	fprintf(m->out, "}\n");
}

char *random_script(enum manner manner, enum field about, uint64_t seed, size_t count)
{
	struct prng prng = prng_seed(seed);
	struct maker *m = calloc(1, sizeof(*m));
	char **rules, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	maker_begin(m, &prng, manner, count);
	m->about = about;
	/* So few that all their buckets find room; where a field is tried with any number of packets, none. */
	m->limits = manner != MANNER_IP6 && about == FIELDS ? MAX(count / 1000, (size_t)8) : 0;
	rules = maker_rules(m, count);
	m->out = out;
	fprintf(out, "policy %s\n", below(&prng, 2) ? "drop" : "pass");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s\n", rules[i]);
	for (uint32_t i = 0; i < ADDRESS_SETS && manner == MANNER_SETS; i++)
		put_block(m, 'a', i);
	for (uint32_t i = 0; i < SERVICE_SETS && manner == MANNER_SETS; i++)
		put_block(m, 'v', i);
	for (uint32_t i = 0; i < PORT_SETS && manner == MANNER_SETS; i++)
		put_block(m, 'p', i);
	fclose(out);
	random_rules_free(rules, count);
	free(m);
	return text;
}

static void age(struct prng *prng, uint32_t *until, uint32_t second)
{
	if (*until && below(prng, 2))
		*until = second;
}

void random_script_age(struct ruleset *rules, uint64_t seed, uint32_t second)
{
	struct prng prng = prng_seed(seed);

	for (size_t i = 0; i < rules->count; i++)
		age(&prng, &rules->rules[i].until, second);
	for (size_t i = 0; i < rules->set_count; i++) {
		struct set *s = &rules->sets[i];

		for (size_t n = 0; n < s->count4; n++)
			age(&prng, &s->ip4[n].until, second);
		for (size_t n = 0; n < s->count6; n++)
			age(&prng, &s->ip6[n].until, second);
		for (size_t n = 0; n < s->service_count; n++)
			age(&prng, &s->services[n].until, second);
	}
}
