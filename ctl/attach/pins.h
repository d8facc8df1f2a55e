/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pins.h - what an attach puts into the stage, under which names. */
#ifndef NETCTL_PINS_H
#define NETCTL_PINS_H

#include "../state/hook.h"
#include "../state/load.h"
#include "../state/stage.h"

/* Of a namespace without state: the maps all hooks share. */
int pin_shared(const struct stage *stage, const int shared[SHARED_MAP_COUNT], struct fault *fault);
/* Of a hook whose maps were made now. */
int pin_maps(const struct stage *stage, const struct loaded *loaded, struct fault *fault);
/* Of those (1 << enum program_id) that are loaded. */
int pin_programs(const struct stage *stage, const struct loaded *loaded, unsigned int programs,
		 struct fault *fault);
int pin_links(const struct stage *stage, enum hook_id hook, uint32_t ifindex,
	      const int links[HOOK_LINKS], struct fault *fault);

#endif
