/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * captures.c - real frames, whole and cut at every byte of their first 128, through XDP and the
 * native parser: both must give the same reason and the same flow key, and the exits must add up to
 * the frames.
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>

#include "../lib/harness.h"
#include "../lib/native.h"
#include "../lib/row.h"

#define FRAME_MIN 14 /* shorter ones XDP test runs refuse */
#define FRAME_LIMIT 16384
#define CUT_MAX 128
#define SEEN_SIZE (1 << 22) /* power of two */
#define COMPLAINTS 20
#define SKIPS 64

struct capture_run {
	struct harness harness;
	unsigned int cpu;
	struct totals *totals; /* of this CPU and the test runs' interface */
	bool all;	       /* cut alike frames too */
	uint64_t files, failed_files, short_files;
	uint64_t frames, cuts, alike, runs, mismatches;
	uint64_t too_short, too_long;
	struct skipped { /* files by reason */
		char why[80];
		unsigned int files;
	} skipped[SKIPS];
	uint64_t seen[SEEN_SIZE]; /* hashes of cut frames run lately */
};

static struct capture_run run; /* nftw() hands nothing through */

static void skip_file(const char *why)
{
	size_t i = 0;

	while (i < SKIPS - 1 && *run.skipped[i].why && strcmp(run.skipped[i].why, why))
		i++;
	snprintf(run.skipped[i].why, sizeof(run.skipped[i].why), "%s", why);
	run.skipped[i].files++;
}

static uint64_t exits(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < REASONS; i++)
		sum += run.totals->seen[i].packets;
	return sum;
}

/* The one entry of the table, if it is of this packet and counted it; the table is empty
 * afterwards. */
static bool take_entry(const struct packet *packet, size_t len)
{
	struct tag_set *tags = run.harness.memory[HOOK_XDP][MAP_TAGS].at;
	const struct flow4_set *sets4 = run.harness.memory[HOOK_XDP][MAP_FLOW4].at;
	const struct flow6_set *sets6 = run.harness.memory[HOOK_XDP][MAP_FLOW6].at;
	bool six = packet_is_ip6(packet);
	const struct flow_state *state;
	const struct flow_id *id;
	const uint64_t *address;
	uint64_t word[2];
	int way = 0;

	tags += run.cpu * 2; /* one set a family */
	while (way < WAYS && !tags[six].way[way])
		way++;
	if (tags[!six].word || way == WAYS)
		return false;
	address = six ? (const uint64_t *)&sets6[run.cpu].way[way]
		      : (const uint64_t *)&sets4[run.cpu].way[way];
	id = six ? &sets6[run.cpu].way[way].id : &sets4[run.cpu].way[way].id;
	state = six ? &sets6[run.cpu].way[way].state : &sets4[run.cpu].way[way].state;
	tags[six].way[way] = 0;
	memcpy(word, id, sizeof(word));
	return !tags[six].word && word[0] == packet->id_word[0] &&
	       !((word[1] ^ packet->id_word[1]) & FLOW_ID_MASK) &&
	       !memcmp(address, packet->addr, six ? 32 : 8) &&
	       PENDING_PACKETS(state->pending) == 1 && PENDING_BYTES(state->pending) == len &&
	       id->tcp_flags == packet->tcp_flags;
}

