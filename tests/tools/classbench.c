/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * classbench.c - large rulesets in ClassBench's format, compiled: the native walk and the programs
 * of all hooks against the oracle, verdict and rule of every packet.
 *
 *	classbench [-6] [-n PACKETS] FILE...
 *
 * -6 turns the addresses into IPv6 ones. Every fourth rule passes, the rest drops.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../../bpf/parts_native.h"
#include "../../bpf/classify.h"
#include "../../ctl/judge.h"
#include "../lib/filter.h"
#include "../lib/harness.h"
#include "../lib/native.h"

#define PACKETS 20000
#define FLOWS (1 << 19) /* twenty times the packets: none is evicted */
#define FRAME_SIZE (14 + sizeof(struct ip6_hdr) + sizeof(struct tcphdr) + 8)

struct header {
	uint32_t address[2];
	uint16_t port[2];
	uint8_t proto, flags;
};

struct bench_set {
	const char *name;
	bool ip6;
	size_t packets;
	struct filter *filters;
	char **texts;
	size_t count;
	struct harness harness;
	struct known_ifaces known;
	uint64_t *expected;		      /* packets by slot */
	unsigned int native, verdicts, rules; /* differences */
	double compiled, checked;
};

static uint64_t state = 0x243f6a8885a308d3;

static uint32_t below(uint64_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 32) * n >> 32);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* ---- from line to rule ---- */

static void read_file(struct bench_set *set)
{
	FILE *in = fopen(set->name, "r");
	char line[256];

	if (!in)
		err(1, "%s", set->name);
	set->filters = calloc(MAX_RULES, sizeof(*set->filters));
	set->texts = calloc(MAX_RULES, sizeof(*set->texts));
	while (set->count < MAX_RULES && fgets(line, sizeof(line), in)) {
		if (!filter_parse(line, &set->filters[set->count]))
			continue;
		set->texts[set->count] = filter_text(&set->filters[set->count], set->ip6,
						     set->count % 4 ? "drop" : "pass");
		set->count++;
	}
	fclose(in);
}

/* ---- packets ---- */

/* An end of the range, one beside it, or something in it. */
static uint32_t pick(uint32_t lo, uint32_t hi)
{
	switch (below(8)) {
	case 0:
		return lo;
	case 1:
		return hi;
	case 2:
		return lo - 1;
	case 3:
		return hi + 1;
	default:
		return lo + below((uint64_t)hi - lo + 1);
	}
}

static struct header make_header(const struct bench_set *set)
{
	const struct filter *f = &set->filters[below(set->count)];
	bool anything = !below(10);
	struct header h;

	for (int i = 0; i < 2; i++) {
		h.address[i] =
			anything ? below(1ULL << 32) : pick(f->address[i][0], f->address[i][1]);
		h.port[i] = anything ? below(65536) : pick(f->port[i][0], f->port[i][1]);
	}
	h.proto = f->proto_mask && below(16) ? f->proto : below(2) ? IPPROTO_TCP : IPPROTO_UDP;
	h.flags = below(2) ? below(256) : f->flags >> 8;
	return h;
}

/* Every corner of every rule, or as many as there is room for, spread over all. */
static struct header corner(const struct bench_set *set, size_t n, size_t of)
{
	size_t corners = set->count * 16, at = corners <= of ? n : n * corners / of;
	const struct filter *f = &set->filters[at / 16 % set->count];
	struct header h;

	for (int i = 0; i < 2; i++) {
		h.address[i] = f->address[i][at >> i & 1];
		h.port[i] = f->port[i][at >> (2 + i) & 1];
	}
	h.proto = f->proto_mask ? f->proto : IPPROTO_TCP;
	h.flags = f->flags >> 8;
	return h;
}

static size_t make_frame(const struct bench_set *set, const struct header *h, uint8_t *frame)
{
	struct ethhdr {
		uint8_t dst[6], src[6];
		uint16_t type;
	} *eth = (void *)frame;
	struct ip6_hdr *ip6 = (void *)(frame + 14);
	struct iphdr *ip = (void *)(frame + 14);
	size_t network = set->ip6 ? sizeof(*ip6) : sizeof(*ip);
	struct tcphdr *tcp = (void *)(frame + 14 + network);
	size_t len = sizeof(*tcp) + 8;

	memset(frame, 0, FRAME_SIZE);
	eth->type = htons(set->ip6 ? 0x86dd : 0x0800);
	if (set->ip6) {
		ip6->ip6_flow = htonl(6 << 28);
		ip6->ip6_plen = htons(len);
		ip6->ip6_nxt = h->proto;
		ip6->ip6_hlim = 64;
		filter_ip6(h->address[0], &ip6->ip6_src);
		filter_ip6(h->address[1], &ip6->ip6_dst);
	} else {
		*ip = (struct iphdr){ .version = 4,
				      .ihl = 5,
				      .tot_len = htons(network + len),
				      .ttl = 64,
				      .protocol = h->proto,
				      .saddr = htonl(h->address[0]),
				      .daddr = htonl(h->address[1]) };
	}
	tcp->source = htons(h->port[0]);
	tcp->dest = htons(h->port[1]);
	if (h->proto == IPPROTO_TCP) {
		tcp->doff = 5;
		((uint8_t *)tcp)[13] = h->flags;
	} else if (h->proto == IPPROTO_UDP) {
		((struct udphdr *)tcp)->len = htons(len);
	}
	return 14 + network + len;
}

/* ---- comparisons ---- */

