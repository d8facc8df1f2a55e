/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load.c - one hook's embedded BPF object, opened, sized and loaded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "load.h"
#include "../base/privilege.h"

#define MAX_FLOWS (1U << 24) /* entries of a family: 2 GiB of IPv6 entries */

extern const char netctl_xdp_object[], netctl_xdp_object_end[];
extern const char netctl_plain_xdp_object[], netctl_plain_xdp_object_end[];
extern const char netctl_tc_object[], netctl_tc_object_end[];
extern const char netctl_nf_object[], netctl_nf_object_end[];

/* What a hook's object holds. */
static const struct source {
	const char *name, *begin, *end;
	const char *program, *ingress, *body, *jump; /* NULL: the hook has none */
} sources[HOOKS] = {
	[HOOK_XDP] = {"xdp", netctl_xdp_object, netctl_xdp_object_end, "netctl_xdp",
		      "netctl_ingress", NULL, NULL},
	[HOOK_TC] = {"tc", netctl_tc_object, netctl_tc_object_end, "netctl_tc", NULL, NULL, NULL},
	[HOOK_NF] = {"netfilter", netctl_nf_object, netctl_nf_object_end, "netctl_nf_stub", NULL,
		     "netctl_nf", "netctl_jump"},
};

/* The same where the kernel has no BTF. */
static const struct source plain_xdp = {"xdp",
					netctl_plain_xdp_object,
					netctl_plain_xdp_object_end,
					"netctl_xdp",
					"netctl_ingress",
					NULL,
					NULL};

const char *const hook_map_names[HOOK_MAP_COUNT] = {
#define X(id, name, pin) [MAP_##id] = name,
	HOOK_MAPS(X)
#undef X
};

const char *const shared_map_names[SHARED_MAP_COUNT] = {
#define X(id, name, pin) [SHARED_##id] = name,
	SHARED_MAPS(X)
#undef X
};

/* The last warning of libbpf, one line, for the fault; libbpf itself stays quiet. */
static char last_words[256];

static int keep_last_words(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[sizeof(last_words)];
	char *end;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), format, args);
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	/*
	 * Of a failure's chain of messages the first says most: "prog 'x': BPF program load
	 * failed".
	 */
	if (!last_words[0])
		snprintf(last_words, sizeof(last_words), "%s",
			 strncmp(line, "libbpf: ", 8) ? line : line + 8);
	return 0;
}

static uint32_t hook_map_entries(enum hook_map map, const struct load_opts *opts)
{
	switch (map) {
	case MAP_TAGS:
	case MAP_MORE:
		return opts->cpus * (opts->groups4 + opts->groups6);
	case MAP_FLOW4:
		return opts->cpus * opts->groups4;
	case MAP_FLOW6:
		return opts->cpus * opts->groups6;
	case MAP_TOTALS:
		return opts->cpus * opts->iface_slots;
	case MAP_CLOSED:
		return opts->cpus * RULE_SLOTS;
	case MAP_REGION:
	case HOOK_MAP_COUNT:
		break;
	}
	return opts->cpus;
}

uint64_t load_map_size(enum hook_map map, const struct load_opts *opts)
{
	static const uint64_t sizes[HOOK_MAP_COUNT] = {
		[MAP_TAGS] = sizeof(struct tag_group),	[MAP_FLOW4] = sizeof(struct flow4_group),
		[MAP_FLOW6] = sizeof(struct flow6_group), [MAP_MORE] = sizeof(struct more_group),
		[MAP_TOTALS] = sizeof(struct totals),
		[MAP_CLOSED] = sizeof(struct halves),	[MAP_REGION] = sizeof(struct region),
	};

	return sizes[map] * hook_map_entries(map, opts);
}

uint64_t load_memory(const struct load_opts *opts)
{
	uint64_t page = sysconf(_SC_PAGESIZE), sum = 0;

	for (size_t i = 0; i < HOOK_MAP_COUNT; i++)
		sum += ROUND_UP(load_map_size(i, opts), page);
	return sum;
}

uint64_t load_bucket_memory(const struct load_opts *opts)
{
	return (1ULL + opts->buckets) * sizeof(struct bucket_set);
}