static void complain(const char *file, const char *what, const uint8_t *bytes, size_t len)
{
	if (run.mismatches++ >= COMPLAINTS)
		return;
	printf("FAIL %s: frame %" PRIu64 ", %zu bytes: %s:", file, run.frames, len, what);
	for (size_t i = 0; i < MIN(len, CUT_MAX); i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

static void run_frame(const char *file, enum entry entry, const uint8_t *bytes, size_t len)
{
	struct native native;
	enum verdict verdict;
	struct count *seen, before;
	uint32_t value;
	int r;

	native_parse(bytes, len, HOOK_XDP, 0, HARNESS_IFINDEX, &native);
	seen = &run.totals->seen[native.parsed];
	before = *seen;
	run.runs++;
	r = harness_run(&run.harness, entry, 0, bytes, len, &verdict, &value);
	if (r < 0) {
		complain(file, strerror(-r), bytes, len);
		return;
	}
	if (verdict != VERDICT_PASS)
		complain(file, "dropped", bytes, len);
	if (seen->packets != before.packets + 1 || seen->bytes != before.bytes + len)
		complain(file, reason_name(native.parsed), bytes, len);
	if (!take_entry(&native.packet, len)) {
		complain(file, "another flow", bytes, len);
		harness_clear(&run.harness, HOOK_XDP);
		run.runs = 0; /* the sum starts anew, too */
	}
}

/* A cut frame run before gives what it gave before. */
static bool seen_before(uint64_t hash)
{
	uint64_t *slot = &run.seen[(hash ^ hash >> 32) & (SEEN_SIZE - 1)];
	bool seen = *slot == hash;

	*slot = hash;
	return seen;
}

static void run_cuts(const char *file, const uint8_t *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t end = MIN(len, CUT_MAX + 1);

	for (size_t n = 1; n < end; n++) {
		hash = (hash ^ bytes[n - 1]) * 0x100000001b3ULL;
		if (n < FRAME_MIN)
			continue;
		if (!run.all && seen_before(hash)) {
			run.alike++;
			continue;
		}
		run_frame(file, ENTRY_XDP, bytes, n);
		run.cuts++;
	}
}

static void run_whole(const char *file, const uint8_t *bytes, size_t len)
{
	run.too_short += len < FRAME_MIN;
	run.too_long += len > FRAME_LIMIT;
	if (len < FRAME_MIN || len > FRAME_LIMIT)
		return;
	run.frames++;
	run_frame(file, ENTRY_XDP, bytes, len);
	run_frame(file, ENTRY_XDP_PAGED, bytes, len);
	run_cuts(file, bytes, len);
}

static bool is_raw_ip(int link)
{
	return link == DLT_RAW || link == DLT_IPV4 || link == DLT_IPV6;
}

/* A raw IP packet becomes the frame an Ethernet would carry it in. */
static void run_packet(const char *file, int link, const uint8_t *bytes, size_t len)
{
	static uint8_t frame[FRAME_LIMIT] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
	bool six = len && bytes[0] >> 4 == 6;

	if (!is_raw_ip(link)) {
		run_whole(file, bytes, len);
		return;
	}
	if (len + FRAME_MIN > sizeof(frame)) {
		run.too_long++;
		return;
	}
	frame[12] = six ? 0x86 : 0x08;
	frame[13] = six ? 0xdd : 0x00;
	memcpy(frame + FRAME_MIN, bytes, len);
	run_whole(file, frame, len + FRAME_MIN);
}

static int run_file(const char *path, const struct stat *st, int type, struct FTW *place)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	uint64_t before = run.mismatches;
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	const char *name;
	pcap_t *pcap;
	int link, r;

	if (type != FTW_F)
		return 0;
	pcap = pcap_open_offline(path, why);
	if (!pcap) {
		skip_file("not a capture that libpcap reads");
		return 0;
	}
	link = pcap_datalink(pcap);
	if (link != DLT_EN10MB && !is_raw_ip(link)) {
		name = pcap_datalink_val_to_name(link);
		snprintf(why, sizeof(why), "link type %d, %s", link, name ? name : "unknown");
		skip_file(why);
		pcap_close(pcap);
		return 0;
	}
	while ((r = pcap_next_ex(pcap, &header, &bytes)) == 1)
		run_packet(path, link, bytes, header->caplen);
	run.short_files += r == PCAP_ERROR;
	run.files++;
	run.failed_files += run.mismatches != before;
	pcap_close(pcap);
	return 0;
}

/* One CPU, one set a family: what a run left behind is found without searching. */
static int prepare(struct fault *fault)
{
	cpu_set_t cpus;
	int r;

	if (unshare(CLONE_NEWNET) < 0)
		return fault_set(fault, -errno, 0, "cannot make a network namespace");
	run.cpu = sched_getcpu();
	CPU_ZERO(&cpus);
	CPU_SET(run.cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		return fault_set(fault, -errno, 0, "cannot stay on one CPU");
	r = harness_open(1 << HOOK_XDP, WAYS, &run.harness, fault);
	if (r < 0)
		return r;
	if (run.harness.opts.sets4 != 1 || run.harness.opts.sets6 != 1)
		return fault_set(fault, -EINVAL, 0, "the smallest table has more than one set");
	run.totals = run.harness.memory[HOOK_XDP][MAP_TOTALS].at;
	run.totals += run.cpu * IFACE_SLOTS + HARNESS_IFINDEX;
	return 0;
}

static int report(void)
{
	uint64_t sum = exits();
	unsigned int skipped = 0;

	for (size_t i = 0; i < SKIPS && run.skipped[i].files; i++) {
		printf("skip %u files: %s\n", run.skipped[i].files, run.skipped[i].why);
		skipped += run.skipped[i].files;
	}
	printf("%" PRIu64 " frames, whole in one piece and with nothing linear; %" PRIu64
	       " truncations, %" PRIu64 " more alike%s\n",
	       run.frames, run.cuts, run.alike, run.all ? "" : " (--all runs those too)");
	printf("%" PRIu64 " frames shorter than 14 bytes, %" PRIu64 " longer than %d, %" PRIu64
	       " files that end early\n",
	       run.too_short, run.too_long, FRAME_LIMIT, run.short_files);
	for (int i = 0; i < REASONS; i++)
		if (run.totals->seen[i].packets)
			printf("  %-22s %12" PRIu64 "\n", reason_name(i),
			       (uint64_t)run.totals->seen[i].packets);
	printf("%" PRIu64 " mismatches; exits %" PRIu64 ", runs %" PRIu64 "\n", run.mismatches, sum,
	       run.runs);
	if (sum != run.runs) {
		printf("FAIL the exits do not add up to the runs\n");
		run.failed_files++;
	}
	printf("%" PRIu64 " passed, %" PRIu64 " failed, %u skipped\n",
	       run.files - MIN(run.files, run.failed_files), run.failed_files, skipped);
	return run.failed_files != 0;
}

/* captures [--all] DIRECTORY */
int main(int argc, char **argv)
{
	struct fault fault = {};
	int r;

	run.all = argc > 1 && !strcmp(argv[1], "--all");
	if (argc < 2 + run.all || access(argv[1 + run.all], R_OK) < 0) {
		printf("skip captures: no directory of captures\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	r = prepare(&fault);
	if (r < 0) {
		fprintf(stderr, "captures: %s: %s\n", fault.message, strerror(-r));
		return 1;
	}
	if (nftw(argv[1 + run.all], run_file, 16, FTW_PHYS) < 0) {
		fprintf(stderr, "captures: %s: %s\n", argv[1 + run.all], strerror(errno));
		return 1;
	}
	r = report();
	harness_close(&run.harness);
	return r;
}
