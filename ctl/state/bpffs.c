/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bpffs.c - finding the bpffs that all commands of this machine share, and mounting it where there
 * is none.
 *
 * "ip netns exec" gives its command a mount namespace with a fresh /sys, which hides /sys/fs/bpf,
 * and would take with it what is mounted there. So a process that sees no bpffs uses the one its
 * nearest ancestor sees.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#include <linux/magic.h>

#include "../base/privilege.h"
#include "bpffs.h"
#include "statedir.h"

#define BPFFS "/sys/fs/bpf"
#define MAX_ANCESTORS 64

static bool is_bpffs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == BPF_FS_MAGIC;
}

/* Descriptor of the directory at path if a bpffs is there, else -ENOENT. */
static int open_bpffs(const char *path)
{
	autoclose int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	return is_bpffs(fd) ? take_fd(fd) : -ENOENT;
}

static int parent_of(int pid)
{
	char path[32], line[128];
	int parent = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	status = fopen(path, "re");
	if (!status)
		return 0;
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	fclose(status);
	return parent;
}

/* An ancestor's mount counts only if it is root's: a user's own namespace may be among them. */
static int ancestor_bpffs(void)
{
	char path[64];
	int pid = getpid();

	for (int i = 0; i < MAX_ANCESTORS && pid > 1; i++) {
		autoclose int fd = -1;
		struct stat st;

		pid = parent_of(pid);
		if (pid < 1)
			break;
		snprintf(path, sizeof(path), "/proc/%d/root" BPFFS, pid);
		fd = open_bpffs(path);
		if (fd >= 0 && !fstat(fd, &st) && (!st.st_uid || st.st_uid == geteuid()))
			return take_fd(fd);
	}
	return -ENOENT;
}

/*
 * Two at once must not mount one over the other: the later mount would hide what the first one
 * pins.
 */
static int mount_here(void)
{
	autoclose int dir = open(BPFFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	int r = dir < 0 ? -errno : lock_take(dir, NULL);

	if (r < 0)
		return r;
	if (!statfs(BPFFS, &fs) && fs.f_type == BPF_FS_MAGIC)
		return 0;
	return mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0
		       ? -errno
		       : 0;
}

/*
 * The outermost process above us whose mount namespace we may enter: init, unless that is out of reach, as in
 * some containers. Returns its pid, and the namespace's descriptor or -1.
 */
static int outermost(int *ret_fd)
{
	autoclose int fd = -1;
	char path[32];
	int found = getpid(), pid = found;

	for (int i = 0; i < MAX_ANCESTORS && pid > 1; i++) {
		int next;

		pid = parent_of(pid);
		if (pid < 1)
			break;
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
		next = open(path, O_RDONLY | O_CLOEXEC);
		if (next < 0)
			continue;
		close_at(&fd);
		fd = next;
		found = pid;
	}
	*ret_fd = take_fd(fd);
	return found;
}

static bool is_own_mount_namespace(int fd)
{
	struct stat own, other;

	return !stat("/proc/self/ns/mnt", &own) && !fstat(fd, &other) && own.st_dev == other.st_dev &&
	       own.st_ino == other.st_ino;
}

/* In a child: a mount namespace can be entered by a process alone, and not be left the same way. */
static int mount_there(int ns)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (!child)
		_exit(setns(ns, CLONE_NEWNS) < 0 ? errno : -mount_here());
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int mount_bpffs(int *ret_fd, struct fault *fault)
{
	autoclose int ns = -1;
	int pid = outermost(&ns), fd, r;
	char path[64];

	r = ns < 0 || is_own_mount_namespace(ns) ? mount_here() : mount_there(ns);
	if (r == -EPERM || r == -EACCES) {
		fault_set(fault, r, EXIT_PRIVILEGE, "mounting bpffs on " BPFFS " needs CAP_SYS_ADMIN");
		fault_hint(fault, "run it as root (sudo), or mount it: mount -t bpf bpf " BPFFS);
		return r;
	}
	if (r < 0)
		return fault_set(fault, r, EXIT_REFUSED, "cannot mount bpffs on " BPFFS ": %s",
				 strerror(-r));
	snprintf(path, sizeof(path), "/proc/%d/root" BPFFS, pid);
	fd = open_bpffs(path);
	if (fd < 0)
		return fault_set(fault, fd, EXIT_REFUSED, "bpffs is not on " BPFFS " after mounting it");
	*ret_fd = fd;
	return 0;
}

/*
 * Root's, and with the sticky bit if others may write there: then nobody can move our directory
 * away.
 */
static int check_root(int fd, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid && st.st_uid != geteuid())
		return fault_set(fault, -EPERM, EXIT_UNSAFE,
				 BPFFS " belongs to uid %u, not to root", st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX))
		return fault_set(fault, -EPERM, EXIT_UNSAFE,
				 BPFFS " can be written to by everyone and has no sticky bit");
	return 0;
}

int bpffs_open(bool mount, int *ret_fd, struct fault *fault)
{
	autoclose int fd = open_bpffs(BPFFS);
	int r;

	if (fd < 0)
		fd = ancestor_bpffs();
	if (fd < 0 && !mount)
		return -ENOENT;
	if (fd < 0) {
		r = mount_bpffs(&fd, fault);
		if (r < 0)
			return r;
	}
	r = check_root(fd, fault);
	if (!r)
		*ret_fd = take_fd(fd);
	return r;
}
