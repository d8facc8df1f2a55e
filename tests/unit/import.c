/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * import.c - random chains of iptables and random packets: what the chains say, walked as iptables walks them, is what
 * the imported rules say.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/parse/packet.h"
#include "../../ctl/check/oracle.h"
#include "../../ctl/import/import.h"
#include "../../ctl/text/script.h"
#include "../lib/prng.h"

/* Behind ours: it has a macro fail(). */
#include <cmocka.h>

#define TABLES 4000
#define PACKETS 100
#define CHAINS 4 /* the first is INPUT */
#define LINES 6

enum verb { ACCEPT, DROP, RETURN, NONE, JUMP };

/* One line; what is 0 is not looked at. */
struct line {
	uint32_t src, dst; /* a.b.c.d/prefix, host order */
	int src_bits, dst_bits, proto, dport, type;
	bool not_src, not_dst, not_proto, not_dport, syn;
	enum verb verb;
	int chain;
};

struct chain {
	int count;
	struct line line[LINES];
};

static struct chain chains[CHAINS];
static enum verb policy;

static uint32_t random_address(void)
{
	return 0x0a000000 | random_below(2) << 16 | random_below(2) << 8 | random_below(2);
}

static void random_line(struct line *l, int chain)
{
	static const int bits[] = { 14, 16, 24, 32 }, protos[] = { 6, 17, 1, 47 };
	static const enum verb verbs[] = { ACCEPT, DROP, DROP, RETURN, RETURN, NONE, JUMP, JUMP };
	bool returns;

	*l = (struct line){ .verb = verbs[chain ? random_below(8) : 1 + random_below(7)] };
	if (l->verb == JUMP && chain + 1 == CHAINS)
		l->verb = DROP;
	if (l->verb == JUMP)
		l->chain = chain + 1 + (int)random_below((uint32_t)(CHAINS - chain - 1));
	returns = l->verb == RETURN && chain; /* INPUT's is a verdict, which has no limits */
	if (random_below(2)) {
		l->src_bits = bits[random_below(4)];
		l->src = random_address() & ~0U << (32 - l->src_bits);
		l->not_src = !random_below(3);
	}
	if (!random_below(3)) {
		l->dst_bits = bits[random_below(4)];
		l->dst = random_address() & ~0U << (32 - l->dst_bits);
		l->not_dst = !random_below(3);
	}
	if (random_below(2) || !(l->src_bits || l->dst_bits)) {
		l->proto = protos[random_below(4)];
		l->not_proto = !random_below(4);
	}
	if (returns || l->not_proto)
		return;
	if ((l->proto == 6 || l->proto == 17) && random_below(2)) {
		l->dport = 1 + (int)random_below(3);
		l->not_dport = !random_below(3);
	}
	l->syn = l->proto == 6 && !random_below(3);
	l->type = l->proto == 1 && random_below(2) ? 3 + 5 * (int)random_below(2) : 0;
}

static void write_line(FILE *out, int chain, const struct line *l)
{
	static const char *const verbs[] = { " -j ACCEPT", " -j DROP", " -j RETURN", "" };
	static const char *const names[] = { "INPUT", "c1", "c2", "c3" };
	struct in_addr src = { htonl(l->src) }, dst = { htonl(l->dst) };

	fprintf(out, "-A %s", names[chain]);
	if (l->src_bits)
		fprintf(out, "%s -s %s/%d", l->not_src ? " !" : "", inet_ntoa(src), l->src_bits);
	if (l->dst_bits)
		fprintf(out, "%s -d %s/%d", l->not_dst ? " !" : "", inet_ntoa(dst), l->dst_bits);
	if (l->proto)
		fprintf(out, "%s -p %d", l->not_proto ? " !" : "", l->proto);
	if (l->dport)
		fprintf(out, " -m %s%s --dport %d", l->proto == 6 ? "tcp" : "udp",
			l->not_dport ? " !" : "", l->dport);
	if (l->syn)
		fprintf(out, " -m tcp --tcp-flags FIN,SYN,RST,ACK SYN");
	if (l->type)
		fprintf(out, " -m icmp --icmp-type %d", l->type);
	if (l->verb == JUMP)
		fprintf(out, " -j %s", names[l->chain]);
	else
		fputs(verbs[l->verb], out);
	fputc('\n', out);
}

/* A table, also as text; the caller frees. */
static char *random_table(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	policy = random_below(2) ? DROP : ACCEPT;
	fprintf(out, "*filter\n:INPUT %s [0:0]\n:c1 - [0:0]\n:c2 - [0:0]\n:c3 - [0:0]\n",
		policy == DROP ? "DROP" : "ACCEPT");
	for (int c = 0; c < CHAINS; c++) {
		chains[c].count = (int)random_below(LINES + 1);
		for (int i = 0; i < chains[c].count; i++) {
			random_line(&chains[c].line[i], c);
			write_line(out, c, &chains[c].line[i]);
		}
	}
	fputs("COMMIT\n", out);
	fclose(out);
	return text;
}