static void complain(const struct bench_set *set, const char *who, const struct header *h,
		     const struct judgement *list, int verdict, uint32_t slot)
{
	printf("%s: %s: %08x:%u %08x:%u proto %u flags %#x: list verdict %d slot %u, found %d %u\n",
	       set->name, who, h->address[0], h->port[0], h->address[1], h->port[1], h->proto,
	       h->flags, list->verdict, list->slot, verdict, slot);
}

static void run_hooks(struct bench_set *set, const struct header *h, uint8_t *frame, size_t len,
		      const struct judgement *list)
{
	static const enum entry entries[HOOKS] = { ENTRY_XDP, ENTRY_TC, ENTRY_NF };
	enum verdict verdict;
	uint32_t value;

	for (int hook = 0; hook < HOOKS; hook++) {
		size_t skip = hook == HOOK_NF ? 14 : 0;
		int r = harness_repeat(&set->harness, entries[hook], set->ip6 ? 6 : 4, frame + skip,
				       len - skip, 1, &verdict, &value);

		if (r < 0)
			errx(1, "%s: test run: %s", set->name, strerror(-r));
		if (verdict != list->verdict && !set->verdicts++)
			complain(set, entry_name(entries[hook]), h, list, verdict, 0);
	}
}

static void try_header(struct bench_set *set, const struct header *h)
{
	struct judgement list;
	struct decision walk;
	struct native native;
	uint8_t frame[FRAME_SIZE];
	size_t len = make_frame(set, h, frame);

	native_parse(frame, len, HOOK_XDP, 0, 1, &native);
	judge_packet(&set->harness.set, &set->known, &native.packet, HOOK_XDP, &list);
	classify(set->harness.blob, &native.packet, HOOK_XDP, &walk);
	if ((walk.verdict != list.verdict || walk.slot != list.slot) && !set->native++)
		complain(set, "natively", h, &list, walk.verdict, walk.slot);
	set->expected[list.slot]++;
	run_hooks(set, h, frame, len, &list);
}

/* What each rule has counted at each hook. */
static void compare_counts(struct bench_set *set)
{
	for (int hook = 0; hook < HOOKS; hook++) {
		struct fault fault = {};
		struct snapshot s;

		if (harness_read(&set->harness, hook, &s, &fault) < 0)
			errx(1, "%s: %s", set->name, fault.message);
		for (size_t slot = 0; slot < MAX_SLOTS; slot++)
			set->rules += s.rules[slot].packets != set->expected[slot];
		snapshot_free(&s);
	}
}

static void put_in_force(struct bench_set *set)
{
	struct fault fault = {};
	double begun;

	if (harness_open(1 << HOOK_XDP | 1 << HOOK_TC | 1 << HOOK_NF, FLOWS, &set->harness,
			 &fault) < 0)
		errx(1, "%s: %s", set->name, fault.message);
	begun = seconds();
	if (harness_rules(&set->harness, VERDICT_DROP, (const char *const *)set->texts, set->count,
			  &fault) < 0)
		errx(1, "%s: %s", set->name, fault.message);
	set->checked = seconds() - begun;
	set->harness.set.generation--;
	begun = seconds();
	memset(set->harness.blob, 0, sizeof(*set->harness.blob));
	if (ruleset_compile(&set->harness.set, set->harness.blob, &fault) < 0)
		errx(1, "%s: %s", set->name, fault.message);
	set->compiled = seconds() - begun;
	if (judge_ifaces(&set->harness.set, &set->known) < 0)
		errx(1, "no memory");
}

static void print_set(const struct bench_set *set)
{
	const struct blob *blob = set->harness.blob;
	const struct family_rules *f = &blob->family[set->ip6 ? FAMILY_IP6 : FAMILY_IP4];

	printf("%-4s %-10s %6zu rules %7u boxes %5zu KiB, at most %3u nodes %3u boxes; compiled "
	       "%.3f "
	       "s, all %.3f s; %zu packets: %u, %u and %u differences\n",
	       set->native + set->verdicts + set->rules ? "FAIL" : "ok",
	       strrchr(set->name, '/') ? strrchr(set->name, '/') + 1 : set->name, set->count,
	       f->total, blob_size(blob) >> 10, f->worst_nodes, f->worst_boxes, set->compiled,
	       set->checked, set->packets, set->native, set->verdicts, set->rules);
}

static bool run_set(const char *name, bool ip6, size_t packets)
{
	struct bench_set set = { .name = name, .ip6 = ip6, .packets = packets };
	struct header h;
	bool good;

	read_file(&set);
	put_in_force(&set);
	set.expected = calloc(MAX_SLOTS, sizeof(*set.expected));
	for (size_t i = 0; i < packets; i++) {
		h = i % 2 ? corner(&set, i / 2, packets / 2) : make_header(&set);
		try_header(&set, &h);
	}
	compare_counts(&set);
	print_set(&set);
	good = !(set.native + set.verdicts + set.rules);
	for (size_t i = 0; i < set.count; i++)
		free(set.texts[i]);
	free(set.texts);
	free(set.filters);
	free(set.expected);
	harness_close(&set.harness);
	return good;
}

int main(int argc, char **argv)
{
	size_t packets = PACKETS;
	unsigned int failed = 0;
	bool ip6 = false;
	int option;

	while ((option = getopt(argc, argv, "6n:")) != -1) {
		if (option == '6')
			ip6 = true;
		else if (option == 'n')
			packets = strtoul(optarg, NULL, 10);
		else
			errx(2, "classbench [-6] [-n PACKETS] FILE...");
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = optind; i < argc; i++)
		failed += !run_set(argv[i], ip6, packets);
	printf("%d passed, %u failed\n", argc - optind - (int)failed, failed);
	return failed ? 1 : 0;
}
