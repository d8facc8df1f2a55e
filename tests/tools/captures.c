/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * captures.c - real frames, whole and cut at every byte of their first 128, through XDP and the
 * native parser: both must give the same reason and the same flow key, and the exits must add up to
 * the frames.
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>

#include "../lib/parse_check.h"
#include "../lib/row.h"

#define SKIPS 64

struct capture_run {
	struct parse_check check;
	uint64_t files, failed_files, short_files;
	uint64_t frames, cuts;
	uint64_t too_short, too_long;
	struct skipped { /* files by reason */
		char why[80];
		unsigned int files;
	} skipped[SKIPS];
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

static void run_cuts(const char *file, const uint8_t *bytes, size_t len)
{
	for (size_t n = PARSE_CHECK_MIN; n < MIN(len, PARSE_CHECK_CUT + 1); n++, run.cuts++)
		parse_check_run(&run.check, file, ENTRY_XDP, bytes, n);
}

static void run_whole(const char *file, const uint8_t *bytes, size_t len)
{
	run.too_short += len < PARSE_CHECK_MIN;
	run.too_long += len > PARSE_CHECK_MAX;
	if (len < PARSE_CHECK_MIN || len > PARSE_CHECK_MAX)
		return;
	run.frames++;
	parse_check_run(&run.check, file, ENTRY_XDP, bytes, len);
	parse_check_run(&run.check, file, ENTRY_XDP_PAGED, bytes, len);
	run_cuts(file, bytes, len);
}

static bool is_raw_ip(int link)
{
	return link == DLT_RAW || link == DLT_IPV4 || link == DLT_IPV6;
}

/* A raw IP packet becomes the frame an Ethernet would carry it in. */
static void run_packet(const char *file, int link, const uint8_t *bytes, size_t len)
{
	static uint8_t frame[PARSE_CHECK_MAX] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	bool six = len && bytes[0] >> 4 == 6;

	if (!is_raw_ip(link)) {
		run_whole(file, bytes, len);
		return;
	}
	if (len + PARSE_CHECK_MIN > sizeof(frame)) {
		run.too_long++;
		return;
	}
	frame[12] = six ? 0x86 : 0x08;
	frame[13] = six ? 0xdd : 0x00;
	memcpy(frame + PARSE_CHECK_MIN, bytes, len);
	run_whole(file, frame, len + PARSE_CHECK_MIN);
}

static int run_file(const char *path, const struct stat *st, int type, struct FTW *place)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	uint64_t before = run.check.mismatches;
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
	run.failed_files += run.check.mismatches != before;
	pcap_close(pcap);
	return 0;
}

static int report(void)
{
	uint64_t sum = parse_check_exits(&run.check);
	unsigned int skipped = 0;

	for (size_t i = 0; i < SKIPS && run.skipped[i].files; i++) {
		printf("skip %u files: %s\n", run.skipped[i].files, run.skipped[i].why);
		skipped += run.skipped[i].files;
	}
	printf("%" PRIu64 " frames, whole in one piece and with nothing linear; %" PRIu64
	       " truncations\n",
	       run.frames, run.cuts);
	printf("%" PRIu64 " frames shorter than 14 bytes, %" PRIu64 " longer than %d, %" PRIu64
	       " files that end early\n",
	       run.too_short, run.too_long, PARSE_CHECK_MAX, run.short_files);
	for (int i = 0; i < REASONS; i++)
		if (parse_check_seen(&run.check, i).packets)
			printf("  %-22s %12" PRIu64 "\n", reason_name(i),
			       (uint64_t)parse_check_seen(&run.check, i).packets);
	printf("%" PRIu64 " mismatches; exits %" PRIu64 ", runs %" PRIu64 "\n",
	       run.check.mismatches, sum, run.check.runs);
	if (sum != run.check.runs) {
		printf("FAIL the exits do not add up to the runs\n");
		run.failed_files++;
	}
	printf("%" PRIu64 " passed, %" PRIu64 " failed, %u skipped\n",
	       run.files - MIN(run.files, run.failed_files), run.failed_files, skipped);
	return run.failed_files != 0;
}

/* captures DIRECTORY */
int main(int argc, char **argv)
{
	struct fault fault = {};
	int r;

	if (argc < 2 || access(argv[1], R_OK) < 0) {
		printf("skip captures: no directory of captures\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	r = parse_check_open(&run.check, &fault);
	if (r < 0) {
		fprintf(stderr, "captures: %s: %s\n", fault.message, strerror(-r));
		return 1;
	}
	if (nftw(argv[1], run_file, 16, FTW_PHYS) < 0) {
		fprintf(stderr, "captures: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	r = report();
	parse_check_close(&run.check);
	return r;
}
