/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hold.c - attaches one of the plain programs of live.bpf.c until standard input ends.
 *
 *	hold IFACE PROGRAM ENTRIES
 *
 * IFACE does not matter to a program for OUTPUT; ENTRIES are those of the map, where it has one.
 */
#include <err.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "live_object.h"

/* Natively at XDP; last at TC egress; where netctl stands at OUTPUT. */
static int attach(int program, enum bpf_attach_type type, int ifindex)
{
	LIBBPF_OPTS(bpf_link_create_opts, xdp, .flags = XDP_FLAGS_DRV_MODE);
	LIBBPF_OPTS(bpf_link_create_opts, output, .netfilter.pf = NFPROTO_IPV4,
		    .netfilter.hooknum = NF_INET_LOCAL_OUT, .netfilter.priority = -350);
	LIBBPF_OPTS(bpf_link_create_opts, none);

	if (type == BPF_NETFILTER)
		return bpf_link_create(program, 0, type, &output);
	return bpf_link_create(program, ifindex, type, type == BPF_XDP ? &xdp : &none);
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	struct bpf_program *program;
	int fd;

	if (argc != 4)
		errx(2, "usage: hold IFACE PROGRAM ENTRIES");
	object = live_open();
	bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "live_lru"),
				 (__u32)atoi(argv[3]));
	fd = live_load(object, argv[2]);
	program = bpf_object__find_program_by_name(object, argv[2]);
	if (attach(fd, bpf_program__expected_attach_type(program), (int)if_nametoindex(argv[1])) <
	    0)
		err(1, "cannot attach %s to %s", argv[2], argv[1]);
	printf("ready\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
