/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sets.c - rulesets of random sets: the programs of all hooks against the oracle, verdict and rule of
 * every packet, the counters of rules and of elements.
 *
 *	sets [-l]
 */
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/boottime.h"
#include "../lib/oracle_check.h"
#include "../lib/random_sets.h"

#define FLOWS (1 << 18)

static unsigned __int128 number_of(const __u64 *word)
{
	return (unsigned __int128)be64toh(word[0]) << 64 | be64toh(word[1]);
}

/* As a frame; now and then a fragment, or one cut short. */
static struct test_packet test_packet_of(const struct packet *p, size_t n)
{
	struct probe d = {
		.family = p->id.kind & KIND_IP6 ? 6 : 4,
		.sport = ntohs(p->id.sport),
		.dport = ntohs(p->id.dport),
		.proto = ID_PROTO(p->id.tags),
		.own[FIELD_LEN] = 100,
		.frag = n % 16 ? 0 : n / 16 % 3,
	};

	d.src = d.family == 6 ? number_of(p->src6) : ntohl(p->src4);
	d.dst = d.family == 6 ? number_of(p->dst6) : ntohl(p->dst4);
	return (struct test_packet){ .probe = d, .cut = n % 32 == 1 };
}

static bool prove(struct oracle_check *c, size_t n, size_t packets)
{
	struct fault fault = {};
	struct ruleset rules;
	char name[32];
	bool good;

	snprintf(name, sizeof(name), "random sets %zu", n);
	random_sets(boottime_seconds(), &rules);
	if (oracle_check_ruleset(c, name, &rules, &fault) < 0) {
		printf("FAIL %s: %s\n", name, fault.message);
		return false;
	}
	for (size_t i = 0; i < packets; i++) {
		struct packet p = random_sets_packet(&c->harness.rules);
		struct test_packet d = test_packet_of(&p, i);
		struct test_frame frame;

		test_packet_frame(&d, &frame);
		oracle_check_frame(c, &frame);
	}
	good = oracle_check_end(c);
	oracle_check_print(c);
	return good;
}

int main(int argc, char **argv)
{
	bool thorough = argc == 2 && !strcmp(argv[1], "-l");
	size_t rulesets = thorough ? 100 : 12, packets = thorough ? 20000 : 2000, passed = 0;
	struct fault fault = {};
	struct oracle_check check;

	if (argc != 1 + thorough)
		errx(2, "usage: sets [-l]");
	if (oracle_check_open(FLOWS, &check, &fault) < 0)
		errx(1, "%s", fault.message);
	for (size_t i = 0; i < rulesets; i++)
		passed += prove(&check, i, packets);
	oracle_check_close(&check);
	printf("%zu passed, %zu failed\n", passed, rulesets - passed);
	return passed < rulesets;
}