int load_opts_make(uint32_t flows, uint32_t buckets, size_t ifaces, struct load_opts *ret)
{
	struct load_opts opts = {.groups4 = 1, .buckets = 1, .iface_slots = IFACE_SLOTS_MIN, .tick_ns = 1};
	int cpus = libbpf_num_possible_cpus();
	uint32_t sets;

	if (cpus < 0)
		return cpus;
	buckets = buckets ? buckets : BUCKETS_DEFAULT;
	if (!flows || flows > MAX_FLOWS || buckets < BUCKETS_MIN || buckets > BUCKETS_MAX)
		return -ERANGE;
	opts.cpus = cpus;
	sets = (flows + WAYS * cpus - 1) / (WAYS * cpus);
	while (opts.groups4 < sets)
		opts.groups4 *= 2;
	opts.groups6 = opts.groups4;
	while (opts.buckets * BUCKET_WAYS < buckets)
		opts.buckets *= 2;
	while (opts.iface_slots < 4 * ifaces && opts.iface_slots < IFACE_SLOTS_MAX)
		opts.iface_slots *= 2;
	if (getrandom(opts.seed, sizeof(opts.seed), 0) != sizeof(opts.seed))
		return -errno;
	*ret = opts;
	return 0;
}

/* bpf_map__reuse_fd() compares nothing: a map of another shape would load and be misread. */
static int map_reuse(struct bpf_map *map, int fd, struct fault *fault)
{
	struct bpf_map_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_map_get_info_by_fd(fd, &info, &len) < 0)
		return -errno;
	if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
	    info.value_size != bpf_map__value_size(map) ||
	    info.max_entries != bpf_map__max_entries(map) ||
	    info.map_flags != bpf_map__map_flags(map))
		return fault_set(fault, -EUCLEAN, EXIT_REFUSED,
				 "map %s in the kernel has another shape than this netctl expects",
				 bpf_map__name(map));
	return bpf_map__reuse_fd(map, fd);
}

static struct bpf_map *options_map(struct bpf_object *object)
{
	static const char suffix[] = ".rodata.opts";
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		const char *name = bpf_map__name(map);
		size_t len = strlen(name);

		if (len >= sizeof(suffix) - 1 && !strcmp(name + len - (sizeof(suffix) - 1), suffix))
			return map;
	}
	return NULL;
}

static int set_options(struct bpf_object *object, const struct load_opts *opts)
{
	struct bpf_map *map = options_map(object);
	size_t size = 0;
	void *value = map ? bpf_map__initial_value(map, &size) : NULL;

	if (!value || size != sizeof(*opts))
		return -EPROTO;
	memcpy(value, opts, sizeof(*opts));
	return 0;
}

/* Size the object's maps, or put the existing ones in their place. */
static int set_maps(struct bpf_object *object, const struct load_opts *opts, const int *maps,
		    const int *shared, struct fault *fault)
{
	int r = 0;

	for (size_t i = 0; i < HOOK_MAP_COUNT && !r; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, hook_map_names[i]);

		if (!map)
			return -EPROTO;
		r = bpf_map__set_max_entries(map, hook_map_entries(i, opts));
		if (!r && maps && maps[i] >= 0)
			r = map_reuse(map, maps[i], fault);
	}
	for (size_t i = 0; i < SHARED_MAP_COUNT && !r; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, shared_map_names[i]);

		if (!map)
			return -EPROTO;
		if (i == SHARED_BUCKETS)
			r = bpf_map__set_max_entries(map, 1 + opts->buckets);
		if (i == SHARED_FRAGMENTS)
			r = bpf_map__set_max_entries(map, FRAGMENT_SETS);
		if (!r && shared && shared[i] >= 0)
			r = map_reuse(map, shared[i], fault);
	}
	return r;
}

/* -1 where the hook has no such program or map; -EPROTO where it should have one. */
static int program_fd(struct bpf_object *object, const char *name, int *ret)
{
	struct bpf_program *program;

	*ret = -1;
	if (!name)
		return 0;
	program = bpf_object__find_program_by_name(object, name);
	if (!program)
		return -EPROTO;
	*ret = bpf_program__fd(program);
	return 0;
}