static struct packet random_packet(void)
{
	static const uint8_t protos[] = { 6, 17, 1, 47, 6 };
	uint8_t proto = protos[random_below(5)], kind = KIND_IP4;
	struct packet p = { .length = 100 };
	uint32_t fragment = random_below(5);

	if (fragment == 1)
		kind |= KIND_LATER;
	else if (proto != 47)
		kind |= KIND_PORTS | (fragment == 2 ? KIND_FIRST : 0);
	p.src4 = htonl(random_address());
	p.dst4 = htonl(random_address());
	p.id.kind = kind;
	p.id.ifindex = 1;
	p.id.tags = ID_TAGS(0, 0, proto);
	if (!(kind & KIND_PORTS))
		return p;
	p.id.dport = htons(proto == 1 ? (uint16_t)((3 + 5 * random_below(2)) << 8)
				      : (uint16_t)(1 + random_below(4)));
	p.id.sport = proto == 1 ? 0 : htons(4000);
	p.tcp_flags = proto == 6 ? (uint8_t)random_below(32) : 0;
	return p;
}

/* ---- iptables, as it is documented ---- */

static bool in(uint32_t address, uint32_t net, int bits)
{
	return (address & ~0U << (32 - bits)) == net;
}

static bool line_matches(const struct line *l, const struct packet *p)
{
	bool header = p->id.kind & KIND_PORTS;

	if (l->src_bits && in(ntohl(p->src4), l->src, l->src_bits) == l->not_src)
		return false;
	if (l->dst_bits && in(ntohl(p->dst4), l->dst, l->dst_bits) == l->not_dst)
		return false;
	if (l->proto && ((int)ID_PROTO(p->id.tags) == l->proto) == l->not_proto)
		return false;
	if (l->dport && (!header || (ntohs(p->id.dport) == l->dport) == l->not_dport))
		return false;
	if (l->syn && (!header || (p->tcp_flags & 0x17) != 0x02))
		return false;
	return !l->type || (header && ntohs(p->id.dport) >> 8 == l->type);
}

/* ACCEPT, DROP, or RETURN at the end of a chain. */
static enum verb walk(int chain, const struct packet *p)
{
	for (int i = 0; i < chains[chain].count; i++) {
		const struct line *l = &chains[chain].line[i];
		enum verb verb = l->verb;

		if (verb == NONE || !line_matches(l, p))
			continue;
		if (verb == JUMP) {
			verb = walk(l->chain, p);
			if (verb == RETURN)
				continue;
		}
		return verb;
	}
	return RETURN;
}

static void check_table(const char *text, const struct ruleset *rules, size_t *ret_dropped)
{
	for (int i = 0; i < PACKETS; i++) {
		struct packet packet = random_packet();
		struct oracle_answer *answer = malloc(sizeof(*answer));
		enum verb verb = walk(0, &packet);
		enum verdict expected =
			(verb == RETURN ? policy : verb) == DROP ? VERDICT_DROP : VERDICT_PASS;

		oracle_ask(rules, &packet, &(struct envelope){}, HOOK_XDP, answer);
		/* A later fragment that might match goes where its first goes, as if put together before. */
		if (answer->verdict != expected && !answer->unsure)
			fail_msg("packet %d: proto %u, kind %u, expected %d, for\n%s", i,
				 ID_PROTO(packet.id.tags), packet.id.kind, expected, text);
		*ret_dropped += expected == VERDICT_DROP;
		/* Another hook and family are no concern of the chain's. */
		oracle_ask(rules, &packet, &(struct envelope){}, HOOK_TC, answer);
		assert_int_equal(answer->verdict, VERDICT_PASS);
		packet.id.kind = (packet.id.kind & ~KIND_IP4) | KIND_IP6;
		oracle_ask(rules, &packet, &(struct envelope){}, HOOK_XDP, answer);
		assert_int_equal(answer->verdict, VERDICT_PASS);
		free(answer);
	}
}

static void test_random(void **state)
{
	char path[] = "/tmp/netctl-import-XXXXXX";
	size_t dropped = 0, rule_count = 0;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	for (int i = 0; i < TABLES; i++) {
		autofree char *text = random_table();
		struct import_faults faults = {};
		struct fault fault = {};
		struct script script;
		FILE *in_stream = fmemopen(text, strlen(text), "r"), *out = fopen(path, "w");

		if (import_iptables(4, in_stream, out, &faults, &fault) < 0 || faults.count)
			fail_msg("line %u: %s\n%s", faults.count ? faults.fault[0].line : 0,
				 faults.count ? faults.fault[0].why : fault.message, text);
		fclose(in_stream);
		fclose(out);
		if (script_read(path, &script, &fault) < 0)
			fail_msg("%s\n%s", fault.message, text);
		rule_count += script.rules.count;
		check_table(text, &script.rules, &dropped);
		script_free(&script);
	}
	unlink(path);
	printf("%d tables, %zu rules, %d packets, %zu of them dropped\n", TABLES, rule_count,
	       TABLES * PACKETS, dropped);
	assert_true(dropped > TABLES * PACKETS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
