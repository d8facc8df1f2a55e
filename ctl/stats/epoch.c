/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* epoch.c - begins epochs, and waits until the packet path is past the one before. */
#include <errno.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include "../../bpf/types.h"
#include "epoch.h"

#define LOCK_NAP_NS 1000000
#define LOCK_TRIES 1000 /* a reader needs some ten milliseconds; one that was stopped is not waited for */
#define HOLD_MS 500	/* what we hold is let go after that, should we be killed */
#define NO_BARRIER_NS 100000000

static void nap(long ns)
{
	const struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

/*
 * Every packet that was on its way has left the programs then: they run within RCU's read side, and this waits for
 * a grace period. It is refused on machines with CPUs without ticks (nohz_full).
 */
static void wait_for_packets(const struct epoch *epoch)
{
	if (!epoch->at_rest && syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		nap(NO_BARRIER_NS);
}

static bool take_turn(int lock)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (!flock(lock, LOCK_EX | LOCK_NB))
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		nap(LOCK_NAP_NS);
	}
	return false;
}

void epoch_open(int control_map, int lock, const struct clock *clock, bool at_rest,
		struct epoch *ret)
{
	*ret = (struct epoch){ .lock = lock, .at_rest = at_rest };
	if (control_map < 0 || view_open(control_map, sizeof(struct control), true, &ret->view) < 0)
		return;
	ret->control = ret->view.at;
	if (clock)
		ret->clock = *clock;
	ret->locked = lock >= 0 && take_turn(lock);
}

void epoch_close(struct epoch *epoch)
{
	if (epoch->held && epoch_lasts(epoch))
		__atomic_store_n(&epoch->control->hold_until, 0, __ATOMIC_RELEASE);
	if (epoch->locked)
		flock(epoch->lock, LOCK_UN);
	view_close(&epoch->view);
	epoch->control = NULL;
}

bool epoch_hold(struct epoch *epoch)
{
	struct instant now;

	if (!epoch->clock.tick_ns)
		return false;
	clock_now(&epoch->clock, &now);
	__atomic_store_n(&epoch->control->hold_until,
			 now.jiffies + HOLD_MS * 1000000ULL / now.tick_ns + 1, __ATOMIC_RELEASE);
	epoch->held = true;
	wait_for_packets(epoch);
	return true;
}

unsigned int epoch_settle(struct epoch *epoch)
{
	uint32_t now = __atomic_load_n(&epoch->control->epoch, __ATOMIC_ACQUIRE) & EPOCH_MASK;

	/* Begun by a reader that was killed while it waited. */
	if (__atomic_load_n(&epoch->control->settled, __ATOMIC_ACQUIRE) != now) {
		wait_for_packets(epoch);
		__atomic_store_n(&epoch->control->settled, now, __ATOMIC_RELEASE);
	}
	epoch->current = now;
	return !EPOCH_HALF(now);
}

void epoch_begin(struct epoch *epoch)
{
	struct timespec now;

	uint32_t seen = __atomic_load_n(&epoch->control->epoch, __ATOMIC_ACQUIRE), next;

	clock_gettime(CLOCK_REALTIME, &now);
	epoch->begun = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	do /* the packet path may change what is above, a reader that has not waited the epoch */
		next = (seen & ~EPOCH_MASK) | ((seen + 1) & EPOCH_MASK);
	while (!__atomic_compare_exchange_n(&epoch->control->epoch, &seen, next, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE));
	epoch->overtaken = (seen & EPOCH_MASK) != epoch->current;
	epoch->current = next & EPOCH_MASK;
	wait_for_packets(epoch);
	__atomic_store_n(&epoch->control->settled, epoch->current, __ATOMIC_RELEASE);
}

bool epoch_lasts(const struct epoch *epoch)
{
	return !epoch->overtaken &&
	       (__atomic_load_n(&epoch->control->epoch, __ATOMIC_ACQUIRE) & EPOCH_MASK) ==
		       epoch->current;
}
