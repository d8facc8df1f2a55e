/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dispatcher.c - libxdp's dispatcher: one program at the hook that calls several, each a
 * replacement of one of its functions.
 *
 * libxdp attaches over netlink and pins on its own: a killed attach stays. So programs of ours that
 * no state knows of are removed before one is added.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <xdp/libxdp.h>

#include "../ctl/state/load.h"
#include "dispatcher.h"

#define PROGRAM "netctl_xdp" /* and what follows: one for each kind of device */

static int quiet(enum libxdp_print_level level, const char *format, va_list args)
{
	return 0;
}

/* libxdp keeps its pins in the bpffs all of us share, wherever it is mounted. */
static void set_up(int bpffs)
{
	char path[32];

	libxdp_set_print(quiet);
	if (bpffs < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", bpffs);
	setenv("LIBXDP_BPFFS", path, 1);
}

static struct xdp_multiprog *programs_at(uint32_t ifindex)
{
	struct xdp_multiprog *there = xdp_multiprog__get_from_ifindex((int)ifindex);

	return libxdp_get_error(there) ? NULL : there;
}

static bool is_ours(const struct xdp_program *program)
{
	const char *name = xdp_program__name(program);

	return name && !strncmp(name, PROGRAM, strlen(PROGRAM));
}

/* ---- what the kernel allows ---- */

/* Types of "int main(struct xdp_md *)", twice: the function and what would replace it. */
static int probe_types(int32_t ret_functions[2])
{
	static const char *const members[] = { "data",		 "data_end",
					       "data_meta",	 "ingress_ifindex",
					       "rx_queue_index", "egress_ifindex" };
	struct btf *btf = btf__new_empty();
	int number, word, context, pointer, proto, fd;
	const void *raw;
	uint32_t size;

	if (!btf)
		return -ENOMEM;
	number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	word = btf__add_int(btf, "unsigned int", 4, 0);
	context = btf__add_struct(btf, "xdp_md", sizeof(struct xdp_md));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		btf__add_field(btf, members[i], word, (uint32_t)i * 32, 0);
	pointer = btf__add_ptr(btf, context);
	proto = btf__add_func_proto(btf, number);
	btf__add_func_param(btf, "ctx", pointer);
	ret_functions[0] = btf__add_func(btf, "netctl_probe", BTF_FUNC_GLOBAL, proto);
	ret_functions[1] = btf__add_func(btf, "netctl_replace", BTF_FUNC_GLOBAL, proto);
	raw = btf__raw_data(btf, &size);
	fd = raw ? bpf_btf_load(raw, size, NULL) : -1;
	fd = fd < 0 ? -errno : fd;
	btf__free(btf);
	return fd;
}

static int probe_load(int types, int32_t function, int target, int32_t target_function)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_func_info info = { .type_id = (uint32_t)function };
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_btf_fd = (uint32_t)types, .func_info = &info,
		    .func_info_cnt = 1, .func_info_rec_size = sizeof(info));

	if (target >= 0) {
		opts.attach_prog_fd = (uint32_t)target;
		opts.attach_btf_id = (uint32_t)target_function;
	}
	return bpf_prog_load(target < 0 ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_EXT, "netctl_probe",
			     "GPL", pass, ARRAY_SIZE(pass), &opts);
}

int dispatcher_probe(void)
{
	int32_t functions[2] = {};
	autoclose int types = probe_types(functions);
	autoclose int target = types < 0 ? types : probe_load(types, functions[0], -1, 0);
	autoclose int replacement =
		target < 0 ? target : probe_load(types, functions[1], target, functions[0]);

	return replacement < 0 ? replacement : 0;
}

/* ---- joining and leaving ---- */

static int leave(uint32_t ifindex, int bpffs)
{
	struct xdp_multiprog *there;
	struct xdp_program *program;
	int r = 0;

	set_up(bpffs);
	there = programs_at(ifindex);
	if (!there || xdp_multiprog__is_legacy(there)) {
		xdp_multiprog__close(there);
		return 0;
	}
	program = xdp_multiprog__next_prog(NULL, there);
	while (program && !is_ours(program))
		program = xdp_multiprog__next_prog(program, there);
	if (program)
		r = xdp_program__detach(program, (int)ifindex, xdp_multiprog__attach_mode(there),
					0);
	xdp_multiprog__close(there);
	return r;
}

