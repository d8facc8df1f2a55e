/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parse_check.c - runs a frame through XDP and the native parser and looks for any difference. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parse_check.h"
#include "native.h"
#include "row.h"

#define COMPLAINTS 20

/* One group a family. */
int parse_check_open(struct parse_check *ret, struct fault *fault)
{
	struct harness *h = &ret->harness;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = harness_open_alone(1 << HOOK_XDP, WAYS, h, &ret->cpu, fault);
	if (r < 0)
		return r;
	if (h->opts.groups4 != 1 || h->opts.groups6 != 1)
		return fault_set(fault, -EINVAL, 0, "the smallest table has more than one group");
	ret->totals = h->memory[HOOK_XDP][MAP_TOTALS].at;
	ret->totals += ret->cpu * h->opts.iface_slots + HARNESS_IFINDEX;
	return 0;
}

void parse_check_close(struct parse_check *d)
{
	harness_close(&d->harness);
}

/* Takes the table's one entry out; true when it is of this packet and counted it. */
static bool take_entry(struct parse_check *d, const struct packet *packet, size_t len)
{
	struct shared_memory *memory = d->harness.memory[HOOK_XDP];
	struct tag_group *tags = (struct tag_group *)memory[MAP_TAGS].at + d->cpu * 2;
	const struct flow4_group *set4 = (struct flow4_group *)memory[MAP_FLOW4].at + d->cpu;
	const struct flow6_group *set6 = (struct flow6_group *)memory[MAP_FLOW6].at + d->cpu;
	bool six = packet_is_ip6(packet);
	const struct flow_state *state;
	const struct flow_id *id;
	uint64_t address[4] = {}, word[2];
	int way = 0;

	while (way < WAYS && !tags[six].way[way])
		way++;
	if (tags[!six].word || way == WAYS)
		return false;
	tags[six].way[way] = 0;
	id = six ? &set6->way[way].id : &set4->way[way].id;
	state = six ? &set6->way[way].state : &set4->way[way].state;
	memcpy(word, id, sizeof(word));
	memcpy(address, six ? (const void *)&set6->way[way] : &set4->way[way], six ? 32 : 8);
	return !tags[six].word && word[0] == packet->id_word[0] &&
	       !((word[1] ^ packet->id_word[1]) & FLOW_ID_MASK) &&
	       !memcmp(address, packet->addr, sizeof(address)) &&
	       PENDING_PACKETS(state->pending) == 1 && PENDING_BYTES(state->pending) == len &&
	       id->tcp_flags == packet->tcp_flags;
}

static void complain(struct parse_check *d, const char *name, const char *what,
		     const uint8_t *bytes, size_t len)
{
	if (d->mismatches++ >= COMPLAINTS)
		return;
	printf("FAIL %s: %zu bytes: %s:", name, len, what);
	for (size_t i = 0; i < MIN(len, PARSE_CHECK_CUT); i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

void parse_check_run(struct parse_check *d, const char *name, enum entry entry,
		     const uint8_t *bytes, size_t len)
{
	struct native native;
	enum verdict verdict;
	struct count seen, before;
	uint32_t value;
	int r;

	native_parse(bytes, len, HOOK_XDP, 0, HARNESS_IFINDEX, 0, &native);
	before = parse_check_seen(d, native.parsed);
	r = harness_run(&d->harness, entry, 0, bytes, len, &verdict, &value);
	if (r < 0) {
		complain(d, name, strerror(-r), bytes, len);
		return;
	}
	if (native.packet.id.kind & KIND_FIRST)
		harness_forget_fragments(&d->harness);
	native.packet.id.kind &= ~KINDS_FRAGMENT;
	d->runs++;
	if (verdict != VERDICT_PASS)
		complain(d, name, "dropped", bytes, len);
	seen = parse_check_seen(d, native.parsed);
	if (seen.packets != before.packets + 1 || seen.bytes != before.bytes + len)
		complain(d, name, reason_name(native.parsed), bytes, len);
	if (!take_entry(d, &native.packet, len)) {
		complain(d, name, "another flow", bytes, len);
		harness_clear(&d->harness, HOOK_XDP);
		d->runs = 0; /* the exits begin anew, too */
	}
}

struct count parse_check_seen(const struct parse_check *d, enum reason reason)
{
	const struct totals_half *half = d->totals->half;
	const struct count *one = &half[0].seen[reason], *other = &half[1].seen[reason];

	return (struct count){ one->packets + other->packets, one->bytes + other->bytes };
}

uint64_t parse_check_exits(const struct parse_check *d)
{
	uint64_t sum = 0;

	for (int i = 0; i < REASONS; i++)
		sum += parse_check_seen(d, i).packets;
	return sum;
}
