/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* field_tally.h - how many packets each field of the rule language has been tried with. */
#ifndef NETCTL_TESTS_FIELD_TALLY_H
#define NETCTL_TESTS_FIELD_TALLY_H

#include "../../bpf/parse/packet.h"
#include "../../ctl/rules/ruleset.h"

_Static_assert(FIELDS <= 32, "a set of fields is one word: 1 << enum field");

struct field_tally {
	struct field_count {
		uint64_t headers; /* that have one, judged by a list with a rule on it */
		uint64_t edges;	  /* of those, at an edge of one of its values */
		uint64_t differences; /* of such lists: all fields of one share them */
	} of[FIELDS];
	uint32_t asked; /* fields that the list in force looks at */
};

/* Those of the list are counted from now on. */
void field_tally_rules(struct field_tally *tally, const struct ruleset *rules);
/* A packet was judged; it is at an edge of these fields. */
void field_tally_packet(struct field_tally *tally, const struct packet *packet, uint32_t edges);
void field_tally_differences(struct field_tally *tally, uint64_t differences);

/* Add to what several processes share. */
void field_tally_add(struct field_tally *to, const struct field_tally *from);
/* A line for each field that was tried. */
void field_tally_print(const struct field_tally *tally);

#endif
