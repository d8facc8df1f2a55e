/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* select.c - words to interfaces that are to be attached, and which of them are left out. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "../base/route.h"
#include "../base/stack.h"
#include "select.h"

struct selection {
	struct iface *ifaces; /* all there are */
	size_t iface_count;
	struct attach_target *targets; /* room for as many, and for each word */
	size_t count;
};

bool select_is_pattern(const char *word)
{
	return strpbrk(word, "*?[");
}

static struct attach_target *find(const struct selection *s, uint32_t index)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->targets[i].iface.index == index)
			return &s->targets[i];
	return NULL;
}

/* Who is named in full anywhere is not optional. */
static void add(struct selection *s, const struct iface *iface, bool optional)
{
	struct attach_target *target = find(s, iface->index);

	if (!target) {
		target = &s->targets[s->count++];
		*target = (struct attach_target){.iface = *iface, .optional = optional};
	}
	target->optional = target->optional && optional;
}

static int add_matching(struct selection *s, const char *pattern, struct fault *fault)
{
	bool any = false;

	for (size_t i = 0; i < s->iface_count; i++) {
		if (pattern && fnmatch(pattern, s->ifaces[i].name, 0))
			continue;
		any = true;
		add(s, &s->ifaces[i], true);
	}
	if (any)
		return 0;
	return fault_set(fault, -ENODEV, EXIT_MISSING, "no interface matches '%.80s'", pattern ? pattern : "*");
}

static int add_word(struct selection *s, const char *word, struct fault *fault)
{
	struct iface iface;
	int r = iface_by_name(word, &iface, fault);

	if (!r)
		add(s, &iface, false);
	if (r != -ENODEV || !select_is_pattern(word))
		return r;
	fault_clear(fault);
	return add_matching(s, word, fault);
}

/* What nobody can want, unless it is named in full. */
static void leave_out(struct selection *s, const struct stack *stack, bool all)
{
	for (size_t i = 0; i < s->count; i++) {
		struct attach_target *target = &s->targets[i];
		const struct stack_iface *known = stack_find(stack, target->iface.index);
		const char *why = "";

		if (all && known && known->loopback)
			why = "the loopback interface";
		else if (target->optional && !strcmp(target->iface.kind, "vrf"))
			why = "packets of a VRF pass XDP and TC of its ports";
		snprintf(target->skipped, sizeof(target->skipped), "%s", why);
	}
}

/* A restart of the device below cuts the route, too. */
static int be_careful(struct selection *s, const struct stack *stack)
{
	struct default_routes routes = {};
	int r = default_routes_read(&routes);

	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < routes.count; j++) {
			uint32_t index = s->targets[i].iface.index, way = routes.ifindexes[j];

			if (index == way || stack_is_above(stack, way, index))
				s->targets[i].careful = true;
		}
	free(routes.ifindexes);
	return r;
}

static int choose(struct selection *s, char *const *words, size_t count, bool all, bool careful,
		  struct fault *fault)
{
	struct stack stack = {};
	int r = all ? add_matching(s, NULL, fault) : 0;

	for (size_t i = 0; i < count && !r; i++)
		r = add_word(s, words[i], fault);
	if (r)
		return r;
	r = stack_read(&stack);
	if (!r)
		leave_out(s, &stack, all);
	if (!r && all && careful)
		r = be_careful(s, &stack);
	stack_free(&stack);
	return r ? fault_set(fault, r, 0, "cannot ask the kernel about its interfaces") : 0;
}

int select_targets(char *const *words, size_t count, bool all, bool careful, struct attach_target **ret,
		   size_t *ret_count, struct fault *fault)
{
	struct selection s = {};
	int r = iface_list(&s.ifaces, &s.iface_count);

	if (r)
		return fault_set(fault, r, 0, "cannot ask the kernel about its interfaces");
	s.targets = calloc(s.iface_count + count + 1, sizeof(*s.targets));
	r = s.targets ? choose(&s, words, count, all, careful, fault) : -ENOMEM;
	free(s.ifaces);
	if (r) {
		free(s.targets);
		return r;
	}
	*ret = s.targets;
	*ret_count = s.count;
	return 0;
}
