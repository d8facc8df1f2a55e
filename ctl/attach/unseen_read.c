/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* unseen_read.c - reads devices and TC egress as of one instant, and takes the baselines. */
#include <errno.h>

#include "../base/iface.h"
#include "unseen.h"

#define QUIET_TRIES 20 /* to read a device while nothing is sent */

/* The devices between two readings of our counters. */
static int read_all(const struct frames_view *view, struct unseen_reading *list, size_t count)
{
	autofree struct device *devices = calloc(count + 1, sizeof(*devices));
	int r;

	if (!devices)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		devices[i].index = list[i].device.index;
		list[i].before = frames_read(view, devices[i].index, false);
	}
	r = devices_read(devices, count);
	for (size_t i = 0; i < count; i++) {
		list[i].after = frames_read(view, devices[i].index, true);
		list[i].device = devices[i];
	}
	return r;
}

static void read_offload(struct unseen_reading *reading)
{
	struct iface iface;

	if (iface_by_index(reading->device.index, &iface))
		return;
	device_driver(iface.name, reading->driver);
	reading->offload = device_offload(iface.name);
}

int unseen_read(const struct store *store, const struct attached *const *attached,
		const bool *behind, size_t count, struct unseen_frames *ret)
{
	autofree struct unseen_reading *list = calloc(count + 1, sizeof(*list));
	struct frames_view view;
	int r = list ? frames_open(store, &view) : -ENOMEM;

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		list[i].device.index = attached[i]->ifindex;
		list[i].behind = behind[i];
		read_offload(&list[i]);
	}
	r = read_all(&view, list, count);
	for (size_t i = 0; i < count && !r; i++)
		unseen_compare(attached[i], &list[i], &ret[i]);
	view_close(&view.totals);
	return r;
}

static bool is_quiet(const struct unseen_reading *reading)
{
	const struct device *device = &reading->device;

	return reading->before.packets == reading->after.packets &&
	       reading->before.extra == reading->after.extra &&
	       device->before.lost == device->after.lost &&
	       device->before.queued == device->after.queued;
}

/* Under traffic the fewest frames that had been seen by then: what is sent meanwhile is never said to be unseen. */
static void set_baseline(struct attached *attached, const struct unseen_reading *reading)
{
	attached->baseline = (struct baseline){
		.sent = reading->device.sent,
		.lost = reading->device.before.lost,
		.errors = reading->device.errors,
		.packets = reading->before.packets - reading->device.before.queued,
		.extra = reading->before.extra,
	};
	attached->offload = reading->offload;
	attached->has_baseline = reading->device.found;
}

/* Whether the attachment needs a baseline; *renewed counts those it had before. */
static bool is_wanted(const struct attached *attached, const struct unseen_reading *now,
		      const uint32_t *ifindexes, size_t count, size_t *renewed)
{
	if (!attached->has_baseline)
		return true;
	for (size_t i = 0; i < count; i++)
		if (ifindexes[i] == attached->ifindex &&
		    (unseen_went_back(attached, &now->device) || now->offload != attached->offload)) {
			++*renewed;
			return true;
		}
	return false;
}

/* One after the other is set as it is found quiet; the last try takes all. */
static int take_baselines(const struct frames_view *view, struct attached **attached,
			  struct unseen_reading *list, size_t count)
{
	int r = 0;

	for (int try = 0; try < QUIET_TRIES && count && !r; try++) {
		size_t left = 0;

		r = read_all(view, list, count);
		for (size_t i = 0; i < count && !r; i++) {
			if (is_quiet(&list[i]) || try == QUIET_TRIES - 1) {
				set_baseline(attached[i], &list[i]);
				continue;
			}
			attached[left] = attached[i];
			list[left++] = list[i];
		}
		count = left;
	}
	return r;
}

/* The attachments that need one first, in both lists; how many. */
static size_t choose(struct attached **attached, struct unseen_reading *list, size_t count,
		     const uint32_t *ifindexes, size_t asked, size_t *renewed)
{
	size_t wanted = 0;

	for (size_t i = 0; i < count; i++) {
		read_offload(&list[i]);
		if (!is_wanted(attached[i], &list[i], ifindexes, asked, renewed))
			continue;
		attached[wanted] = attached[i];
		list[wanted++] = list[i];
	}
	return wanted;
}

int unseen_begin(struct store *store, const uint32_t *ifindexes, size_t count, size_t *renewed)
{
	struct meta *meta = &store->meta;
	autofree struct unseen_reading *list = calloc(meta->attached_count + 1, sizeof(*list));
	autofree struct attached **attached = calloc(meta->attached_count + 1, sizeof(*attached));
	struct frames_view view;
	size_t all = 0, wanted;
	int r = list && attached ? frames_open(store, &view) : -ENOMEM;

	*renewed = 0;
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < meta->attached_count; i++) {
		if (meta->attached[i].hook != HOOK_TC)
			continue;
		list[all].device.index = meta->attached[i].ifindex;
		attached[all++] = &meta->attached[i];
	}
	r = read_all(&view, list, all);
	wanted = r ? 0 : choose(attached, list, all, ifindexes, count, renewed);
	if (!r)
		r = take_baselines(&view, attached, list, wanted);
	view_close(&view.totals);
	return !r && wanted ? store_write_meta(store) : r;
}