/* libxdp's, if it is empty now: it makes one in an attempt that fails, too. */
static void remove_directory(int bpffs)
{
	if (bpffs >= 0)
		unlinkat(bpffs, "xdp", AT_REMOVEDIR);
}

int dispatcher_remove(uint32_t ifindex, int bpffs)
{
	int r = leave(ifindex, bpffs);

	remove_directory(bpffs);
	return r;
}

/* Is ours among the programs of a dispatcher now? */
static bool joined(uint32_t ifindex)
{
	uint32_t position, count;

	dispatcher_find(ifindex, -1, &position, &count);
	return position > 0;
}

/* Of those that share the object's section. */
static const char *wanted_program(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object)
		if (bpf_program__autoload(program))
			return bpf_program__name(program);
	return NULL;
}

int dispatcher_attach(const struct loaded *loaded, const struct iface *iface,
		      const struct hook_wish *wish)
{
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts);
	struct bpf_object *object;
	struct xdp_program *program;
	enum xdp_attach_mode mode = wish->mode == WISH_GENERIC ? XDP_MODE_SKB : XDP_MODE_NATIVE;
	int r;

	r = leave(iface->index, wish->bpffs); /* a killed attach's */
	if (r)
		return r;
	r = load_prepare(loaded, iface->link == LINK_BARE ? PROGRAM_BARE : PROGRAM_MAIN, &object);
	if (r)
		return r;
	opts.obj = object;
	opts.prog_name = wanted_program(object);
	program = xdp_program__create(&opts);
	r = (int)libxdp_get_error(program);
	if (r) {
		bpf_object__close(object);
		return r;
	}
	xdp_program__set_xdp_frags_support(program, true); /* libxdp 1.3 loses the flag */
	/* libxdp looks for its directory once a process; it may be gone since. */
	mkdirat(wish->bpffs, "xdp", S_IRWXU);
	r = xdp_program__attach(program, (int)iface->index, mode, 0);
	/* It falls back to a plain netlink attachment, which no pin of ours would hold. */
	if (!r && !joined(iface->index)) {
		xdp_program__detach(program, (int)iface->index, mode, 0);
		r = -EOPNOTSUPP;
	}
	xdp_program__close(program);
	bpf_object__close(object);
	if (r)
		remove_directory(wish->bpffs);
	return r;
}

void dispatcher_find(uint32_t ifindex, int bpffs, uint32_t *ret_position, uint32_t *ret_programs)
{
	struct xdp_multiprog *there;
	struct xdp_program *program;
	uint32_t position = 0;

	*ret_position = *ret_programs = 0;
	set_up(bpffs);
	there = programs_at(ifindex);
	if (!there || xdp_multiprog__is_legacy(there)) {
		xdp_multiprog__close(there);
		return;
	}
	program = xdp_multiprog__next_prog(NULL, there);
	for (; program; program = xdp_multiprog__next_prog(program, there)) {
		position++;
		if (is_ours(program))
			*ret_position = position;
	}
	*ret_programs = position;
	xdp_multiprog__close(there);
}

void dispatcher_name(uint32_t ifindex, char ret[64], bool *ret_dispatcher)
{
	struct xdp_multiprog *there;
	struct xdp_program *program;
	const char *name;

	ret[0] = '\0';
	*ret_dispatcher = false;
	set_up(-1);
	there = programs_at(ifindex);
	program = there ? xdp_multiprog__main_prog(there) : NULL;
	name = program ? xdp_program__name(program) : NULL;
	if (name)
		snprintf(ret, 64, "%s", name);
	if (program)
		*ret_dispatcher = !xdp_multiprog__is_legacy(there);
	xdp_multiprog__close(there);
}
