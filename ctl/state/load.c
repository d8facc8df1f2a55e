/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load.c - a hook's embedded BPF object, opened, sized, and those of its programs loaded that are asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "load.h"
#include "../base/privilege.h"

#define JUMP "netctl_jump"

#define OBJECT(name) extern const char netctl_##name##_object[], netctl_##name##_object_end[]
OBJECT(xdp);
OBJECT(plain_xdp);
OBJECT(tc);
OBJECT(plain_tc);
OBJECT(nf);

/* The object of a hook; where the kernel has no BTF, the other one, if there is one. */
static const struct source {
	const char *begin, *end;
} sources[HOOKS] = {
	[HOOK_XDP] = { netctl_xdp_object, netctl_xdp_object_end },
	[HOOK_TC] = { netctl_tc_object, netctl_tc_object_end },
	[HOOK_NF] = { netctl_nf_object, netctl_nf_object_end },
}, plain_sources[HOOKS] = {
	[HOOK_XDP] = { netctl_plain_xdp_object, netctl_plain_xdp_object_end },
	[HOOK_TC] = { netctl_plain_tc_object, netctl_plain_tc_object_end },
};

/* What an object holds. */
static const struct content {
	const char *name;
	const char *program[PROGRAM_COUNT]; /* NULL: the hook has none */
	enum program_id behind;		    /* the jump, if there is any */
} contents[HOOKS] = {
	[HOOK_XDP] = { "xdp",
		       { [PROGRAM_MAIN] = "netctl_xdp",
			 [PROGRAM_BARE] = "netctl_xdp_bare",
			 [PROGRAM_INGRESS] = "netctl_ingress",
			 [PROGRAM_INGRESS_BARE] = "netctl_in_bare",
			 [PROGRAM_FRONT] = "netctl_front",
			 [PROGRAM_TAGGED] = "netctl_tagged" },
		       PROGRAM_MAIN },
	[HOOK_TC] = { "tc", { [PROGRAM_MAIN] = "netctl_tc", [PROGRAM_BARE] = "netctl_tc_bare" }, 0 },
	[HOOK_NF] = { "netfilter",
		      { [PROGRAM_MAIN] = "netctl_nf_stub", [PROGRAM_BODY] = "netctl_nf" },
		      PROGRAM_BODY },
};

#define BOUND (1U << PROGRAM_FRONT | 1U << PROGRAM_TAGGED)

unsigned int hook_programs(enum hook_id hook)
{
	unsigned int programs = 0;

	for (int i = 0; i < PROGRAM_COUNT; i++)
		programs |= (contents[hook].program[i] != NULL) << i;
	return programs & ~BOUND;
}

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

/* Size a map, or put the existing one in its place. */
static int set_map(struct bpf_object *object, const char *name, uint32_t entries, int fd, struct fault *fault)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	int r = map ? 0 : -EPROTO;

	if (!r && entries)
		r = bpf_map__set_max_entries(map, entries);
	if (!r && fd >= 0)
		r = map_reuse(map, fd, fault);
	return r;
}

static int set_maps(struct bpf_object *object, const struct loaded *loaded, struct fault *fault)
{
	const struct load_opts *opts = &loaded->opts;
	const uint32_t entries[SHARED_MAP_COUNT] = {
		[SHARED_BUCKETS] = 1 + opts->buckets,
		[SHARED_FRAGMENTS] = FRAGMENT_SETS,
	};
	int r = 0;

	for (size_t i = 0; i < HOOK_MAP_COUNT && !r; i++)
		r = set_map(object, hook_map_names[i], load_map_entries(i, opts), loaded->maps[i], fault);
	for (size_t i = 0; i < SHARED_MAP_COUNT && !r; i++)
		r = set_map(object, shared_map_names[i], entries[i], loaded->shared[i], fault);
	if (!r && bpf_object__find_map_by_name(object, JUMP))
		r = set_map(object, JUMP, 0, loaded->jump, fault);
	return r;
}

static int open_object(const struct source *source, const struct loaded *loaded,
		       unsigned int programs, struct bpf_object **ret, struct fault *fault)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_opts, .object_name = "netctl");
	const struct content *content = &contents[loaded->hook];
	struct bpf_object *object;
	struct bpf_program *program;
	int r;

	object = bpf_object__open_mem(source->begin, source->end - source->begin, &open_opts);
	if (!object)
		return -errno;
	r = set_options(object, &loaded->opts);
	if (!r)
		r = set_maps(object, loaded, fault);
	if (r < 0) {
		bpf_object__close(object);
		return r;
	}
	bpf_object__for_each_program (program, object)
		bpf_program__set_autoload(program, false);
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		program = programs >> i & 1 ? bpf_object__find_program_by_name(object, content->program[i]) : NULL;
		if (program)
			bpf_program__set_autoload(program, true);
	}
	*ret = object;
	return 0;
}

