/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* native_path.c - the kernel's part of the packet path, played in user memory. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Stand-ins for <bpf/bpf_helpers.h>, which its guard keeps out. */
#define __BPF_HELPERS__
#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, value) __typeof__(value) *name
#define __array(name, value) __typeof__(value) *name[]

static void *bpf_map_lookup_elem(void *map, const void *key);
static unsigned long long bpf_jiffies64(void);
static unsigned long long bpf_ktime_get_ns(void);

static unsigned int bpf_get_smp_processor_id(void)
{
	return 0;
}

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Warray-bounds" /* a map here is not the size of its value */
#define COUNT_ATOMIC 1
#define COUNT_HOOK HOOK_NF
#include "../../bpf/order.h"
#include "../../bpf/verdict.bpf.h"

#include "../../ctl/compile/compile.h"
#include "../../ctl/rules/ruleset.h"
#include "../../ctl/text/rule_parse.h"
#include "native_account.h"
#include "native_path.h"

#define IFINDEX 3
#define LENGTH ACCOUNT_BYTES

/* The maps: one CPU, one group a family. */
static struct {
	struct tag_group tags[2];
	struct flow4_group flow4;
	struct flow6_group flow6;
	struct more_group more[2];
	struct totals totals[IFACE_SLOTS_MIN];
	struct halves closed[RULE_SLOTS];
	struct region region;
	struct bucket_set buckets[2];
} world;

static struct blob *blobs[4]; /* what drops, what passes, a limit, what asks for lengths */
static struct blob *in_force, *first;
static __u64 ticks;

static void *bpf_map_lookup_elem(void *map, const void *key)
{
	__u32 i = *(const __u32 *)key;

	if (map == &netctl_rules)
		return __atomic_load_n(&in_force, __ATOMIC_RELAXED);
	if (map == &netctl_tags)
		return &world.tags[i & 1];
	if (map == &netctl_flow4)
		return &world.flow4;
	if (map == &netctl_flow6)
		return &world.flow6;
	if (map == &netctl_more)
		return &world.more[i & 1];
	if (map == &netctl_totals)
		return &world.totals[i % IFACE_SLOTS_MIN];
	if (map == &netctl_closed)
		return &world.closed[i % RULE_SLOTS];
	if (map == &netctl_region)
		return &world.region;
	if (map == &netctl_buckets)
		return &world.buckets[i & 1];
	if (map == &netctl_below)
		return NULL;
	return map; /* the ruleset itself */
}

static unsigned long long bpf_jiffies64(void)
{
	return ticks;
}

static unsigned long long bpf_ktime_get_ns(void)
{
	return ticks * 4000000;
}

static int family = 4;
static __u8 tcp_flags;

static const __u32 lengths[OP_ALL / 2] = { 100, 150, 250, 350, 450 };

static __u32 address4(int flow)
{
	return htonl(0x0a000100 + (__u32)flow);
}

/* An entry of the present family. */
struct listed {
	struct flow_id *id;
	struct flow_state *state;
	const struct flow_more *more;
	__u64 flow;
	bool used;
};

static struct listed listed_in(int way)
{
	struct flow4 *e4 = &world.flow4.way[way];
	struct flow6 *e6 = &world.flow6.way[way];

	if (family == 4)
		return (struct listed){ &e4->id, &e4->state, &world.more[0].way[way],
					ntohl(e4->dst) - ntohl(address4(0)), world.tags[0].way[way] };
	return (struct listed){ &e6->id, &e6->state, &world.more[1].way[way], e6->dst[1],
				world.tags[1].way[way] };
}

static void look(void *ctx, struct envelope *ret)
{
}

