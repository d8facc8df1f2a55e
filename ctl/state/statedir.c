/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* statedir.c - directories in bpffs: who owns them, the lock, walking and removing them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/privilege.h"
#include "statedir.h"

#define NETCTL_DIR "netctl"
#define SHOWN_DIR "/sys/fs/bpf/" NETCTL_DIR
#define LOCK_TRIES 1000 /* each one means that another command removed the directory meanwhile */

/* Write permission on a pinned link is enough to detach it, on a directory to replace a pin. */
static int check_owner(int fd, const char *shown, struct fault *fault)
{
	const struct passwd *owner;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid && st.st_uid != geteuid()) {
		owner = getpwuid(st.st_uid);
		fault_set(fault, -EPERM, EXIT_UNSAFE, "%s belongs to user %s (uid %u), not to root",
			  shown, owner ? owner->pw_name : "?", st.st_uid);
	} else if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		fault_set(fault, -EPERM, EXIT_UNSAFE,
			  "%s can be written to by others than its owner (mode %04o)", shown,
			  st.st_mode & 07777);
	} else {
		return 0;
	}
	fault_hint(fault,
		   "what is pinned there cannot be trusted: see what it is, remove it, try again");
	return -EPERM;
}

int statedir_open(int parent, const char *name, bool create, const char *shown, int *ret_fd,
		  struct fault *fault)
{
	autoclose int fd = -1;
	int r = 0;

	if (create && mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (!r) {
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = fd < 0 ? -errno : check_owner(fd, shown, fault);
	}
	if (r == -EROFS)
		return fault_set(fault, r, EXIT_REFUSED, "%s: bpffs is mounted read-only", shown);
	if (r == -ENOTDIR || r == -ELOOP)
		return fault_set(fault, -EPERM, EXIT_UNSAFE, "%s is not a directory", shown);
	if (fd < 0 && (r == -EPERM || r == -EACCES))
		return privilege_fault(fault, r,
				       create ? "making the state directory"
					      : "opening the state directory");
	if (!r)
		*ret_fd = take_fd(fd);
	return r;
}

/* Is that directory still at its path? The last detach removes it under its lock. */
static bool still_there(int parent, const char *name, int fd)
{
	struct stat here, there;

	return !fstat(fd, &here) && !fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/* One try; -EAGAIN when a directory was removed on the way. */
static int try_enter(int bpffs, const char *name, bool create, bool locked, int ret[2],
		     struct fault *fault)
{
	autoclose int root = -1;
	autoclose int dir = -1;
	char shown[96];
	int r;

	r = statedir_open(bpffs, NETCTL_DIR, create, SHOWN_DIR, &root, fault);
	if (r < 0)
		return r == -ENOENT && create ? -EAGAIN : r;
	snprintf(shown, sizeof(shown), SHOWN_DIR "/%s", name);
	r = statedir_open(root, name, create, shown, &dir, fault);
	if (r < 0)
		return r == -ENOENT && create ? -EAGAIN : r;
	if (locked) {
		r = lock_take(dir, fault);
		if (r < 0)
			return r;
		if (!still_there(bpffs, NETCTL_DIR, root) || !still_there(root, name, dir))
			return -EAGAIN;
	}
	ret[0] = take_fd(root);
	ret[1] = take_fd(dir);
	return 0;
}

int statedir_enter(int bpffs, const char *name, bool create, bool locked, int ret[2],
		   struct fault *fault)
{
	int r = -EAGAIN;

	for (int i = 0; i < LOCK_TRIES && r == -EAGAIN; i++)
		r = try_enter(bpffs, name, create, locked, ret, fault);
	return r;
}

int statedir_each(int dir, int (*each)(int dir, const char *name, void *data), void *data)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *stream;
	int r = 0;

	if (copy < 0)
		return -errno;
	stream = fdopendir(copy);
	if (!stream) {
		r = -errno;
		close(copy);
		return r;
	}
	for (errno = 0; !r && (entry = readdir(stream)); errno = 0)
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			r = each(dir, entry->d_name, data);
	if (!r)
		r = -errno; /* 0 at the end of the directory */
	closedir(stream);
	return r;
}

/* What cannot be unlinked shows when the directory itself is removed. */
static int clear_one(int dir, const char *name, void *data)
{
	if (unlinkat(dir, name, 0) < 0 && errno == EISDIR)
		unlinkat(dir, name, AT_REMOVEDIR);
	return 0;
}

int statedir_clear(int parent, const char *name)
{
	autoclose int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	r = statedir_each(dir, clear_one, NULL);
	if (r < 0)
		return r;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
