/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* statedir_lock.c - waits for the lock on a directory, and tells who holds it when that takes long. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "statedir.h"

#define POLL_US 2000
#define POLLS_A_SECOND (1000000 / POLL_US)
#define PATIENCE 60 /* seconds; netctl.8 says so */

/* 0 when it cannot be told: we may not see its process. */
static int holder(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	unsigned int major, minor;
	unsigned long long inode;
	struct stat st;
	char line[128];
	int pid, found = 0;

	if (!locks)
		return 0;
	while (!found && !fstat(fd, &st) && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*u: FLOCK %*s %*s %d %x:%x:%llu", &pid, &major, &minor,
			   &inode) == 4 &&
		    makedev(major, minor) == st.st_dev && inode == st.st_ino)
			found = pid;
	fclose(locks);
	return found;
}

/* "process 123 (netctl apply -)" */
static const char *holder_text(int fd, char *buf, size_t size)
{
	char path[32], words[80];
	int pid = holder(fd);
	FILE *file;
	size_t len;

	snprintf(buf, size, pid ? "process %d" : "another process", pid);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	file = pid ? fopen(path, "re") : NULL;
	if (!file)
		return buf;
	len = fread(words, 1, sizeof(words), file);
	fclose(file);
	for (size_t i = 0; i < len; i++)
		if (!words[i])
			words[i] = ' ';
	while (len && words[len - 1] == ' ')
		len--;
	if (len)
		snprintf(buf, size, "process %d (%.*s)", pid, (int)len, words);
	return buf;
}

int lock_take(int fd, struct fault *fault)
{
	char buf[128];

	for (int polls = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; polls++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (polls == POLLS_A_SECOND)
			note("waiting for the lock that %s holds",
			     holder_text(fd, buf, sizeof(buf)));
		if (polls == PATIENCE * POLLS_A_SECOND) {
			fault_set(fault, -ETIMEDOUT, EXIT_REFUSED,
				  "%s has held the lock for %d seconds",
				  holder_text(fd, buf, sizeof(buf)), PATIENCE);
			fault_hint(fault, "when it hangs, end it and try again");
			return -ETIMEDOUT;
		}
		usleep(POLL_US);
	}
	return 0;
}