static void visit(const struct op *op, struct expected *expected)
{
	struct visit v = {};
	enum verdict drops;

	if (family == 4) {
		v.packet.src4 = htonl(0x0a000001);
		v.packet.dst4 = address4(op->flow);
	} else {
		v.packet.src6[0] = 1;
		v.packet.dst6[1] = (__u64)op->flow;
	}
	v.packet.tcp_flags = tcp_flags;
	v.packet.id.ifindex = IFINDEX;
	v.packet.id.tags = ID_TAGS(0, 0, PROTO_UDP);
	v.packet.id.dport = htons(9);
	v.packet.id.kind = (family == 4 ? KIND_IP4 : KIND_IP6) | KIND_PORTS;
	v.packet.length = lengths[op->how % OP_EPOCH / 2];
	drops = verdict_drops(&v, REASON_OK, (struct wire){ 1, LENGTH }, look, NULL) ? VERDICT_DROP : VERDICT_PASS;
	__atomic_fetch_add(&expected->packets[drops], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&expected->rules[v.slot], 1, __ATOMIC_RELAXED);
	if (op->flow < PATH_FLOWS)
		__atomic_fetch_add(&expected->flows[op->flow][drops], 1, __ATOMIC_RELAXED);
}

/* When the present epoch began. */
static __u64 moves_then;
static struct expected expected_then;

void path_epoch(const struct expected *expected)
{
	moves_then = world.region.moves_begun;
	expected_then = *expected;
	control.epoch++;
}

void path_run(const struct op *op, struct expected *expected)
{
	if (op->how & OP_EPOCH)
		path_epoch(expected);
	if (op->how & OP_SWAP)
		__atomic_store_n(&in_force, in_force == first ? blobs[1] : first, __ATOMIC_RELAXED);
	visit(op, expected);
}

int path_entries(int flow)
{
	int count = 0;

	for (int i = 0; i < WAYS; i++)
		count += listed_in(i).used && listed_in(i).flow == (__u64)flow;
	return count;
}

bool path_listed(int flow)
{
	return path_entries(flow);
}

const struct region *path_region(void)
{
	return &world.region;
}

/* Of all entries; as of the present epoch's beginning: "then". */
static bool add_entries(bool then, struct account *to)
{
	bool ok = true;

	for (int i = 0; i < WAYS; i++) {
		const struct listed e = listed_in(i);

		if (e.used)
			ok &= then ? account_then(e.id, e.state, e.more, control.epoch, to)
				   : account_now(e.id, e.state, e.more, to);
	}
	return ok;
}

static bool add_half(int half, struct account *to)
{
	return account_half(&world.totals[IFINDEX], world.closed, half, to);
}

/* Of one flow no more passed, and no more was dropped, than callers were told; what has no entry is closed. */
static bool flows_fit(const struct expected *expected)
{
	static struct account of[PATH_FLOWS];

	memset(of, 0, sizeof(of));
	for (int i = 0; i < WAYS; i++) {
		const struct listed e = listed_in(i);

		if (e.used && e.flow < PATH_FLOWS)
			account_now(e.id, e.state, e.more, &of[e.flow]);
	}
	for (int i = 0; i < PATH_FLOWS; i++)
		for (int v = 0; v < VERDICTS; v++)
			if (of[i].live[v] > expected->flows[i][v])
				return false;
	return true;
}

/*
 * The account of the instant that the present epoch began, if a reader takes it: nothing has moved since, and what passed
 * and was dropped adds up. Then it is what went by, and no rule has counted more than now.
 */
static const char *check_then(const struct account *now)
{
	static struct account then;

	memset(&then, 0, sizeof(then));
	if (!control.epoch || world.region.moves_begun != moves_then)
		return NULL;
	if (!add_half(!EPOCH_HALF(control.epoch), &then) || !add_entries(true, &then))
		return "an image is not whole";
	if (!account_balances(&then))
		return NULL;
	if (!account_is_of(&then, expected_then.packets))
		return "what was when the epoch began is not what went by";
	for (int i = 0; i < RULE_SLOTS; i++)
		if (then.rules[i] > now->rules[i])
			return "a rule had counted more when the epoch began";
	return account_closes(&then) ? NULL : "rules when the epoch began are not what went by";
}

const char *path_check(const struct expected *expected)
{
	static struct account all;
	bool ok;

	memset(&all, 0, sizeof(all));
	ok = add_half(0, &all) & add_half(1, &all);
	if (!add_entries(false, &all) || !ok)
		return "an entry is left half written, or its bytes are not its packets'";
	if (world.region.moves_begun != world.region.moves_done)
		return "a move never ended";
	for (int i = 0; i < VERDICTS; i++)
		if (all.seen[i] != expected->packets[i])
			return "totals are not what went by";
	if (!account_balances(&all))
		return "live + closed are not the totals";
	for (size_t i = 0; i < ARRAY_SIZE(expected->rules); i++)
		if (all.rules[i] != expected->rules[i])
			return "a rule's count is not what it judged";
	return flows_fit(expected) ? check_then(&all) : "a flow has more than passed, or was dropped";
}