static int fill_jump(const struct source *source, struct bpf_object *object, struct loaded *ret)
{
	uint32_t slot = 0;

	ret->jump = -1;
	if (!source->jump)
		return 0;
	ret->jump = bpf_object__find_map_fd_by_name(object, source->jump);
	if (ret->jump < 0)
		return -EPROTO;
	return bpf_map_update_elem(ret->jump, &slot, &ret->body, BPF_ANY) < 0 ? -errno : 0;
}

static int collect(const struct source *source, struct bpf_object *object, struct loaded *ret)
{
	int r = program_fd(object, source->program, &ret->program);

	if (!r)
		r = program_fd(object, source->ingress, &ret->ingress);
	if (!r)
		r = program_fd(object, source->body, &ret->body);
	for (size_t i = 0; i < HOOK_MAP_COUNT; i++)
		ret->maps[i] = bpf_object__find_map_fd_by_name(object, hook_map_names[i]);
	for (size_t i = 0; i < SHARED_MAP_COUNT; i++)
		ret->shared[i] = bpf_object__find_map_fd_by_name(object, shared_map_names[i]);
	ret->object = object;
	return r ? r : fill_jump(source, object, ret);
}

static int explain(int error, const char *name, struct fault *fault)
{
	char what[64];

	if (fault_is_set(fault))
		return error;
	if (error == -EPERM || error == -EACCES) {
		snprintf(what, sizeof(what), "loading the %s program", name);
		/* The verifier refuses with -EACCES, too; then nobody lacks a capability. */
		if (error == -EPERM || !privilege_complete())
			return privilege_fault(fault, error, what);
	}
	if (error == -ENOMEM)
		return fault_set(fault, error, EXIT_REFUSED,
				 "the kernel has no memory for the %s tables", name);
	return fault_set(fault, error, EXIT_REFUSED, "cannot load the %s program: %s%s%s", name,
			 strerror(-error), last_words[0] ? ": " : "", last_words);
}

static int open_object(const struct source *source, const struct load_opts *opts, const int *maps,
		       const int *shared, struct bpf_object **ret, struct fault *fault)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .object_name = "netctl");
	struct bpf_object *object;
	int r;

	object = bpf_object__open_mem(source->begin, source->end - source->begin, &open_opts);
	if (!object)
		return -errno;
	r = set_options(object, opts);
	if (!r)
		r = set_maps(object, opts, maps, shared, fault);
	if (r < 0)
		bpf_object__close(object);
	else
		*ret = object;
	return r;
}

int load_prepare(enum hook_id hook, const struct load_opts *opts, const int *maps,
		 const int *shared, struct bpf_object **ret)
{
	const struct source *source = &sources[hook];
	struct bpf_program *program;
	struct bpf_object *object;
	int r = open_object(source, opts, maps, shared, &object, NULL);

	if (r < 0)
		return r;
	bpf_object__for_each_program (program, object)
		bpf_program__set_autoload(program,
					  !strcmp(bpf_program__name(program), source->program));
	*ret = object;
	return 0;
}

static int load_object(const struct source *source, const struct load_opts *opts, const int *maps,
		       const int *shared, struct bpf_object **ret, struct fault *fault)
{
	struct bpf_object *object;
	int r = open_object(source, opts, maps, shared, &object, fault);

	if (r < 0)
		return r;
	r = bpf_object__load(object);
	if (r < 0)
		bpf_object__close(object);
	else
		*ret = object;
	return r;
}

int load_hook(enum hook_id hook, const struct load_opts *opts, const int *maps, const int *shared,
	      struct loaded *ret, struct fault *fault)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct loaded loaded = {.hook = hook};
	struct bpf_object *object = NULL;
	int r;

	/* Of use before 5.11 only, and refused without CAP_SYS_RESOURCE: both are fine. */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(keep_last_words);
	last_words[0] = '\0';
	r = load_object(&sources[hook], opts, maps, shared, &object, fault);
	if (r == -ESRCH && hook == HOOK_XDP)
		r = load_object(&plain_xdp, opts, maps, shared, &object, fault);
	if (r < 0)
		return explain(r, sources[hook].name, fault);
	r = collect(&sources[hook], object, &loaded);
	if (r < 0) {
		bpf_object__close(object);
		return explain(r, sources[hook].name, fault);
	}
	*ret = loaded;
	return 0;
}

void load_free(struct loaded *loaded)
{
	bpf_object__close(loaded->object);
	loaded->object = NULL;
}
