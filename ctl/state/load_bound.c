/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* load_bound.c - programs that are bound to one device each, as only such may ask it for metadata. */
#include <errno.h>
#include <fcntl.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "load.h"

static struct bpf_program *program_in(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object)
		if (bpf_program__autoload(program))
			return program;
	return NULL;
}

static int load_object(const struct loaded *loaded, enum program_id id, uint32_t ifindex,
		       struct bpf_object **ret)
{
	struct bpf_program *program;
	struct bpf_object *object;
	int r = load_prepare(loaded, id, &object);

	if (r < 0)
		return r;
	program = program_in(object);
	r = program ? bpf_program__set_flags(program, bpf_program__flags(program) | BPF_F_XDP_DEV_BOUND_ONLY) :
		      -ENOENT;
	if (program)
		bpf_program__set_ifindex(program, ifindex);
	if (!r)
		r = bpf_object__load(object);
	if (r < 0)
		bpf_object__close(object);
	else
		*ret = object;
	return r;
}

/*
 * The front once more, for another device, as it was relocated the first time: opening an object takes 10 ms, this 0.2.
 * It has no functions that need BTF.
 */
static int load_again(struct bpf_object *object, uint32_t ifindex)
{
	const struct bpf_program *program = program_in(object);
	/* libbpf adds what the section says when it loads: the jump's array has to be of the same kind. */
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_ifindex = ifindex,
		    .prog_flags = bpf_program__flags(program) | BPF_F_XDP_HAS_FRAGS,
		    .expected_attach_type = bpf_program__expected_attach_type(program));
	int fd = bpf_prog_load(bpf_program__type(program), bpf_program__name(program), "Dual BSD/GPL",
			       bpf_program__insns(program), bpf_program__insn_cnt(program), &opts);

	return fd < 0 ? -errno : fd;
}

int load_bound(struct loaded *loaded, enum program_id id, uint32_t ifindex)
{
	struct bpf_object *object;
	int fd, r;

	if (id == PROGRAM_FRONT && loaded->front)
		return load_again(loaded->front, ifindex);
	r = load_object(loaded, id, ifindex, &object);
	if (r)
		return r;
	fd = fcntl(bpf_program__fd(program_in(object)), F_DUPFD_CLOEXEC, 3);
	r = fd < 0 ? -errno : fd;
	if (id == PROGRAM_FRONT)
		loaded->front = object;
	else
		bpf_object__close(object);
	return r;
}