void path_reset(int of, struct expected *expected)
{
	memset(&world, 0, sizeof(world));
	memset(&control, 0, sizeof(control));
	memset(expected, 0, sizeof(*expected));
	family = of;
	tcp_flags = 0;
	in_force = first = blobs[0];
	ticks = 1000;
	moves_then = 0;
}

void path_limit(void)
{
	in_force = first = blobs[2];
}

void path_classes(void)
{
	in_force = first = blobs[3];
}

void path_hold(void)
{
	control.hold_until = ticks + 10;
}

void path_tick(void)
{
	__atomic_fetch_add(&ticks, 1, __ATOMIC_RELAXED);
}

void path_flags(__u8 flags)
{
	tcp_flags = flags;
}

void path_fill(struct expected *expected)
{
	const __u64 more = 1ULL << (PENDING_PACKETS_BITS - 1);
	struct totals_half *t = &world.totals[IFINDEX].half[EPOCH_HALF(control.epoch)];

	for (int i = 0; i < WAYS; i++) {
		const struct listed e = listed_in(i);
		int verdict = JUDGED_VERDICT(e.id->judged);

		if (!PENDING_PACKETS(e.state->pending))
			continue;
		/* As if that many had gone by. */
		e.state->pending += PENDING_ONE(more, more * LENGTH);
		t->seen[verdict == VERDICT_DROP ? REASON_RULE : REASON_OK].packets += more;
		expected->packets[verdict] += more;
		expected->rules[e.state->rule] += more;
		expected->flows[e.flow][verdict] += more;
	}
}

/* A ruleset each, with the rules' slots before them. What the limit drops is counted in slot 10. */
static const char *const texts[][6] = {
	{ "1 drop dport 9" },
	{ "2 pass dport 9" },
	{ "3 limit 125pps burst 2 per flow dport 9" },
	{ "5 pass dport 10 len 1-120", "6 pass dport 9 len 201-300", "7 drop dport 9 len 301-400",
	  "8 pass dport 9 len 401-500", "9 drop dport 9" },
};

static int add_rule(struct ruleset *rules, const char *text)
{
	struct rule rule = {};
	char *words;

	__u32 slot = (__u32)strtoul(text, &words, 10);

	if (rule_parse(words, &rule, NULL) < 0)
		return -1;
	rule.slot = rule.id = slot;
	return ruleset_insert(rules, rules->count, &rule, NULL);
}

static int compile_rules(void)
{
	struct ruleset rules;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		ruleset_init(&rules);
		rules.generation = (uint32_t)i + 1;
		rules.next_id = rules.next_slot = 10;
		blobs[i] = calloc(1, BLOB_SIZE);
		for (size_t n = 0; n < ARRAY_SIZE(texts[i]) && texts[i][n]; n++)
			if (add_rule(&rules, texts[i][n]) < 0)
				return -1;
		if (!blobs[i] || ruleset_compile(&rules, blobs[i], NULL) < 0)
			return -1;
		ruleset_free(&rules);
	}
	return 0;
}

/* The table's shape is a constant of the program, settled before it is loaded: here by force. */
static int set_opts(void)
{
	const struct load_opts one = {
		.seed = { 7, 11 }, .cpus = 1, .groups4 = 1, .groups6 = 1, .buckets = 1,
		.iface_slots = IFACE_SLOTS_MIN, .tick_ns = 1,
	};
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)&opts & ~(page - 1);

	if (mprotect((void *)at, 2 * page, PROT_READ | PROT_WRITE) < 0)
		return -1;
	memcpy((void *)(uintptr_t)&opts, &one, sizeof(one));
	return 0;
}

int path_open(void)
{
	return set_opts() < 0 || compile_rules() < 0 ? -1 : 0;
}
