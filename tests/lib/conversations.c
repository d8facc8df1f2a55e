/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conversations.c - reads the conversations of a namespace, and finds a flow among them. */
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "../../ctl/base/util.h"
#include "conversations.h"

json_t *read_json(const char *netctl, const char *netns, const char *words)
{
	char command[256];
	json_t *all;
	FILE *out;

	snprintf(command, sizeof(command), "%s -N %s %s", netctl, netns, words);
	out = popen(command, "r");
	all = out ? json_loadf(out, 0, NULL) : NULL;
	if (!out || pclose(out) || !all)
		errx(1, "nothing to be read: %s", words);
	return all;
}

json_t *read_conversations(const char *netctl, const char *netns)
{
	return read_json(netctl, netns, "stats -n -j");
}

static bool is_protocol(const json_t *row, uint8_t protocol)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = { { IPPROTO_UDP, "udp" },
		      { IPPROTO_TCP, "tcp" },
		      { IPPROTO_ICMP, "icmp" },
		      { IPPROTO_ICMPV6, "icmpv6" },
		      { IPPROTO_GRE, "gre" } };
	const char *name = json_string_value(json_object_get(row, "proto"));

	for (size_t i = 0; i < ARRAY_SIZE(names) && name; i++)
		if (names[i].number == protocol)
			return !strcmp(names[i].name, name);
	return false;
}

static bool is_echo(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static uint16_t port_of(const json_t *row, const char *key)
{
	return (uint16_t)json_integer_value(json_object_get(row, key));
}

/* 1: seen from its local end, -1: from the other, which loopback has here, too. */
static int is_of(const json_t *row, const struct ends *flow)
{
	uint16_t local = port_of(row, "local_port"), peer = port_of(row, "peer_port");

	if (!is_protocol(row, flow->protocol))
		return 0;
	/* All that were sent: who it was is not shown. */
	if (is_echo(flow->protocol))
		return !strcmp(json_string_value(json_object_get(row, "icmp")) ?: "", "echo-request");
	if (local == flow->local && peer == flow->peer)
		return 1;
	return local == flow->peer && peer == flow->local ? -1 : 0;
}

static struct carried sum_of(const json_t *row, const char *packets, const char *bytes)
{
	return (struct carried){ .packets = (uint64_t)json_integer_value(json_object_get(row, packets)),
				 .bytes = (uint64_t)json_integer_value(json_object_get(row, bytes)) };
}

static void add_to(struct carried *to, struct carried more)
{
	to->packets += more.packets;
	to->bytes += more.bytes;
}

struct shown find_shown(const json_t *all, const struct ends *flow, const char *local)
{
	struct shown shown = {};
	size_t i, k;
	json_t *row, *name;

	json_array_foreach(json_object_get(all, "conversations"), i, row)
	{
		int way = is_of(row, flow);
		const char *carrier = json_string_value(json_object_get(row, "carrier"));

		if (!way || (local && strcmp(local, json_string_value(json_object_get(row, "local")) ?: "")))
			continue;
		shown.rows++;
		add_to(way > 0 ? &shown.tx : &shown.rx, sum_of(row, "tx_packets", "tx_bytes"));
		add_to(way > 0 ? &shown.rx : &shown.tx, sum_of(row, "rx_packets", "rx_bytes"));
		snprintf(shown.carrier, sizeof(shown.carrier), "%s", carrier ? carrier : "");
		shown.path[0] = '\0';
		json_array_foreach(json_object_get(row, "path"), k, name)
			snprintf(shown.path + strlen(shown.path), sizeof(shown.path) - strlen(shown.path),
				 "%s%s", k ? "/" : "", json_string_value(name));
	}
	return shown;
}

static bool says(const json_t *row, const char *key, const char *text)
{
	return !strcmp(json_string_value(json_object_get(row, key)) ?: "", text);
}

struct carried find_counted(const json_t *all, const char *hook, const char *iface, const struct ends *flow, bool out,
			    bool dropped)
{
	uint16_t from = out ? flow->local : flow->peer, to = out ? flow->peer : flow->local;
	struct carried sum = {};
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(all, "flows"), i, row)
	{
		/* Of an echo its identifier stands first, and then what it is. */
		if (is_protocol(row, flow->protocol) && says(row, "hook", hook) && says(row, "iface", iface) &&
		    says(row, "verdict", "drop") == dropped && port_of(row, "sport") == from &&
		    (is_echo(flow->protocol) || port_of(row, "dport") == to))
			add_to(&sum, sum_of(row, "packets", "bytes"));
	}
	return sum;
}
