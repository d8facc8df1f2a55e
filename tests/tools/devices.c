/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * devices.c - every kind of network interface, attached in every mode: at each hook a rule on what the packets are
 * matches, packets and bytes are those of a peer's capture, and a conversation is one row with the interface's name.
 *
 *	devices [--all] [NAME...]
 *
 * One line a device, mode and hook. A kind that this kernel has not is skipped, and mode tc where it is what auto takes;
 * with --all nothing is, and what is missing is a failure.
 */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../ctl/base/util.h"
#include "../lib/conversations.h"
#include "../lib/device_run.h"

static const char *const modes[MODES] = { "auto", "native", "generic", "tc" };

static struct pair pair;
static bool has_output; /* this kernel has netfilter's hook */
static unsigned int passed, failed, skipped;

/* A device that is attached in a mode. */
struct run {
	struct device_run of;
	enum mode mode;
	size_t echo_rows[2]; /* before */
	bool good;	     /* the line that is being made */
};

static void line(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(bool good, const char *format, ...)
{
	va_list args;

	printf("%s ", good ? "ok" : "FAIL");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	puts("");
	fflush(stdout);
	passed += good;
	failed += !good;
}

/* A reason why the line that follows says FAIL. */
static void expect(struct run *r, const char *what, size_t family, struct carried got, struct carried want)
{
	if (got.packets == want.packets && got.bytes == want.bytes)
		return;
	printf("  %s, %s: %lu packets and %lu bytes, not %lu and %lu\n", what, ip_families[family].a, got.packets,
	       got.bytes, want.packets, want.bytes);
	r->good = false;
}

/* ---- what netctl shows of it ---- */

/* OUTPUT has no Ethernet header yet. */
static struct carried at_hook(struct carried carried, enum hook_id hook)
{
	if (hook == HOOK_NF)
		carried.bytes = carried.ip_bytes;
	return carried;
}

/* Of what a rule drops: what comes in was sent by b, and captured; what goes out has the headers that others have. */
static struct carried hits_at(struct run *r, enum hook_id hook, size_t f)
{
	const struct carried *udp = &r->of.out[f][UDP];
	uint64_t header = udp->packets ? (udp->bytes - udp->ip_bytes) / udp->packets : 0;
	struct carried hits = { HITS, .bytes = HITS * (header + ip_families[f].headers + HIT_SIZE),
				.ip_bytes = HITS * (ip_families[f].headers + HIT_SIZE) };

	if (hook == HOOK_XDP)
		expect(r, "captured of what the rule drops", f, r->of.in[f][HIT + hook], hits);
	else
		expect(r, "captured of what the rule drops", f, r->of.out[f][HIT + hook], (struct carried){});
	return at_hook(hits, hook);
}

static struct carried rule_count(const json_t *rules, size_t at)
{
	const json_t *rule = json_array_get(json_object_get(rules, "rules"), at);

	return (struct carried){ .packets = (uint64_t)json_integer_value(json_object_get(rule, "packets")),
				 .bytes = (uint64_t)json_integer_value(json_object_get(rule, "bytes")) };
}

/* "": it is not attached. */
static const char *attached_as(const json_t *status, const char *dev, const char *hook)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(status, "attached"), i, row)
		if (!strcmp(json_string_value(json_object_get(row, "iface")), dev) &&
		    !strcmp(json_string_value(json_object_get(row, "hook")), hook))
			return json_string_value(json_object_get(row, "mode"));
	return "";
}

struct readings {
	json_t *flows, *rules, *status, *conversations;
};

static struct readings read_all(void)
{
	return (struct readings){ read_json(netctl_path(), pair.a, "stats --raw -n -j"),
				  read_json(netctl_path(), pair.a, "rule list -j"),
				  read_json(netctl_path(), pair.a, "status -j"),
				  read_conversations(netctl_path(), pair.a) };
}

static void check_hook(struct run *r, enum hook_id hook, const struct readings *now, size_t *rule)
{
	static const char *const names[] = { [UDP] = "udp", [TCP] = "tcp", [ECHO] = "ping" };
	const char *dev = r->of.device->dev, *name = hook_word(hook);
	struct carried all = {}, hits = {};

	r->good = true;
	for (size_t f = 0; f < 2; f++) {
		struct carried want;

		if (!run_has(&r->of, f))
			continue;
		for (size_t i = 0; i < TALKS; i++) {
			struct carried got = find_counted(now->flows, name, dev, &r->of.flows[f][i], hook != HOOK_XDP, false);

			want = at_hook(hook == HOOK_XDP ? r->of.in[f][i] : r->of.out[f][i], hook);
			expect(r, names[i], f, got, run_sees(&r->of, hook) ? want : (struct carried){});
			all.packets += got.packets;
			all.bytes += got.bytes;
		}
		if (!run_sees(&r->of, hook))
			continue;
		want = hits_at(r, hook, f);
		expect(r, "the rule", f, rule_count(now->rules, *rule), want);
		expect(r, "dropped by it", f,
		       find_counted(now->flows, name, dev, &r->of.flows[f][HIT + hook], hook != HOOK_XDP, true), want);
		hits.packets += rule_count(now->rules, (*rule)++).packets;
	}
	line(r->good, "%-14s %-7s %-3s %-11s rule matched %2lu, counted %3lu packets %6lu bytes%s", r->of.device->name,
	     modes[r->mode], name, attached_as(now->status, dev, name), hits.packets, all.packets, all.bytes,
	     !r->good ? ", not what was captured" : run_sees(&r->of, hook) ? ", as captured" : ": passes it by");
}

