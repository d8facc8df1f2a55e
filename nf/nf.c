/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nf.c - netfilter OUTPUT: a pair of BPF links, IPv4 and IPv6, for the whole network namespace. */
#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/netfilter.h>

#include "../ctl/state/hook.h"
#include "../ctl/base/privilege.h"

#define PRIORITY_LAST \
	(-301) /* of those tried when the user names none: still before raw and conntrack */

static int link_both(int program, int32_t priority, int ret_links[HOOK_LINKS])
{
	static const uint32_t families[HOOK_LINKS] = {NFPROTO_IPV4, NFPROTO_IPV6};
	int links[HOOK_LINKS] = {[0 ... HOOK_LINKS - 1] = -1};

	for (size_t i = 0; i < HOOK_LINKS; i++) {
		LIBBPF_OPTS(bpf_link_create_opts, opts, .netfilter.pf = families[i],
			    .netfilter.hooknum = NF_INET_LOCAL_OUT, .netfilter.priority = priority);

		links[i] = bpf_link_create(program, 0, BPF_NETFILTER, &opts);
		if (links[i] < 0) {
			int r = -errno;

			links_close(links);
			return r;
		}
	}
	for (size_t i = 0; i < HOOK_LINKS; i++)
		ret_links[i] = links[i];
	return 0;
}

/* Programs at netfilter hooks came with 6.4. */
static int nf_missing(struct fault *fault)
{
	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_NETFILTER, NULL) != 0)
		return 0;
	fault_set(fault, -EOPNOTSUPP, EXIT_REFUSED,
		  "nf: unavailable: this kernel has no BPF programs at netfilter hooks");
	fault_hint(fault, "Linux 6.4 or later has them; '--hooks xdp,tc' does without");
	return -EOPNOTSUPP;
}

static int nf_refused(int error, int32_t priority, struct fault *fault)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
		return privilege_fault(fault, error, "attaching to netfilter OUTPUT");
	case -EBUSY:
		return fault_set(
			fault, error, EXIT_REFUSED,
			"nf: another BPF program stands at netfilter OUTPUT with priority %d",
			priority);
	case -ERANGE:
		return fault_set(fault, error, EXIT_REFUSED, "nf: priority %d cannot be had",
				 priority);
	}
	return fault_set(fault, error, EXIT_REFUSED,
			 "nf: the kernel refused to attach at netfilter OUTPUT");
}

static unsigned int nf_needs(struct loaded *loaded, const struct iface *iface,
			     const struct hook_wish *wish)
{
	return 1U << PROGRAM_MAIN | 1U << PROGRAM_BODY;
}

static int nf_attach(struct loaded *loaded, const struct iface *iface,
		     const struct hook_wish *wish, struct hook_made *ret, struct fault *fault)
{
	int32_t priority = wish->nf_priority_given ? wish->nf_priority : NF_PRIORITY_DEFAULT;
	int r = link_both(loaded->program[PROGRAM_MAIN], priority, ret->links);

	/* No two BPF programs share a priority: step aside, unless the user named it. */
	while (r == -EBUSY && !wish->nf_priority_given && priority < PRIORITY_LAST)
		r = link_both(loaded->program[PROGRAM_MAIN], ++priority, ret->links);
	if (r)
		return nf_refused(r, priority, fault);
	ret->nf_priority = priority;
	return 0;
}

static void nf_find(const int programs[PROGRAM_COUNT], const struct attached *attached,
		    const int links[HOOK_LINKS], int bpffs, struct hook_place *ret)
{
	/* Without nfnetlink_hook the kernel does not say what else is attached there. */
	ret->gone = link_program(links[0]) == 0 || link_program(links[1]) == 0;
}

const struct hook hook_nf = {
	.whole_namespace = true,
	.links = {"nf_4", "nf_6"},
	.needs = nf_needs,
	.attach = nf_attach,
	.missing = nf_missing,
	.find = nf_find,
};
