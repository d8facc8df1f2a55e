/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* import_change.h - what rules change of packets: later rules see that, and the hooks of netctl in front of them do not. */
#ifndef NETCTL_IMPORT_CHANGE_H
#define NETCTL_IMPORT_CHANGE_H

#include "import_chain.h"

/* A rule changes the field of packets that one of the hooks (ON_...) has seen before. */
void import_change(struct import *import, unsigned int hooks, enum field field);
/* The same of a target of iptables; NULL: any. */
void import_change_target(struct import *import, unsigned int hooks, const char *target);
/* The same of a rule of an iptables chain. */
void import_change_rule(struct import *import, const char *chain, const struct import_words *words);

/* Why a mark cannot be looked at where packets are received. */
#define IMPORT_NO_MARK "a packet gets its mark behind hook xdp"

/* Why a rule sees what the hook cannot; NULL: it does not. To be asked once all changes are known. */
const char *import_unseen(const struct import *import, enum hook_id hook, const struct rule *rule);

#endif
