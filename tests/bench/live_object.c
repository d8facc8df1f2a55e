/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_object.c - finds live.bpf.o beside the running program and loads one program of it. */
#include <err.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "live_object.h"

struct bpf_object *live_open(void)
{
	struct bpf_object *object;
	struct bpf_program *program;
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 16);

	if (len < 0)
		err(1, "/proc/self/exe");
	path[len] = '\0';
	strcpy(strrchr(path, '/'), "/live.bpf.o");
	object = bpf_object__open_file(path, NULL);
	if (!object)
		err(1, "%s", path);
	bpf_object__for_each_program (program, object)
		bpf_program__set_autoload(program, false);
	return object;
}

int live_load(struct bpf_object *object, const char *name)
{
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	if (!program)
		errx(2, "no program '%s'", name);
	bpf_program__set_autoload(program, true);
	if (bpf_object__load(object) < 0)
		err(1, "%s", name);
	return bpf_program__fd(program);
}
