/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* unseen.c - compares what devices have sent with what TC egress saw pass. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/driver.h"
#include "unseen.h"

/* What this device has counted of super-packets since the baseline. */
static enum driver_counts device_counts(const struct attached *attached, const struct unseen_reading *now)
{
	enum driver_counts counts = driver_of(now->driver)->counts;

	if (counts == COUNTS_SEGMENTS || counts == COUNTS_PORTS)
		return counts;
	if (now->offload != attached->offload || now->device.cuts)
		return COUNTS_UNKNOWN;
	if (now->offload == OFFLOAD_NONE) /* cut before they came to it */
		return COUNTS_SEGMENTS;
	return now->offload == OFFLOAD_ALL ? counts : COUNTS_UNKNOWN;
}

__attribute__((format(printf, 2, 3))) static void unknown(struct unseen_frames *ret, const char *format,
							  ...)
{
	va_list args;

	ret->known = false;
	va_start(args, format);
	vsnprintf(ret->why, sizeof(ret->why), format, args);
	va_end(args);
}

bool unseen_went_back(const struct attached *attached, const struct device *device)
{
	const struct baseline *base = &attached->baseline;

	return device->sent < base->sent || device->after.lost < base->lost ||
	       device->errors < base->errors;
}

/* Why nothing can be compared, whatever was sent. */
static bool comparable(const struct attached *attached, const struct unseen_reading *now,
		       struct unseen_frames *ret)
{
	const struct baseline *base = &attached->baseline;

	if (!attached->has_baseline)
		unknown(ret, "no count to begin with: 'netctl attach' again takes one");
	else if (!now->device.found)
		unknown(ret, "the device has no counters");
	else if (!now->before.apart || !now->after.apart)
		unknown(ret, "it has no counters of its own: (other) in totals");
	else if (unseen_went_back(attached, &now->device))
		unknown(ret, "the device's counters began anew, as its driver does after a reset: "
			     "'netctl attach' again begins with them");
	else if (now->behind)
		unknown(ret, "programs after netctl at TC egress may drop");
	else if (now->device.errors != base->errors)
		unknown(ret, "the device had errors in sending");
	else if (driver_of(now->driver)->counts == COUNTS_PORTS)
		unknown(ret, "it counts what its ports send by themselves, too");
	else
		return true;
	return false;
}

/* Frames that came to the device or were lost before it, less those that TC egress has seen: at least, and at most. */
struct range {
	int64_t least, most;
};

static void take(const struct range *range, struct unseen_frames *ret)
{
	if (range->most < 0) {
		unknown(ret, "the device has counted %" PRId64 " fewer than passed here", -range->most);
		return;
	}
	ret->known = true;
	ret->frames = (uint64_t)MAX(range->least, 0);
}

void unseen_compare(const struct attached *attached, const struct unseen_reading *now,
		    struct unseen_frames *ret)
{
	const struct baseline *base = &attached->baseline;
	const struct unsent *before = &now->device.before, *after = &now->device.after;
	const uint64_t sent = now->device.sent - base->sent - base->lost;
	const uint64_t extra = now->after.extra - base->extra;
	const struct range segments = {
		.least = (int64_t)(sent + after->lost + after->queued -
				   (now->after.packets - base->packets)),
		.most = (int64_t)(sent + before->lost + before->queued -
				  (now->before.packets - base->packets)),
	};
	const struct range frames = {
		.least = segments.least + (int64_t)extra,
		.most = segments.most + (int64_t)(now->before.extra - base->extra),
	};
	enum driver_counts counts = device_counts(attached, now);

	*ret = (struct unseen_frames){};
	if (!comparable(attached, now, ret))
		return;
	/* However super-packets are counted, none is more than its segments and none less than one. */
	if (!extra || counts == COUNTS_ONE || frames.least <= 0)
		take(&frames, ret);
	else if (counts == COUNTS_SEGMENTS && after->lost == base->lost && !after->queued)
		take(&segments, ret);
	else
		unknown(ret, "%s; at most %" PRId64,
			counts == COUNTS_SEGMENTS ? "super-packets were dropped, or wait in the qdisc" :
			now->offload != attached->offload ?
						    "its offloads have changed: 'netctl attach' again begins anew" :
						    "it is not known how the device counts super-packets",
			frames.least);
}