/* What was sent is shown as TC egress has it, or else OUTPUT. */
static struct carried sent(const struct run *r, size_t f, size_t i)
{
	if (r->of.sees & SEES_OUT)
		return r->of.out[f][i];
	return r->of.sees & SEES_OUTPUT ? at_hook(r->of.out[f][i], HOOK_NF) : (struct carried){};
}

static void check_rows(struct run *r, const json_t *conversations)
{
	const char *path = has_output && r->of.device->path ? r->of.device->path : r->of.device->dev;
	size_t flows = 0, ones = 0;

	r->good = true;
	for (size_t f = 0; f < 2; f++) {
		for (size_t i = 0; i < TALKS && run_has(&r->of, f); i++) {
			struct shown shown = find_shown(conversations, &r->of.flows[f][i], NULL);
			struct carried out = sent(r, f, i), in = r->of.sees & SEES_IN ? r->of.in[f][i] : (struct carried){};
			bool expected = out.packets || in.packets;

			shown.rows -= i == ECHO ? r->echo_rows[f] : 0;
			flows += expected;
			ones += expected && shown.rows == 1;
			if (shown.rows != expected || (expected && i != ECHO && strcmp(shown.path, path))) {
				printf("  %zu rows, %s\n", shown.rows, shown.path);
				r->good = false;
			}
			if (i == ECHO) /* all that were sent, the last of them who knows where */
				continue;
			expect(r, "sent, in its row", f, shown.tx, out);
			expect(r, "received, in its row", f, shown.rx, in);
		}
	}
	line(r->good, "%-14s %-7s %zu conversations, %zu in one row, %s", r->of.device->name, modes[r->mode], flows, ones,
	     flows ? path : "-");
}

/* ---- a device in a mode ---- */

static void count_echo_rows(struct run *r)
{
	json_t *all = read_conversations(netctl_path(), pair.a);

	for (size_t f = 0; f < 2; f++)
		r->echo_rows[f] = find_shown(all, &r->of.flows[f][ECHO], NULL).rows;
	json_decref(all);
}

static void run_mode(const struct device *device, enum mode mode)
{
	struct run r = { .of = device_run_of(device, has_output), .mode = mode };
	struct readings now;
	size_t rule = 0;
	int socket;

	count_echo_rows(&r);
	enter_netns(device->peer ? pair.b : pair.a);
	socket = capture_open(device->peer ?: device->dev);
	if (!put_rules(&r.of, &pair))
		line(false, "%s %s: rules", device->name, modes[mode]);
	for (size_t f = 0; f < 2; f++)
		if (run_has(&r.of, f) && !run_traffic(&r.of, &pair, f))
			line(false, "%s %s: the traffic of %s arrives, and no other", device->name, modes[mode], ip_families[f].a);
	run_capture(&r.of, socket);
	close(socket);
	for (size_t f = 0; f < 2; f++)
		if (run_has(&r.of, f) && r.of.out[f][UDP].packets != UDP_OUT)
			line(false, "%s %s: captured %lu datagrams of %s, not %d", device->name, modes[mode],
			     r.of.out[f][UDP].packets, ip_families[f].a, UDP_OUT);
	now = read_all();
	for (enum hook_id h = 0; h < HOOKS; h++)
		if (h != HOOK_NF || has_output)
			check_hook(&r, h, &now, &rule);
	check_rows(&r, now.conversations);
	json_decref(now.flows);
	json_decref(now.rules);
	json_decref(now.status);
	json_decref(now.conversations);
}

static void attach_and_run(const struct device *device, enum mode mode)
{
	bool has = mode != MODE_NATIVE || !device->no_native;
	char words[80];

	snprintf(words, sizeof(words), "attach --mode %s --hooks %s %s", modes[mode], has_output ? "xdp,tc,nf" : "xdp,tc",
		 device->dev);
	if (run_netctl(&pair, true, words) != has)
		line(false, "%-14s %-7s attach is %s", device->name, modes[mode], has ? "done" : "refused");
	else if (has)
		run_mode(device, mode);
	else
		line(true, "%-14s %-7s refused", device->name, modes[mode]);
	snprintf(words, sizeof(words), "detach %s", device->dev);
	run_netctl(&pair, true, words);
}

static void run_device(const struct device *device, bool all)
{
	const char *why;

	if (device_make(&pair, device, &why)) {
		for (enum mode mode = 0; mode < MODES; mode++)
			if ((!device->modes || device->modes & 1U << mode) &&
			    (all || mode != MODE_TC || !device->no_native))
				attach_and_run(device, mode);
	} else if (all) {
		line(false, "%s: made: %s", device->name, why);
	} else {
		printf("skip %s: this kernel has none: %s\n", device->name, why);
		skipped++;
	}
	device_remove(&pair, device);
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && !strcmp(argv[1], "--all");

	if (!pair_make(&pair, "devices", true))
		return 1;
	/* Attached throughout, so that the programs stay loaded. */
	has_output = run_netctl(&pair, true, "attach lo");
	if (!has_output && !run_netctl(&pair, true, "attach --hooks xdp,tc lo"))
		errx(1, "cannot attach");
	for (size_t i = 0; i < device_count; i++) {
		bool wanted = argc == 1 + all;

		for (int k = 1 + all; k < argc; k++)
			wanted = wanted || !strcmp(argv[k], devices[i].name);
		if (wanted)
			run_device(&devices[i], all);
	}
	run_netctl(&pair, true, "detach --all");
	pair_remove(&pair);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed > 0;
}
