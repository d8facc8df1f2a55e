/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* classbench.c - a line of a ClassBench file to a rule of ours; also as IPv6. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../bpf/parse/packet.h"
#include "classbench.h"

bool classbench_parse(const char *line, struct classbench_rule *f)
{
	unsigned int a[2][4];

	if (sscanf(line, "@%u.%u.%u.%u/%u %u.%u.%u.%u/%u %u : %u %u : %u %x/%x %x/%x", &a[0][0],
		   &a[0][1], &a[0][2], &a[0][3], &f->prefix[0], &a[1][0], &a[1][1], &a[1][2],
		   &a[1][3], &f->prefix[1], &f->port[0][0], &f->port[0][1], &f->port[1][0],
		   &f->port[1][1], &f->proto, &f->proto_mask, &f->flags, &f->flags_mask) != 18)
		return false;
	for (int i = 0; i < 2; i++) {
		uint32_t host =
			f->prefix[i] ? (uint32_t)((1ULL << (32 - f->prefix[i])) - 1) : UINT32_MAX;

		f->address[i][0] = (a[i][0] << 24 | a[i][1] << 16 | a[i][2] << 8 | a[i][3]) & ~host;
		f->address[i][1] = f->address[i][0] | host;
	}
	return true;
}

void classbench_ip6(uint32_t address, struct in6_addr *ret)
{
	uint64_t low = address * 0x9e3779b97f4a7c15ULL;

	ret->s6_addr32[0] = htonl(0x20010db8);
	ret->s6_addr32[1] = htonl(address);
	ret->s6_addr32[2] = htonl(low >> 32);
	ret->s6_addr32[3] = htonl(low);
}

static void print_address(FILE *out, const struct classbench_rule *f, int i, bool ip6)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr in = { htonl(f->address[i][0]) };
	struct in6_addr in6;

	if (!f->prefix[i] && !ip6)
		return;
	if (!ip6) {
		fprintf(out, " %s %s/%u", i ? "dst" : "src",
			inet_ntop(AF_INET, &in, text, sizeof(text)), f->prefix[i]);
		return;
	}
	classbench_ip6(f->address[i][0], &in6);
	if (f->prefix[i] < 32)
		in6.s6_addr32[2] = in6.s6_addr32[3] = 0;
	fprintf(out, " %s %s/%u", i ? "dst" : "src", inet_ntop(AF_INET6, &in6, text, sizeof(text)),
		f->prefix[i] < 32 ? f->prefix[i] + 32 : 128);
}

static void print_flags(FILE *out, unsigned int flags)
{
	static const char *const names[] = {
		"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"
	};
	const char *between = "";

	for (int i = 0; i < 8; i++) {
		if (!(flags >> i & 1))
			continue;
		fprintf(out, "%s%s", between, names[i]);
		between = "+";
	}
	if (!*between)
		fprintf(out, "none");
}

static bool port_proto(const struct classbench_rule *f)
{
	return !f->proto_mask || f->proto == IPPROTO_TCP || f->proto == IPPROTO_UDP;
}

char *classbench_text(const struct classbench_rule *f, bool ip6, const char *action)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	/* AH is a protocol of IPv4, and of IPv6 a header on the way to one. */
	if (ip6 && f->proto_mask && is_walked(f->proto))
		return NULL;
	out = open_memstream(&text, &size);
	fprintf(out, "%s", action);
	if (f->proto_mask)
		fprintf(out, " proto %u", f->proto);
	else if (!ip6 && !f->prefix[0] && !f->prefix[1])
		fprintf(out, " ethertype ip"); /* a rule must say something */
	print_address(out, f, 0, ip6);
	print_address(out, f, 1, ip6);
	for (int i = 0; i < 2; i++)
		if (port_proto(f) && (f->port[i][0] || f->port[i][1] != 65535))
			fprintf(out, " %s %u-%u", i ? "dport" : "sport", f->port[i][0],
				f->port[i][1]);
	if (f->proto_mask && f->proto == IPPROTO_TCP && f->flags_mask >> 8) {
		fprintf(out, " flags ");
		print_flags(out, f->flags >> 8 & f->flags_mask >> 8);
		fprintf(out, "/");
		print_flags(out, f->flags_mask >> 8);
	}
	fclose(out);
	return text;
}
