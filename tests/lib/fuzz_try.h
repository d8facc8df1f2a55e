/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz_try.h - what the fuzz targets share; for fuzz_*.c alone. */
#ifndef NETCTL_TESTS_FUZZ_TRY_H
#define NETCTL_TESTS_FUZZ_TRY_H

#include "../../ctl/base/util.h"
#include "fuzz_targets.h"

/* Of a fault that is of no interest. */
void fault_done(struct fault *fault);
/* Says what is wrong, and aborts. */
void wrong(const char *what, const char *text, const char *again);

void try_ruleset(const struct corpus *corpus, struct prng *prng);
void try_blob(const struct corpus *corpus, struct prng *prng);

#endif
