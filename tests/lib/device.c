/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* device.c - two namespaces, and interfaces of a kind made in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "shuttle.h"
#include "wire.h"

static bool ip(const char *netns, bool quiet, const char *words)
{
	return command_succeeds(quiet, "ip -n %s %s", netns, words);
}

static bool write_to(const char *text, const char *format, const char *dev)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), format, dev);
	file = fopen(path, "w");
	return file && fputs(text, file) >= 0 && !fclose(file);
}

static bool make_netns(const char *name, bool ipv6)
{
	if (!command_succeeds(false, "ip netns add %s", name))
		return false;
	enter_netns(name);
	if (!ipv6) {
		write_to("1", "/proc/sys/net/ipv6/conf/%s/disable_ipv6", "all");
		write_to("1", "/proc/sys/net/ipv6/conf/%s/disable_ipv6", "default");
	}
	/* An address is that of its own interface, though others below it hear the question. */
	write_to("1", "/proc/sys/net/ipv4/conf/%s/arp_ignore", "all");
	return ip(name, false, "link set lo up");
}

bool pair_make(struct pair *pair, const char *word, bool ipv6)
{
	*pair = (struct pair){ .ipv6 = ipv6 };
	snprintf(pair->a, sizeof(pair->a), "%s-a%d", word, getpid());
	snprintf(pair->b, sizeof(pair->b), "%s-b%d", word, getpid());
	return make_netns(pair->a, ipv6) && make_netns(pair->b, ipv6);
}

void pair_remove(const struct pair *pair)
{
	command_succeeds(true, "ip netns del %s", pair->a);
	command_succeeds(true, "ip netns del %s", pair->b);
}

const char *netctl_path(void)
{
	return getenv("NETCTL") ?: "build/netctl";
}

bool run_netctl(const struct pair *pair, bool quiet, const char *words)
{
	return command_succeeds(quiet, "%s -N %s %s", netctl_path(), pair->a, words);
}

const struct device *find_device(const char *name)
{
	for (size_t i = 0; i < device_count; i++)
		if (!strcmp(devices[i].name, name))
			return &devices[i];
	return NULL;
}

/*
 * The interface sends and receives nothing but what is on the wire, super-packets least of all; and nothing of its own
 * while we count: a neighbour that was found stays.
 */
static bool settle(const char *netns, const char *dev, bool tags_off)
{
	enter_netns(netns);
	offloads_off(dev);
	if (tags_off)
		tag_offloads_on(dev);
	write_to("1000000000", "/proc/sys/net/ipv6/neigh/%s/base_reachable_time_ms", dev);
	return write_to("1000000000", "/proc/sys/net/ipv4/neigh/%s/base_reachable_time_ms", dev);
}

static bool join(const struct pair *pair)
{
	bool good = command_succeeds(false, "ip link add w0 address 02:00:00:00:09:01 netns %s type veth peer "
				     "name w0 address 02:00:00:00:09:02 netns %s", pair->a, pair->b);

	return good && settle(pair->a, "w0", false) && settle(pair->b, "w0", false) &&
	       ip(pair->a, false, "link set w0 up") && ip(pair->b, false, "link set w0 up");
}

/* NULL: all were done. */
static const char *run_commands(const struct pair *pair, const char *const *commands)
{
	for (size_t i = 0; i < MOST_COMMANDS && commands[i]; i++) {
		const char *words = commands[i], *netns = strchr("aA", words[0]) ? pair->a : pair->b;
		bool here = words[0] == 'A' || words[0] == 'B';

		if (here)
			enter_netns(netns);
		if (!(here ? command_succeeds(true, "%s", words + 2) : ip(netns, true, words + 2)))
			return words;
	}
	return NULL;
}

static bool add_address(const struct pair *pair, const char *netns, int host, const char *dev, unsigned int families)
{
	return dev && (!(families & FOUR) ||
		       command_succeeds(false, "ip -n %s addr add 10.9.0.%d/24 dev %s", netns, host, dev)) &&
	       (!pair->ipv6 || !(families & SIX) ||
		command_succeeds(false, "ip -n %s addr add fd09::%d/64 dev %s nodad", netns, host, dev));
}

bool device_make(struct pair *pair, const struct device *device, const char **ret_failed)
{
	const char *at_a = device->a_address ?: device->dev, *at_b = device->b_address ?: device->peer;
	unsigned int families = device->families ?: BOTH;

	*ret_failed = "a link add w0 type veth";
	if (!join(pair))
		return false;
	*ret_failed = run_commands(pair, device->commands);
	if (!*ret_failed && device->tun) {
		pair->shuttle = shuttle_begin(pair->a, pair->b, device->dev, !strcmp(device->tun, "tap"));
		*ret_failed = pair->shuttle ? NULL : device->tun;
	}
	if (*ret_failed)
		return false;
	*ret_failed = "addresses";
	return settle(pair->a, device->dev, device->tags_off) &&
	       (!device->peer || settle(pair->b, device->peer, device->tags_off)) &&
	       add_address(pair, pair->a, 1, at_a, families) &&
	       (!device->peer || add_address(pair, pair->b, 2, at_b, families));
}

void device_remove(struct pair *pair, const struct device *device)
{
	if (pair->shuttle)
		shuttle_end(pair->shuttle);
	pair->shuttle = 0;
	if (strcmp(device->dev, "w0"))
		command_succeeds(true, "ip -n %s link del %s", pair->a, device->dev);
	if (device->peer && strcmp(device->peer, "w0"))
		command_succeeds(true, "ip -n %s link del %s", pair->b, device->peer);
	if (device->below)
		command_succeeds(true, "ip -n %s link del %s", pair->a, device->below);
	ip(pair->a, true, "link del w0");
}