int load_prepare(const struct loaded *loaded, enum program_id program, struct bpf_object **ret)
{
	return open_object(&sources[loaded->hook], loaded, 1U << program, ret, NULL);
}

/* A descriptor of ours of what the object has under that name, unless there is one. */
static int keep(int fd, int *ret)
{
	if (fd < 0 || *ret >= 0)
		return 0;
	*ret = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *ret < 0 ? -errno : 0;
}

static int keep_program(struct bpf_object *object, const char *name, int *ret)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program ? keep(bpf_program__fd(program), ret) : -ENOENT;
}

static int collect(struct bpf_object *object, unsigned int programs, struct loaded *loaded)
{
	const struct content *content = &contents[loaded->hook];
	int r = keep(bpf_object__find_map_fd_by_name(object, JUMP), &loaded->jump);

	for (size_t i = 0; i < HOOK_MAP_COUNT && !r; i++)
		r = keep(bpf_object__find_map_fd_by_name(object, hook_map_names[i]), &loaded->maps[i]);
	for (size_t i = 0; i < SHARED_MAP_COUNT && !r; i++)
		r = keep(bpf_object__find_map_fd_by_name(object, shared_map_names[i]), &loaded->shared[i]);
	for (int i = 0; i < PROGRAM_COUNT && !r; i++)
		if (programs >> i & 1)
			r = keep_program(object, content->program[i], &loaded->program[i]);
	return r;
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

static int load_from(const struct source *source, unsigned int programs, struct loaded *loaded,
		     struct fault *fault)
{
	struct bpf_object *object;
	int r = open_object(source, loaded, programs, &object, fault);

	if (r < 0)
		return r;
	r = bpf_object__load(object);
	if (!r)
		r = collect(object, programs, loaded);
	bpf_object__close(object);
	return r;
}

int load_fill_jump(const struct loaded *loaded)
{
	int behind = loaded->program[contents[loaded->hook].behind];
	uint32_t slot = 0, id;

	if (loaded->jump < 0 || behind < 0 || !bpf_map_lookup_elem(loaded->jump, &slot, &id))
		return 0;
	return bpf_map_update_elem(loaded->jump, &slot, &behind, BPF_ANY) < 0 ? -errno : 0;
}

static void listen(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	/* Of use before 5.11 only, and refused without CAP_SYS_RESOURCE: both are fine. */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	libbpf_set_print(keep_last_words);
	last_words[0] = '\0';
}

int load_programs(struct loaded *loaded, unsigned int programs, struct fault *fault)
{
	const struct source *plain = &plain_sources[loaded->hook];
	bool made = loaded->maps[0] >= 0;
	int r;

	for (int i = 0; i < PROGRAM_COUNT; i++)
		if (loaded->program[i] >= 0)
			programs &= ~(1U << i);
	if (made && !programs)
		return 0;
	listen();
	r = load_from(&sources[loaded->hook], programs, loaded, fault);
	if (r == -ESRCH && plain->begin)
		r = load_from(plain, programs, loaded, fault);
	if (!r)
		r = load_fill_jump(loaded);
	return r < 0 ? explain(r, contents[loaded->hook].name, fault) : 0;
}

int load_share(const int from[SHARED_MAP_COUNT], int to[SHARED_MAP_COUNT])
{
	int r = 0;

	for (size_t i = 0; i < SHARED_MAP_COUNT && !r; i++)
		r = keep(from[i], &to[i]);
	return r;
}

void load_init(enum hook_id hook, const struct load_opts *opts, struct loaded *ret)
{
	*ret = (struct loaded){
		.hook = hook,
		.opts = *opts,
		.maps = {[0 ... HOOK_MAP_COUNT - 1] = -1},
		.shared = {[0 ... SHARED_MAP_COUNT - 1] = -1},
		.program = {[0 ... PROGRAM_COUNT - 1] = -1},
		.jump = -1,
	};
}

bool load_finds_prefix(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	bool found = btf && btf__find_by_name_kind(btf, "bpf_cast_to_kern_ctx", BTF_KIND_FUNC) > 0;

	btf__free(btf);
	return found;
}

static void close_all(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close_at(&fds[i]);
}

void load_free(struct loaded *loaded)
{
	close_all(loaded->maps, HOOK_MAP_COUNT);
	close_all(loaded->shared, SHARED_MAP_COUNT);
	close_all(loaded->program, PROGRAM_COUNT);
	close_at(&loaded->jump);
	bpf_object__close(loaded->front);
	load_init(loaded->hook, &loaded->opts, loaded);
}
